//! Marks: private-use characters that stand for placeholders and conditional parts in a text.
//!
//! No parser and no serialiser changes them, so they pass through CommonMark, HTML and the CSS inliner as a word does. An
//! editor's text cannot contain any: such characters are reported and removed.

use std::ops::Range;

/// The first character of a placeholder's mark. All of them begin with the byte 0xEE in UTF-8.
const PLACEHOLDER: char = '\u{E000}';
const CLOSE: char = '\u{E001}';
const WHEN: char = '\u{E002}';
const END: char = '\u{E003}';
const SECTION: char = '\u{E004}';
/// The first byte of every mark, which begins hardly any other character.
const FIRST_BYTE: u8 = 0xEE;

/// What a mark stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// The placeholder with this number.
    Placeholder(usize),
    /// The beginning of a part for the recipients that the rule with this number selects.
    When(usize),
    /// The end of such a part.
    End,
    /// The beginning of the section with this number.
    Section(usize),
}

/// The mark of placeholder number `number`.
pub(super) fn placeholder(number: usize) -> String {
    format!("{PLACEHOLDER}{number}{CLOSE}")
}

/// The mark before a part that only recipients selected by rule number `rule` get.
pub fn when(rule: usize) -> String {
    format!("{WHEN}{rule}{CLOSE}")
}

/// The mark after such a part.
pub fn end() -> String {
    END.to_string()
}

/// The mark at the beginning of section number `section` of the issue. It is not part of the message; sizes are measured
/// by it.
pub fn section(section: usize) -> String {
    format!("{SECTION}{section}{CLOSE}")
}

/// Whether the mark of a placeholder is in `text`.
pub fn has_mark(text: &str) -> bool {
    text.contains(PLACEHOLDER)
}

/// The number of the placeholder whose mark is at the beginning of `text`.
pub(super) fn placeholder_at_head(text: &str) -> Option<usize> {
    let number = text.strip_prefix(PLACEHOLDER)?.split_once(CLOSE)?.0;
    number.parse().ok()
}

/// `text` split at the marks of its placeholders; with each run, whether it is such a mark.
pub fn runs(text: &str) -> Vec<(&str, bool)> {
    let mut runs = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find(PLACEHOLDER) {
        let close = rest[open..].find(CLOSE).expect("every mark is closed");
        let (before, after) = rest.split_at(open);
        let (mark, after) = after.split_at(close + CLOSE.len_utf8());
        runs.extend([(before, false), (mark, true)]);
        rest = after;
    }
    runs.push((rest, false));
    runs.retain(|(run, _)| !run.is_empty());
    runs
}

/// The marks in `text` with the bytes that they occupy.
pub(super) fn in_text(text: &str) -> impl Iterator<Item = (Range<usize>, Mark)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + next_mark(&text[at..])?;
        let (mark, length) = mark_at(&text[start..]);
        at = start + length;
        Some((start..at, mark))
    })
}

/// Where the next mark begins.
fn next_mark(text: &str) -> Option<usize> {
    let mut candidates = memchr::memchr_iter(FIRST_BYTE, text.as_bytes());
    candidates.find(|at| text[*at..].starts_with([PLACEHOLDER, WHEN, END, SECTION]))
}

/// The mark at the beginning of `text`, and its length.
fn mark_at(text: &str) -> (Mark, usize) {
    if text.starts_with(END) {
        return (Mark::End, END.len_utf8());
    }
    let close = text
        .find(CLOSE)
        .expect("every mark was written by this module");
    let number = text[PLACEHOLDER.len_utf8()..close]
        .parse()
        .expect("a mark has a number");
    let mark = if text.starts_with(WHEN) {
        Mark::When(number)
    } else if text.starts_with(SECTION) {
        Mark::Section(number)
    } else {
        Mark::Placeholder(number)
    };
    (mark, close + CLOSE.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_split_at_its_marks() {
        let mark = placeholder(0);
        let text = format!("Dear {mark}, {mark}");
        assert_eq!(
            runs(&text),
            [
                ("Dear ", false),
                (&*mark, true),
                (", ", false),
                (&*mark, true)
            ]
        );
        assert_eq!(runs(""), []);
    }
}
