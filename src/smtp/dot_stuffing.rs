//! Dot-stuffing (RFC 5321 section 4.5.2): lines end in CRLF, a leading dot is doubled, and a line with a single
//! dot ends the message.

/// A piece of a message, and whether it needs any insertion.
#[derive(Debug, Clone, Copy)]
pub struct Stretch<'a> {
    bytes: &'a [u8],
    is_plain: bool,
}

impl<'a> From<&'a [u8]> for Stretch<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        let is_plain = false;
        Self { bytes, is_plain }
    }
}

impl<'a> Stretch<'a> {
    /// A piece whose [`is_plain`] result is already known.
    pub fn known(bytes: &'a [u8], is_plain: bool) -> Self {
        Self { bytes, is_plain }
    }
}

/// Whether nothing has to be inserted between the bytes of `piece`. A piece that ten thousand messages share is scanned
/// once: scanning it for each message took a fifth of the sender's CPU time.
pub fn is_plain(piece: &[u8]) -> bool {
    let mut positions = positions(piece).filter(|at| *at > 0);
    positions.all(|at| missing_between(piece[at - 1], piece[at]).is_empty())
}

/// The dot-stuffed message made of `pieces`, with the final dot, as slices to write in order. Nothing is copied,
/// because most pieces are the same in every message.
///
/// A bare CR or LF becomes CRLF: servers that accept one as a line end are open to SMTP smuggling.
pub fn stuffed<'a, P: Into<Stretch<'a>>>(pieces: impl IntoIterator<Item = P>) -> Vec<&'a [u8]> {
    let mut slices = Vec::new();
    let mut last = b'\n';
    for piece in pieces {
        let piece = piece.into();
        stuff(piece, last, &mut slices);
        last = piece.bytes.last().copied().unwrap_or(last);
    }
    slices.push(match last {
        b'\n' => b".\r\n",
        b'\r' => b"\n.\r\n",
        _ => b"\r\n.\r\n",
    });
    slices
}

/// Appends the slices of one piece; `last` is the byte before it.
fn stuff<'a>(piece: Stretch<'a>, last: u8, slices: &mut Vec<&'a [u8]>) {
    let Stretch { bytes, is_plain } = piece;
    let within = if is_plain {
        &bytes[..bytes.len().min(1)]
    } else {
        bytes
    };
    let mut begin = 0;
    for at in positions(within) {
        let before = if at == 0 { last } else { bytes[at - 1] };
        let missing = missing_between(before, bytes[at]);
        if !missing.is_empty() {
            slices.extend([&bytes[begin..at], missing]);
            begin = at;
        }
    }
    slices.push(&bytes[begin..]);
}

/// The positions in a piece where an insertion may be needed, in order: its start, each line end, and the byte after it.
fn positions(piece: &[u8]) -> impl Iterator<Item = usize> {
    let ends = memchr::memchr2_iter(b'\r', b'\n', piece);
    let positions = std::iter::once(0).chain(ends.flat_map(|at| [at, at + 1]));
    let mut next = 0;
    positions.filter(move |at| {
        let is_new = (next..piece.len()).contains(at);
        next = next.max(at + 1);
        is_new
    })
}

/// The bytes to insert between `before` and `byte`.
fn missing_between(before: u8, byte: u8) -> &'static [u8] {
    match (before, byte) {
        (b'\r', b'\n') => b"",
        (b'\r', b'.') => b"\n.",
        (b'\r', _) => b"\n",
        (_, b'\n') => b"\r",
        (b'\n', b'.') => b".",
        _ => b"",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_final_dot_ends_the_message() {
        for (message, wire) in [
            ("a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n"),
            (".a", "..a\r\n.\r\n"),
            ("a\n.\nb\r.\rc", "a\r\n..\r\nb\r\n..\r\nc\r\n.\r\n"),
            ("a\r\n\r\n.b\r\n", "a\r\n\r\n..b\r\n.\r\n"),
            ("", ".\r\n"),
        ] {
            for cut in 0..=message.len() {
                let (before, after) = message.as_bytes().split_at(cut);
                let found = stuffed([before, after]).concat();
                assert_eq!(String::from_utf8_lossy(&found), wire, "cut at {cut}");
                let known = [before, after].map(|piece| Stretch::known(piece, is_plain(piece)));
                assert_eq!(stuffed(known).concat(), found, "cut at {cut}");
            }
        }
    }

    #[test]
    fn unstuffing_restores_the_message() {
        let message = b"..\r\n.x\r\n\r\n...\r\ny.\r\n";
        let wire = stuffed([message.as_slice()]).concat();
        let body = wire.strip_suffix(b".\r\n").expect("a final dot");
        let lines = body.split_inclusive(|byte| *byte == b'\n');
        let back: Vec<u8> = lines
            .flat_map(|line| line.strip_prefix(b".").unwrap_or(line).to_vec())
            .collect();
        assert_eq!(back, message);
    }
}
