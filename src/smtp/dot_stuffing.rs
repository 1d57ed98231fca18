//! A message as it goes over the wire: lines end in CRLF, a dot at a line's head is doubled, a lone dot ends
//! it (RFC 5321 section 4.5.2).

/// A piece of a message.
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
    /// One of which [`is_plain`] has been asked before.
    pub fn known(bytes: &'a [u8], is_plain: bool) -> Self {
        Self { bytes, is_plain }
    }
}

/// Whether nothing has to be put between two bytes of a piece. Of one that is in ten thousand letters it is asked
/// once: to look through it each time took a fifth of a sender's work.
pub fn is_plain(piece: &[u8]) -> bool {
    let mut places = places(piece).filter(|at| *at > 0);
    places.all(|at| missing_between(piece[at - 1], piece[at]).is_empty())
}

/// The message of `pieces` with its end, as slices to be written one after the other. Nothing is copied:
/// most pieces are the same in every letter.
///
/// A bare CR or LF, with which other programs have been led to see an end where there was none, becomes a
/// whole line end.
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

/// One piece; `last` is the byte before it.
fn stuff<'a>(piece: Stretch<'a>, last: u8, slices: &mut Vec<&'a [u8]>) {
    let Stretch { bytes, is_plain } = piece;
    let within = if is_plain {
        &bytes[..bytes.len().min(1)]
    } else {
        bytes
    };
    let mut begin = 0;
    for at in places(within) {
        let before = if at == 0 { last } else { bytes[at - 1] };
        let missing = missing_between(before, bytes[at]);
        if !missing.is_empty() {
            slices.extend([&bytes[begin..at], missing]);
            begin = at;
        }
    }
    slices.push(&bytes[begin..]);
}

/// Where in a piece something may be missing, in order: at its head, at a line's end and behind it.
fn places(piece: &[u8]) -> impl Iterator<Item = usize> {
    let ends = memchr::memchr2_iter(b'\r', b'\n', piece);
    let places = std::iter::once(0).chain(ends.flat_map(|at| [at, at + 1]));
    let mut next = 0;
    places.filter(move |at| {
        let is_new = (next..piece.len()).contains(at);
        next = next.max(at + 1);
        is_new
    })
}

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
    fn only_the_end_looks_like_the_end() {
        for (message, wire) in [
            ("a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n"),
            (".a", "..a\r\n.\r\n"),
            ("a\n.\nb\r.\rc", "a\r\n..\r\nb\r\n..\r\nc\r\n.\r\n"),
            ("a\r\n\r\n.b\r\n", "a\r\n\r\n..b\r\n.\r\n"),
            ("", ".\r\n"),
        ] {
            for cut in 0..=message.len() {
                let (before, behind) = message.as_bytes().split_at(cut);
                let found = stuffed([before, behind]).concat();
                assert_eq!(String::from_utf8_lossy(&found), wire, "cut at {cut}");
                let known = [before, behind].map(|piece| Stretch::known(piece, is_plain(piece)));
                assert_eq!(stuffed(known).concat(), found, "cut at {cut}");
            }
        }
    }

    #[test]
    fn taking_the_dots_out_again_gives_the_message() {
        let message = b"..\r\n.x\r\n\r\n...\r\ny.\r\n";
        let wire = stuffed([message.as_slice()]).concat();
        let body = wire.strip_suffix(b".\r\n").expect("an end");
        let lines = body.split_inclusive(|byte| *byte == b'\n');
        let back: Vec<u8> = lines
            .flat_map(|line| line.strip_prefix(b".").unwrap_or(line).to_vec())
            .collect();
        assert_eq!(back, message);
    }
}
