//! Strings of several lines that are not closed: reported where they open.

use super::SyntaxError;

/// The first string of several lines that does not end where its author meant it to; `last` is where the parser
/// found the last error.
pub(super) fn string(text: &str, last: usize) -> Option<SyntaxError> {
    let suspect = strings(text).find(|string| string.runs_on(text, last))?;
    let quotes = &text[suspect.open..suspect.open + 3];
    let slip = SyntaxError::new(
        suspect.open..suspect.open + 3,
        format!("this `{quotes}` is not closed"),
        format!("write `{quotes}` where the text ends"),
    );
    let end = suspect.close.unwrap_or(text.len());
    Some(match statement_within(text, suspect.open + 3..end) {
        Some(span) => slip.related(span, "still inside the string"),
        None => slip,
    })
}

/// Whether a string of `text` ends with the quotes that were to open the next one: the rest of the file belongs
/// to it.
pub(in crate::toml_file) fn has_string_that_runs_on(text: &str) -> bool {
    strings(text).any(|string| string.runs_on(text, text.len()))
}

/// A string of several lines.
struct LongString {
    open: usize,
    close: Option<usize>,
}

impl LongString {
    /// Whether it is not closed, or closed by the quotes that were to open the next one: `body = """`.
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

/// The first line in `within` that looks like a table's head, or else like a key with its value.
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

/// `key = …`, the key being one of TOML's plain ones.
pub(super) fn is_statement(line: &str) -> bool {
    let key = line.split_once('=').map(|(key, _)| key.trim());
    key.is_some_and(|key| !key.is_empty() && key.bytes().all(is_key_byte))
}

/// Whether the byte at `offset` stands in a string of several lines.
pub(super) fn is_in_long_string(text: &str, offset: usize) -> bool {
    strings(text)
        .take_while(|string| string.open < offset)
        .any(|string| string.close.is_none_or(|close| offset < close))
}

/// The strings of several lines in `text`; of everything else only what can hide a quote is known.
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

/// Where the three quotes that end the string at `open` stand.
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

/// The length of a comment or of a string of one line, which ends with its line if nothing else ends it.
fn short_length(rest: &str) -> usize {
    let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
    super::quotes::length(line).unwrap_or(line.len())
}
