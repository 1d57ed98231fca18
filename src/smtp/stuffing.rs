//! A message as it goes over the wire: lines end in CRLF, a dot at a line's head is doubled, a lone dot ends
//! it (RFC 5321 section 4.5.2).

/// `message` with its end. A bare CR or LF, with which other programs have been led to see an end where there
/// was none, becomes a whole line end.
pub fn stuffed(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + message.len() / 64 + 8);
    let mut is_head = true;
    let mut rest = message;
    while !rest.is_empty() {
        if is_head && rest[0] == b'.' {
            out.push(b'.');
        }
        let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        let Some(end) = end else {
            out.extend_from_slice(rest);
            is_head = false;
            break;
        };
        out.extend_from_slice(&rest[..end]);
        out.extend_from_slice(b"\r\n");
        let ending = if rest[end..].starts_with(b"\r\n") {
            2
        } else {
            1
        };
        rest = &rest[end + ending..];
        is_head = true;
    }
    if !is_head {
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b".\r\n");
    out
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
            let found = stuffed(message.as_bytes());
            assert_eq!(String::from_utf8_lossy(&found), wire);
        }
    }

    #[test]
    fn taking_the_dots_out_again_gives_the_message() {
        let message = b"..\r\n.x\r\n\r\n...\r\ny.\r\n";
        let wire = stuffed(message);
        let body = wire.strip_suffix(b".\r\n").expect("an end");
        let lines = body.split_inclusive(|byte| *byte == b'\n');
        let back: Vec<u8> = lines
            .flat_map(|line| line.strip_prefix(b".").unwrap_or(line).to_vec())
            .collect();
        assert_eq!(back, message);
    }
}
