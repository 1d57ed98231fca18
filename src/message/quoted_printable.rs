//! Quoted-printable (RFC 2045 section 6.7), one run of text at a time.
//!
//! The output of each run starts and ends at a line boundary; a soft line break is added if the text does not end with
//! a newline. So the runs that all messages of an edition share are encoded once, independently of the values between
//! them.
//!
//! No encoded line begins with a dot, which SMTP would double, or with `From `. Programs that store messages in mbox
//! files (mutt, many relays) put a `>` before such a line, which is visible and breaks a DKIM signature (RFC 4155
//! section 2, RFC 2049 section 3).

/// The longest encoded line, in octets, without the `=` of a soft line break.
const FULL: usize = 75;

const SOFT_BREAK: &[u8] = b"=\r\n";

/// Appends `text`, whose lines end in `\n`, to `out`.
pub(super) fn encode(text: &str, out: &mut Vec<u8>) {
    for line in text.split_inclusive('\n') {
        match line.strip_suffix('\n') {
            Some(words) => {
                encode_line(words.trim_end_matches('\r'), true, out);
                out.extend_from_slice(b"\r\n");
            }
            None if line.is_empty() => {}
            None => {
                encode_line(line, false, out);
                out.extend_from_slice(SOFT_BREAK);
            }
        }
    }
}

fn encode_line(line: &str, is_whole: bool, out: &mut Vec<u8>) {
    if needs_no_encoding(line) {
        return out.extend_from_slice(line.as_bytes());
    }
    let mut column = 0;
    for (at, byte) in line.bytes().enumerate() {
        // Relays remove white space at the end of a line.
        let is_last = is_whole && at + 1 == line.len();
        let mut is_plain = is_plain(byte, is_last);
        if column + if is_plain { 1 } else { 3 } > FULL {
            out.extend_from_slice(SOFT_BREAK);
            column = 0;
        }
        is_plain &= column > 0 || !is_unsafe_at_head(&line.as_bytes()[at..]);
        if is_plain {
            out.push(byte);
            column += 1;
        } else {
            out.extend([b'=', hex(byte >> 4), hex(byte & 15)]);
            column += 3;
        }
    }
}

/// Whether a line needs no encoding, like most names and links.
fn needs_no_encoding(line: &str) -> bool {
    line.len() <= FULL
        && line.bytes().all(|byte| is_plain(byte, false))
        && !line.ends_with([' ', '\t'])
        && !is_unsafe_at_head(line.as_bytes())
}

fn is_plain(byte: u8, is_last: bool) -> bool {
    match byte {
        b'=' => false,
        b' ' | b'\t' => !is_last,
        _ => byte.is_ascii_graphic(),
    }
}

/// Whether a line must not begin with `rest`.
fn is_unsafe_at_head(rest: &[u8]) -> bool {
    rest.starts_with(b".") || rest.starts_with(b"From ")
}

/// A hexadecimal digit in upper case (RFC 2045 section 6.7).
fn hex(digit: u8) -> u8 {
    b"0123456789ABCDEF"[usize::from(digit)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(runs: &[&str]) -> String {
        let mut out = Vec::new();
        for run in runs {
            encode(run, &mut out);
        }
        String::from_utf8(out).expect("ASCII")
    }

    #[test]
    fn encoded_runs_join_to_one_text() {
        assert_eq!(
            encoded(&["Dear ", "Zoë", ",\n"]),
            "Dear =\r\nZo=C3=AB=\r\n,\r\n"
        );
        assert_eq!(encoded(&["a=b \n", "", "\n"]), "a=3Db=20\r\n\r\n");
    }

    #[test]
    fn no_line_begins_with_a_dot_or_from() {
        let text = encoded(&[".a\n..\nFrom me\nFromage\n", ".b"]);
        assert_eq!(text, "=2Ea\r\n=2E.\r\n=46rom me\r\nFromage\r\n=2Eb=\r\n");
        let long = format!("{}.{}", "x".repeat(FULL), "From ".repeat(40));
        let text = encoded(&[&long]);
        assert!(text.lines().all(|line| line.len() <= 76), "{text}");
        assert!(text.lines().all(|line| !line.starts_with(['.'])), "{text}");
        assert!(
            text.lines().all(|line| !line.starts_with("From ")),
            "{text}"
        );
    }
}
