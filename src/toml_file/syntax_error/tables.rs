//! Table headers: `[section]` instead of `[[section]]`, repeated headers, missing brackets.

use super::SyntaxError;
use super::line::SourceLine;

/// The tables of Franking's files that can be repeated.
const REPEATED: [&str; 5] = ["section", "item", "exchange", "subscriber", "relay"];

/// An invalid or repeated table header.
pub(super) fn header(line: &SourceLine<'_>, message: &str) -> Option<SyntaxError> {
    let text = line.trimmed();
    if !text.starts_with('[') || message.contains("recurs") {
        return None;
    }
    if message.starts_with("duplicate key") {
        return Some(twice(line, text));
    }
    malformed(line, text)
}

/// Whether the keys below the header in `line` are errors only because of the header.
pub(super) fn has_unread_body(line: &SourceLine<'_>, message: &str) -> bool {
    line.trimmed().starts_with('[') && message.starts_with("duplicate key")
}

/// The offset of the next header after `from`.
pub(super) fn end_of_body(text: &str, from: usize) -> usize {
    lines(text, from)
        .find(|(_, line)| line.trim_start().starts_with('['))
        .map_or(text.len(), |(at, _)| at)
}

/// The lines of `text` from `from` on, with their offsets.
pub(super) fn lines(text: &str, from: usize) -> impl Iterator<Item = (usize, &str)> {
    let mut at = from;
    text[from..].split_inclusive('\n').map(move |line| {
        at += line.len();
        (at - line.len(), line)
    })
}

fn twice(line: &SourceLine<'_>, text: &str) -> SyntaxError {
    let name = name(text);
    let is_same = |head: &str| head.trim_start().starts_with('[') && self::name(head) == name;
    let first = lines(&line.file[..line.start], 0).find(|(_, head)| is_same(head));
    let Some((at, head)) = first else {
        let message = format!("`{name}` is both a table and a value");
        return SyntaxError::new(line.span(text), message, "delete one of the two");
    };
    let span = at..at + head.trim_end().len();
    if is_repeated(&name) {
        let single = if head.trim_start().starts_with("[[") {
            line.span(text)
        } else {
            span.clone()
        };
        let error = SyntaxError::new(
            single.clone(),
            format!("`[{name}]` is a single table and cannot be repeated"),
            format!("write `[[{name}]]`, with two brackets, above each"),
        );
        let other = if single == span {
            line.span(text)
        } else {
            span
        };
        return error.related(other, "repeated here");
    }
    SyntaxError::new(
        line.span(text),
        format!("`[{name}]` is defined twice"),
        "write the keys of both below one header",
    )
    .related(span, "first used here")
}

fn is_repeated(name: &str) -> bool {
    REPEATED.contains(&name.rsplit('.').next().unwrap_or_default())
}

/// The name in a header in any brackets: `section.item` of `[[section.item]]`.
fn name(head: &str) -> String {
    let head = head.split('#').next().unwrap_or_default();
    let letters = head
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '[' | ']'));
    letters.collect()
}

/// A malformed header: `[[section]`, `[section]]`, `[ [section] ]`, `[my section]`.
fn malformed(line: &SourceLine<'_>, text: &str) -> Option<SyntaxError> {
    let head = text.split('#').next().unwrap_or_default().trim_end();
    let is_around = |c: char| matches!(c, '[' | ']' | ',' | ':' | ';') || c.is_whitespace();
    Some(not_a_head(line, head, head.trim_matches(is_around)))
}

/// The error about `head`, which is not a header of the table `inner`.
pub(super) fn not_a_head(line: &SourceLine<'_>, head: &str, inner: &str) -> SyntaxError {
    let is_name = |inner: &str| {
        let is_letter = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        !inner.is_empty() && inner.bytes().all(is_letter)
    };
    let joined = inner.split_whitespace().collect::<String>();
    let (name, hint) = if is_name(&joined) && (joined == inner || is_repeated(&joined)) {
        let is_list = is_repeated(&joined) || head.starts_with("[[");
        let written = if is_list {
            format!("[[{joined}]]")
        } else {
            format!("[{joined}]")
        };
        (inner, format!("write `{written}`"))
    } else if let Some((name, _)) = inner.split_once(']').filter(|(name, _)| is_name(name)) {
        (
            name,
            "write the keys on lines of their own below it".to_owned(),
        )
    } else {
        (
            inner,
            "write a name such as `[[section]]`, on a line of its own".to_owned(),
        )
    };
    let message = format!("this is not a header of the table `{name}`");
    SyntaxError::new(line.span(head), message, hint)
}
