//! Dot-stuffing of arbitrary messages in arbitrary pieces: the bytes on the wire do not depend on the pieces, they
//! have exactly one end, and the receiver gets the message with its bare CRs and LFs as line breaks.
#![no_main]

use franking::smtp::stuffed;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((sizes, message)) = data.split_first_chunk::<4>() else {
        return;
    };
    let wire = stuffed(cut(message, sizes)).concat();
    assert_eq!(
        wire,
        stuffed([message]).concat(),
        "the pieces change the bytes"
    );
    let (arrived, rest) = received(&wire);
    assert!(rest.is_empty(), "it ends before {rest:?}");
    assert_eq!(arrived, whole_lines(message));
});

/// Cuts the message into pieces of these sizes in turn; a size may be 0.
fn cut<'a>(mut message: &'a [u8], sizes: &[u8; 4]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    // If all sizes are 0, the last piece is the whole message.
    for size in sizes.iter().cycle().take(4 * message.len()) {
        let (piece, rest) = message.split_at(usize::from(*size).min(message.len()));
        pieces.push(piece);
        message = rest;
    }
    pieces.push(message);
    pieces
}

/// What a server reads from the wire, and what follows the end (RFC 5321 section 4.5.2). No line contains a bare CR
/// or LF, which other servers would take for an end.
fn received(wire: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut arrived = Vec::new();
    let mut rest = wire;
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n");
        let (line, after) = rest.split_at(end.expect("a whole line"));
        rest = &after[2..];
        assert!(!line.contains(&b'\r') && !line.contains(&b'\n'), "{line:?}");
        if line == b"." {
            return (arrived, rest);
        }
        arrived.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
        arrived.extend_from_slice(b"\r\n");
    }
}

/// The message in lines that end in CRLF, the last one too.
fn whole_lines(message: &[u8]) -> Vec<u8> {
    let mut lines = Vec::new();
    let mut bytes = message.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\r' => {
                bytes.next_if_eq(&b'\n');
                lines.extend_from_slice(b"\r\n");
            }
            b'\n' => lines.extend_from_slice(b"\r\n"),
            byte => lines.push(byte),
        }
    }
    if !lines.is_empty() && !lines.ends_with(b"\r\n") {
        lines.extend_from_slice(b"\r\n");
    }
    lines
}
