//! From an offset in a string's content to the offset in the file's spelling of it.
//!
//! The grammar is TOML 1.0's `string`; the parser has accepted the value before, so nothing is checked
//! here, only counted.

/// The way from offsets in a string's content to those in the file's spelling of it, quotes included.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct OffsetMap {
    /// Where content and spelling begin to run side by side: after the quotes, each escape and each line break that
    /// a backslash swallows.
    strides: Vec<(usize, usize)>,
    /// Where the closing quotes begin.
    end: usize,
}

impl OffsetMap {
    pub(super) fn of(raw: &str) -> Self {
        let (open, basic) = delimiter(raw);
        let end = (raw.len() - close_length(raw)).max(open);
        let mut strides = vec![(0, open)];
        let (mut at, mut content) = (open, 0);
        while let Some(plain) = memchr::memchr(b'\\', &raw.as_bytes()[at..end]).filter(|_| basic) {
            let (spelled, decoded) = escape(&raw[at + plain..end]);
            at += plain + spelled;
            content += plain + decoded;
            strides.push((content, at));
        }
        Self { strides, end }
    }

    /// The offset in the spelling of the byte `content` of the content.
    pub(super) fn offset(&self, content: usize) -> usize {
        let after = self.strides.partition_point(|(begin, _)| *begin <= content);
        let (begin, at) = self.strides[after.saturating_sub(1)];
        (at + (content - begin)).min(self.end)
    }
}

/// How many bytes the escape at the head of `rest` takes, and its character.
fn escape(rest: &str) -> (usize, usize) {
    let digits = match rest.as_bytes().get(1) {
        Some(b'u') => 4,
        Some(b'U') => 8,
        Some(b'x') => 2,
        _ => return continuation(rest).map_or((2.min(rest.len()), 1), |length| (length, 0)),
    };
    (2 + digits, width(&rest[2..2 + digits]))
}

/// The length of a backslash at a line's end with the white space that it swallows.
fn continuation(rest: &str) -> Option<usize> {
    let after = &rest[1..];
    let ends_line = after
        .trim_start_matches([' ', '\t'])
        .starts_with(['\n', '\r']);
    ends_line.then(|| rest.len() - after.trim_start().len())
}

/// The bytes that the escaped character takes in UTF-8.
fn width(digits: &str) -> usize {
    u32::from_str_radix(digits, 16)
        .ok()
        .and_then(char::from_u32)
        .map_or(1, char::len_utf8)
}

/// The length of the opening quotes (with the line break that a long string drops), and whether
/// escapes count.
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
    fn a_stride_is_counted_for_each_escape_alone() {
        let plain = format!("\"{}\"", "words ".repeat(1_000));
        assert_eq!(OffsetMap::of(&plain).strides.len(), 1);
        let escaped = "\"\"\"a\\tb\\u00e9c\\\n   d\"\"\"";
        let spelling = OffsetMap::of(escaped);
        assert_eq!(spelling.strides.len(), 4);
        let content = "a\tb\u{e9}cd";
        for (at, c) in content
            .char_indices()
            .filter(|(_, c)| c.is_ascii_lowercase())
        {
            assert_eq!(escaped[spelling.offset(at)..].chars().next(), Some(c));
        }
    }
}
