//! From an offset in a string's content to the offset in the file's spelling of it.
//!
//! The grammar is TOML 1.0's `string`; the parser has accepted the value before, so nothing is checked
//! here, only counted.

/// For each of `wanted` (ascending offsets in the content) the offset in `raw`, quotes included.
pub(super) fn offsets(raw: &str, wanted: &[usize]) -> Vec<usize> {
    let (open, basic) = delimiter(raw);
    let mut steps = Steps {
        raw,
        at: open,
        content: 0,
        basic,
    };
    let end = raw.len() - close_length(raw);
    wanted
        .iter()
        .map(|target| {
            while steps.content < *target && steps.at < end {
                steps.next();
            }
            if basic {
                steps.skip_continuation();
            }
            steps.at.min(raw.len())
        })
        .collect()
}

struct Steps<'a> {
    raw: &'a str,
    /// The offset in the file's spelling.
    at: usize,
    /// The offset in the content.
    content: usize,
    basic: bool,
}

impl Steps<'_> {
    /// One character of the content.
    fn next(&mut self) {
        if self.basic {
            self.skip_continuation();
        }
        let rest = &self.raw[self.at..];
        let (spelled, decoded) = match rest.as_bytes() {
            [b'\\', b'u', ..] if self.basic => (6, width(&rest[2..6])),
            [b'\\', b'U', ..] if self.basic => (10, width(&rest[2..10])),
            [b'\\', b'x', ..] if self.basic => (4, width(&rest[2..4])),
            [b'\\', ..] if self.basic => (2, 1),
            _ => {
                let length = rest.chars().next().map_or(1, char::len_utf8);
                (length, length)
            }
        };
        self.at += spelled;
        self.content += decoded;
    }

    /// A backslash at a line's end swallows white space up to the next word.
    fn skip_continuation(&mut self) {
        let rest = &self.raw[self.at..];
        let Some(after) = rest.strip_prefix('\\') else {
            return;
        };
        if after
            .trim_start_matches([' ', '\t'])
            .starts_with(['\n', '\r'])
        {
            self.at = self.raw.len() - after.trim_start().len();
        }
    }
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
