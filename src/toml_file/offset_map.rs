//! Mapping offsets in a string's content to offsets in its source.
//!
//! The grammar is that of a `string` in TOML 1.0. The parser has accepted the value, so nothing is checked here.

/// Maps offsets in a string's content to offsets in its source, quotes included.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OffsetMap {
    /// Where content and source are in step again: after the quotes, each escape and each line ending backslash.
    segments: Vec<(usize, usize)>,
    /// The offset of the closing quotes.
    end: usize,
}

impl OffsetMap {
    pub(super) fn of(raw: &str) -> Self {
        let (open, basic) = delimiter(raw);
        let end = (raw.len() - close_length(raw)).max(open);
        let mut segments = vec![(0, open)];
        let (mut at, mut content) = (open, 0);
        while let Some(plain) = memchr::memchr(b'\\', &raw.as_bytes()[at..end]).filter(|_| basic) {
            let (spelled, decoded) = escape(&raw[at + plain..end]);
            at += plain + spelled;
            content += plain + decoded;
            segments.push((content, at));
        }
        Self { segments, end }
    }

    /// The offset in the source of the byte `content` of the content.
    pub(super) fn offset(&self, content: usize) -> usize {
        let after = self
            .segments
            .partition_point(|(begin, _)| *begin <= content);
        let (begin, at) = self.segments[after.saturating_sub(1)];
        (at + (content - begin)).min(self.end)
    }
}

/// The lengths of the escape at the beginning of `rest` and of its character.
fn escape(rest: &str) -> (usize, usize) {
    match digit_count(rest) {
        Some(digits) => (2 + digits, width(&rest[2..2 + digits])),
        None => continuation(rest).map_or((2.min(rest.len()), 1), |length| (length, 0)),
    }
}

/// The number of hexadecimal digits of the escape at the beginning of `rest`; `None` if it has none.
fn digit_count(rest: &str) -> Option<usize> {
    match rest.as_bytes().get(1)? {
        b'u' => Some(4),
        b'U' => Some(8),
        b'x' => Some(2),
        _ => None,
    }
}

/// The length of a line ending backslash with the white space that it removes.
fn continuation(rest: &str) -> Option<usize> {
    let after = &rest[1..];
    let ends_line = after
        .trim_start_matches([' ', '\t'])
        .starts_with(['\n', '\r']);
    ends_line.then(|| rest.len() - after.trim_start().len())
}

/// The length of the escaped character in UTF-8.
fn width(digits: &str) -> usize {
    u32::from_str_radix(digits, 16)
        .ok()
        .and_then(char::from_u32)
        .map_or(1, char::len_utf8)
}

/// The length of the opening quotes (with the line break that a multi-line string drops), and whether escapes are
/// interpreted.
fn delimiter(raw: &str) -> (usize, bool) {
    let basic = raw.starts_with('"');
    if close_length(raw) == 1 {
        return (1, basic);
    }
    let line_break = if raw[3..].starts_with("\r\n") {
        2
    } else {
        usize::from(raw[3..].starts_with('\n'))
    };
    (3 + line_break, basic)
}

fn close_length(raw: &str) -> usize {
    if raw.len() >= 6 && (raw.starts_with("\"\"\"") || raw.starts_with("'''")) {
        3
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_escapes_add_segments() {
        let plain = format!("\"{}\"", "words ".repeat(1_000));
        assert_eq!(OffsetMap::of(&plain).segments.len(), 1);
        let escaped = "\"\"\"a\\tb\\u00e9c\\\n   d\"\"\"";
        let spelling = OffsetMap::of(escaped);
        assert_eq!(spelling.segments.len(), 4);
        let content = "a\tb\u{e9}cd";
        for (at, c) in content
            .char_indices()
            .filter(|(_, c)| c.is_ascii_lowercase())
        {
            assert_eq!(escaped[spelling.offset(at)..].chars().next(), Some(c));
        }
    }
}
