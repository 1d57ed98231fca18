//! The `relaxed` canonicalization of header fields and body (RFC 6376 section 3.4), under which changes of white space by
//! relays do not break a signature.
//!
//! Input lines end in CRLF.

use ring::digest::{Context, Digest, SHA256};

/// A header field, still folded, including its line end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HeaderField<'a> {
    name: &'a [u8],
    value: &'a [u8],
}

/// Splits a message into header fields and body. A line without a colon is skipped.
pub(super) fn parts(message: &[u8]) -> (Vec<HeaderField<'_>>, &[u8]) {
    let mut fields = Vec::with_capacity(24);
    let mut rest = message;
    while !rest.is_empty() {
        if let Some(body) = rest.strip_prefix(b"\r\n") {
            return (fields, body);
        }
        let (field, after) = rest.split_at(end_of_field(rest));
        if let Some(colon) = field.iter().position(|byte| *byte == b':') {
            fields.push(HeaderField {
                name: field[..colon].trim_ascii(),
                value: &field[colon + 1..],
            });
        }
        rest = after;
    }
    (fields, &[])
}

/// The offset after the field that starts at `text`: after the first line end without a continuation line.
fn end_of_field(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(end) = text[at..].iter().position(|byte| *byte == b'\n') {
        at += end + 1;
        if !text.get(at).is_some_and(|next| is_blank(*next)) {
            return at;
        }
    }
    text.len()
}

impl HeaderField<'_> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// Appends the canonical field: the name in lower case, the value unfolded, runs of white space reduced to one space
    /// and removed at both ends (section 3.4.2).
    pub(super) fn append_to(&self, data: &mut Vec<u8>) {
        data.extend(self.name.iter().map(u8::to_ascii_lowercase));
        data.push(b':');
        let is_space = |byte: &u8| byte.is_ascii_whitespace();
        let words = self.value.split(is_space).filter(|word| !word.is_empty());
        for (number, word) in words.enumerate() {
            if number > 0 {
                data.push(b' ');
            }
            data.extend_from_slice(word);
        }
    }
}

/// SHA-256 of the canonical body: runs of white space reduced to one space and removed at line ends, empty lines at the
/// end removed (section 3.4.4).
///
/// Messages contain few runs of white space. The hash is fed the slices between them, because a loop over all lines costs
/// more than the hash.
pub(super) fn body_hash(body: &[u8]) -> Digest {
    let mut hash = Context::new(&SHA256);
    let body = without_empty_end(body);
    let mut hashed = 0;
    while let Some(start) = next_run(body, hashed) {
        hash.update(&body[hashed..start]);
        let end = start + body[start..].iter().take_while(|b| is_blank(**b)).count();
        if body[end] != b'\r' {
            hash.update(b" ");
        }
        hashed = end;
    }
    hash.update(&body[hashed..]);
    if !body.is_empty() {
        hash.update(b"\r\n");
    }
    hash.finish()
}

/// The body without trailing white space and line ends.
fn without_empty_end(body: &[u8]) -> &[u8] {
    let is_word = |byte: &u8| !is_blank(*byte) && !matches!(byte, b'\r' | b'\n');
    let end = body.iter().rposition(is_word);
    &body[..end.map_or(0, |last| last + 1)]
}

/// How many bytes are scanned at once. The constant length lets the compiler vectorize the scan, and the small one keeps
/// the search within a block short.
const BLOCK: usize = 32;

/// The position of the next white space from `from` on that is not a single space within a line.
fn next_run(body: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let block = body[at..].first_chunk::<BLOCK>();
        let next = body.get(at + 1..).and_then(<[u8]>::first_chunk);
        match (block, next) {
            (Some(block), Some(next)) if !has_run(block, next) => at += BLOCK,
            _ => break,
        }
    }
    let pairs = body[at..].windows(2);
    pairs
        .take(BLOCK)
        .position(|pair| is_run(pair[0], pair[1]))
        .map(|offset| at + offset)
}

/// Whether a run starts or continues in `block`; `next` is the same block shifted by one byte.
fn has_run(block: &[u8; BLOCK], next: &[u8; BLOCK]) -> bool {
    let mut found = false;
    for (byte, next) in block.iter().zip(next) {
        found |= is_run(*byte, *next);
    }
    found
}

/// Whether `byte` is in white space that the canonicalization changes.
fn is_run(byte: u8, next: u8) -> bool {
    (byte == b'\t') | ((byte == b' ') & ((next == b' ') | (next == b'\t') | (next == b'\r')))
}

fn is_blank(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 6376 section 3.4.5.
    #[test]
    fn the_example_of_the_rfc() {
        let message = b"A: X\r\nB : Y\t\r\n\tZ  \r\n\r\n C \r\nD \t E\r\n\r\n\r\n";
        let (fields, body) = parts(message);
        let mut data = Vec::new();
        for field in fields {
            field.append_to(&mut data);
            data.extend_from_slice(b"\r\n");
        }
        assert_eq!(data, b"a:X\r\nb:Y Z\r\n");
        assert_eq!(
            body_hash(body).as_ref(),
            ring::digest::digest(&SHA256, b" C\r\nD E\r\n").as_ref()
        );
    }

    /// The reference implementation, line by line.
    fn by_lines(body: &str) -> String {
        let line = |line: &str| {
            let mut reduced = line.replace('\t', " ");
            while reduced.contains("  ") {
                reduced = reduced.replace("  ", " ");
            }
            reduced.trim_end().to_owned() + "\r\n"
        };
        let lines: String = body.split("\r\n").map(line).collect();
        match lines.trim_end_matches("\r\n") {
            "" => String::new(),
            words => words.to_owned() + "\r\n",
        }
    }

    #[test]
    fn blocks_and_lines_agree() {
        let pieces = ["a", " ", "\t", "\r\n", "bb", "  ", " c"];
        let mut state = 1_u32;
        for length in (0..1200).map(|n| n % 600) {
            let mut body = String::new();
            while body.len() < length {
                // The example generator of the C standard: the same bodies on every run.
                state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
                body.push_str(pieces[state as usize / 65_536 % pieces.len()]);
                if (state / 65_536).is_multiple_of(5) {
                    body.push_str(&"word".repeat(70));
                }
            }
            let expected = ring::digest::digest(&SHA256, by_lines(&body).as_bytes());
            assert_eq!(
                body_hash(body.as_bytes()).as_ref(),
                expected.as_ref(),
                "{body:?}"
            );
        }
    }
}
