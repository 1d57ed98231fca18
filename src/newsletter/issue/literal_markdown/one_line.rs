//! Markdown, entities and HTML in single-line values such as titles, where none of them is rendered.

use std::ops::Range;

use super::characters::is_run_mark;
use super::{LiteralMark, finding};
use crate::diag::Findings;
use crate::newsletter::issue::entity;
use crate::placeholder;
use crate::toml_file::Text;
use crate::util::characters::has_byte;

/// Reports Markdown, entities and tags in a single-line value of a file other than an issue, before the offset `end`.
pub fn report_marks(text: &Text, end: usize, findings: &mut Findings) {
    let line = text.part(0..end);
    let fields = placeholder::merge_fields(line, &[]);
    let is_field = |at: &Range<usize>| {
        let mut fields = fields.iter();
        fields.any(|field| field.at.start < at.end && at.start < field.at.end)
    };
    for mark in of_line(line) {
        let at = mark.at.clone();
        if !is_field(&at) {
            findings.push(mark.finding(text.part(at.clone()), text.place_of(at)));
        }
    }
}

/// Reports `{word}` in a label; `{value}` is allowed in a label that `is_filled`.
pub fn report_braces(label: &Text, is_filled: bool, findings: &mut Findings) {
    let line = label.value();
    let fields = placeholder::merge_fields(line, &[]);
    for (open, _) in line.match_indices('{') {
        let Some(length) = line[open..].find('}') else {
            continue;
        };
        let at = open..open + length + 1;
        let word = &line[open + 1..at.end - 1];
        let is_reported = fields.iter().any(|field| field.at.contains(&open))
            || word.contains('{')
            || line[..open].ends_with('{');
        if is_reported || is_filled && word == "value" {
            continue;
        }
        let hint = "only `{value}` is replaced, in `more_about` and `sent_to`";
        findings.push(finding(
            "braces in a label",
            &line[at.clone()],
            hint,
            label.place_of(at),
        ));
    }
}

/// The literal marks of a single-line value, such as a title.
pub(in crate::newsletter::issue) fn of_line(text: &str) -> Vec<LiteralMark> {
    const HINT: &str = "this key does not support Markdown: remove the marks";
    let is_sign =
        |byte| (byte == b']') | (byte == b'&') | (byte == b'#') | (byte == b'>') | (byte == b'<');
    if !has_byte(text, |byte| is_run_mark(byte) | is_sign(byte)) {
        return Vec::new();
    }
    let pairs = ["**", "__", "~~", "`", "*", "_"]
        .into_iter()
        .filter_map(|mark| pair(text, mark));
    let links = text.find("](").map(|at| at..at + 2);
    let marks = pairs.chain(links).chain(line_head(text));
    let marks = marks.map(|at| LiteralMark::new(at, "Markdown in a single-line value", HINT));
    marks.chain(entities(text)).chain(tags(text)).collect()
}

fn entities(text: &str) -> impl Iterator<Item = LiteralMark> {
    const WHAT: &str = "an entity in a single-line value";
    const HINT: &str = "this key does not support entities: write the character itself";
    memchr::memchr_iter(b'&', text.as_bytes()).filter_map(|at| {
        let before = text[..at].chars().next_back();
        let found = entity::unread(before, &text[at + 1..])?;
        Some(LiteralMark::new(at..at + 1 + found.length, WHAT, HINT))
    })
}

fn tags(text: &str) -> impl Iterator<Item = LiteralMark> {
    const WHAT: &str = "HTML in a single-line value";
    const HINT: &str = "this key does not support HTML: remove the tag";
    memchr::memchr_iter(b'<', text.as_bytes()).filter_map(|at| {
        let length = tag(&text[at..])?;
        Some(LiteralMark::new(at..at + length, WHAT, HINT))
    })
}

/// The length of the HTML tag at the beginning of `text`, such as `<b>`, `</b>` or `<br />`.
fn tag(text: &str) -> Option<usize> {
    let inside = text
        .strip_prefix('<')?
        .strip_prefix('/')
        .unwrap_or(&text[1..]);
    let reach = inside
        .char_indices()
        .nth(80)
        .map_or(inside.len(), |(at, _)| at);
    let end = inside[..reach].find(['<', '>'])?;
    let is_closed = inside[end..].starts_with('>');
    let is_tag =
        inside.starts_with(|c: char| c.is_ascii_alphabetic()) && !inside[..end].contains('@');
    (is_closed && is_tag).then_some(text.len() - inside.len() + end + 1)
}

/// The sign of a heading or a quotation at the beginning of a line.
fn line_head(text: &str) -> Option<Range<usize>> {
    let quotation = text.starts_with("> ").then_some(1);
    let length = heading_marks(text).or(quotation)?;
    Some(0..length)
}

/// The number of `#` at the beginning of a heading; `None` if the line is not a heading.
fn heading_marks(line: &str) -> Option<usize> {
    let marks = line.bytes().take_while(|byte| *byte == b'#').count();
    let is_heading = (1..=6).contains(&marks) && line[marks..].starts_with(' ');
    is_heading.then_some(marks)
}

/// Words between two equal marks. A single mark inside a word does not count.
fn pair(text: &str, mark: &str) -> Option<Range<usize>> {
    let is_single = matches!(mark, "*" | "_");
    let mut from = 0;
    loop {
        let open = from + text[from..].find(mark)?;
        let inside = &text[open + mark.len()..];
        let length = inside.find(mark)?;
        let end = open + 2 * mark.len() + length;
        let words = &inside[..length];
        let is_tight = words.starts_with(char::is_alphanumeric) && !words.ends_with(' ');
        let touches = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || mark.contains(c));
        let is_inner =
            touches(text[..open].chars().next_back()) || touches(text[end..].chars().next());
        if is_tight && !(is_single && is_inner) {
            return Some(open..end);
        }
        if !is_single {
            return None;
        }
        from = open + mark.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_in_a_line_is_found() {
        for text in [
            "**Big** news",
            "see [a](https://a.example)",
            "`code` here",
            "~~12~~ 10",
            "*Big* news",
            "10 euro* is *big*",
            "some _news_",
            "# News",
            "> News",
            "Fish &amp; chips",
            "Fish &#38; chips",
            "Fish &nbsp chips",
            "<b>News",
            "News<br />",
        ] {
            assert_eq!(of_line(text).len(), 1, "{text}");
        }
        for text in [
            "2 ** 3 ** 4, snake__case",
            "Leser*innen und Autor*innen",
            "10 euro* and 5 euro*",
            "snake_case_name and a_b",
            "R&D; AT&T, Q&A",
            "5 < 6 > 4, <3",
            "#canal, No. #1 & >100",
        ] {
            assert_eq!(of_line(text), [], "{text}");
        }
    }
}
