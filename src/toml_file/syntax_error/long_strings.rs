//! Unclosed multi-line strings, which are reported where they open.

use super::SyntaxError;

/// The first multi-line string that does not end where its author intended; `last` is the offset of the last error.
pub(super) fn string(text: &str, last: usize) -> Option<SyntaxError> {
    let suspect = strings(text).find(|string| string.runs_on(text, last))?;
    let quotes = &text[suspect.open..suspect.open + 3];
    let error = SyntaxError::new(
        suspect.open..suspect.open + 3,
        format!("this `{quotes}` is not closed"),
        format!("write `{quotes}` where the text ends"),
    );
    let end = suspect.close.unwrap_or(text.len());
    Some(match statement_within(text, suspect.open + 3..end) {
        Some(span) => error.related(span, "still inside the string"),
        None => error,
    })
}

/// Whether a string of `text` is closed by the quotes that should open the next one, so that it contains the rest of
/// the file.
pub(in crate::toml_file) fn has_string_that_runs_on(text: &str) -> bool {
    strings(text).any(|string| string.runs_on(text, text.len()))
}

/// A multi-line string.
struct LongString {
    open: usize,
    close: Option<usize>,
}

impl LongString {
    /// Whether it is unclosed, or closed by the quotes that should open the next one: `body = """`.
    fn runs_on(&self, text: &str, last: usize) -> bool {
        let Some(close) = self.close else {
            return true;
        };
        let line = text[..close].rfind('\n').map_or(0, |at| at + 1);
        close <= last && line > self.open && assigns_nothing(&text[line..close])
    }
}

/// `body =`
fn assigns_nothing(line: &str) -> bool {
    let key = line.trim_end().strip_suffix('=').map(str::trim);
    key.is_some_and(|key| !key.is_empty() && key.bytes().all(is_key_byte))
}

fn is_key_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')
}

/// The first line in `within` that looks like a table header, or else like a key with its value.
fn statement_within(text: &str, within: std::ops::Range<usize>) -> Option<std::ops::Range<usize>> {
    let mut at = within.start;
    let lines = text[within].split_inclusive('\n').map(|line| {
        at += line.len();
        (at - line.len(), line.trim_end())
    });
    let lines: Vec<(usize, &str)> = lines.skip(1).collect();
    let head = lines.iter().find(|(_, line)| is_head(line));
    let (at, line) = head.or_else(|| lines.iter().find(|(_, line)| is_statement(line)))?;
    Some(*at..at + line.len())
}

pub(super) fn is_head(line: &str) -> bool {
    let name = line.trim().trim_start_matches('[').trim_end_matches(']');
    line.trim().starts_with('[')
        && line.trim().ends_with(']')
        && !name.is_empty()
        && name.bytes().all(is_key_byte)
}

/// Whether `line` is `key = …` with a bare key.
pub(super) fn is_statement(line: &str) -> bool {
    let key = line.split_once('=').map(|(key, _)| key.trim());
    key.is_some_and(|key| !key.is_empty() && key.bytes().all(is_key_byte))
}

/// Whether the byte at `offset` is in a multi-line string.
pub(super) fn is_in_long_string(text: &str, offset: usize) -> bool {
    strings(text)
        .take_while(|string| string.open < offset)
        .any(|string| string.close.is_none_or(|close| offset < close))
}

/// The multi-line strings in `text`. Of everything else only what can contain a quote is recognised.
fn strings(text: &str) -> impl Iterator<Item = LongString> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let open = at + text[at..].find(['"', '\'', '#'])?;
            let rest = &text[open..];
            if rest.starts_with("\"\"\"") || rest.starts_with("'''") {
                let close = closing(text, open);
                at = close.map_or(text.len(), |close| close + 3);
                return Some(LongString { open, close });
            }
            at = open + short_length(rest);
        }
    })
}

/// The offset of the three quotes that close the string at `open`.
pub(super) fn closing(text: &str, open: usize) -> Option<usize> {
    let quotes = &text[open..open + 3];
    let mut at = open + 3;
    loop {
        let rest = &text[at..];
        let next = rest.find(['\\', '"', '\''])?;
        at += next;
        if text[at..].starts_with(quotes) {
            return Some(at);
        }
        let is_escape = quotes == "\"\"\"" && text[at..].starts_with('\\');
        let skipped = text[at..].chars().take(if is_escape { 2 } else { 1 });
        at += skipped.map(char::len_utf8).sum::<usize>();
    }
}

/// The length of a comment or single-line string, which ends with its line if not before.
fn short_length(rest: &str) -> usize {
    let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
    super::quotes::length(line).unwrap_or(line.len())
}
