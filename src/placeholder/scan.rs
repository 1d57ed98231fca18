//! Placeholders in an editor's text: each becomes a mark.
//!
//! They are looked for in the editor's text only, and once: a `{{` in the name of a subscriber stays as it is.

use std::ops::Range;

use super::merge_field::{self, merge_fields};
use super::name::{Placeholder, Placeholders, parse};
use crate::diag::{Finding, Findings, Place};
use crate::toml_file::Text;
use crate::util::{characters, escape};

/// A text with marks instead of placeholders, whose bytes can be mapped to the editor's text.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkedPlaceholder {
    /// The text with marks.
    pub text: String,
    /// For each mark: its bytes in `text`, and those of the placeholder in the original.
    swaps: Vec<(Range<usize>, Range<usize>)>,
}

impl MarkedPlaceholder {
    /// Appends the bytes `part` of `original` without unwanted and private characters.
    fn push(&mut self, original: &str, part: Range<usize>) {
        let mut at = part.start;
        let unwanted = characters::unwanted(&original[part.clone()]).map(|(at, c, _)| (at, c));
        let mut dropped: Vec<(usize, char)> = unwanted.collect();
        dropped.extend(private_characters(&original[part.clone()]));
        dropped.sort_unstable();
        for (offset, c) in dropped {
            let found = part.start + offset;
            self.text.push_str(&original[at..found]);
            at = found + c.len_utf8();
            self.swap(characters::substitute(c), found..at);
        }
        self.text.push_str(&original[at..part.end]);
    }

    /// Appends `new` instead of the bytes `old` of the original.
    fn swap(&mut self, new: &str, old: Range<usize>) {
        let start = self.text.len();
        self.text.push_str(new);
        self.swaps.push((start..self.text.len(), old));
    }

    /// The bytes of the original from which `part` of the marked text comes.
    pub fn original(&self, part: Range<usize>) -> Range<usize> {
        self.before(part.start, false)..self.before(part.end, true)
    }

    fn before(&self, offset: usize, is_end: bool) -> usize {
        let passed = self.swaps.partition_point(|(mark, _)| mark.start < offset);
        match self.swaps[..passed].last() {
            Some((mark, placeholder)) if offset < mark.end && is_end => placeholder.end,
            Some((mark, placeholder)) if offset < mark.end => placeholder.start,
            Some((mark, placeholder)) => placeholder.end + (offset - mark.end),
            None => offset,
        }
    }
}

/// Replaces the placeholders of an editor's text with marks.
///
/// Braces that are not a placeholder are reported and stay as they are.
pub fn mark(
    text: &Text,
    placeholders: &mut Placeholders,
    findings: &mut Findings,
) -> MarkedPlaceholder {
    mark_outside(text, &[], placeholders, findings)
}

/// Like [`mark`]; braces in `code`, whose ranges are in order, are literal unless they are a placeholder.
pub fn mark_outside(
    text: &Text,
    code: &[Range<usize>],
    placeholders: &mut Placeholders,
    findings: &mut Findings,
) -> MarkedPlaceholder {
    text.report_unwanted(findings);
    report_private(text, findings);
    let original = text.value();
    let mut marked = MarkedPlaceholder {
        text: String::with_capacity(original.len()),
        swaps: Vec::new(),
    };
    let mut at = 0;
    while let Some(open) = original[at..].find("{{").map(|i| at + i) {
        marked.push(original, at..open);
        let code = merge_field::covering(code, open);
        // Braces in code are not closed after the code: a placeholder may follow it.
        let reach = code.map_or(original.len(), |code| code.end);
        let Some(close) = closing_braces(original, open..reach) else {
            if code.is_some() {
                marked.push(original, open..reach);
                at = reach;
                continue;
            }
            findings.push(unclosed(text, open));
            at = open;
            break;
        };
        at = close;
        if let Some((name, default)) = parse(&original[open + 2..close - 2]) {
            let place = Some(text.place_of(open..close));
            let mark = placeholders.add(Placeholder {
                name,
                default,
                place,
            });
            marked.swap(&mark, open..close);
            continue;
        }
        if code.is_none() {
            findings.push(malformed(text, open..close));
        }
        marked.push(original, open..close);
    }
    marked.push(original, at..original.len());
    marked
}

/// The end of the braces that close those at the beginning of `part`. Three braces are the syntax of another program:
/// the third belongs to them.
fn closing_braces(text: &str, part: Range<usize>) -> Option<usize> {
    let open = part.start;
    let close = text[part].find("}}").map(|i| open + i + 2)?;
    let is_triple = text[open + 2..].starts_with('{') && text[close..].starts_with('}');
    Some(close + usize::from(is_triple))
}

/// Reports the first character that would be read as part of a mark.
fn report_private(text: &Text, findings: &mut Findings) {
    if let Some((at, c)) = private_characters(text.value()).next() {
        findings.push(private(c, text.place_of(at..at + c.len_utf8())));
    }
}

/// The characters of `text` that would be read as marks, with their offsets.
fn private_characters(text: &str) -> impl Iterator<Item = (usize, char)> {
    // The first byte of each of them in UTF-8.
    let first = memchr::memchr(0xEE, text.as_bytes()).unwrap_or(text.len());
    text[first..]
        .char_indices()
        .map(move |(at, c)| (first + at, c))
        .filter(|(_, c)| escape::is_private(*c))
}

/// Reports placeholders and merge fields in a text where nothing is filled, such as the newsletter's address.
pub fn report_unfilled(text: &Text, findings: &mut Findings) {
    let value = text.value();
    for field in merge_fields(value, &[]) {
        let finding = field.finding(&value[field.at.clone()], text.place_of(field.at.clone()));
        let hint = "write the text itself: placeholders are filled in issues only";
        findings.push(finding.hint(hint));
    }
    let mut at = 0;
    while let Some(open) = value[at..].find("{{").map(|i| at + i) {
        let Some(close) = value[open..].find("}}").map(|i| open + i + 2) else {
            break;
        };
        let written = escape::terminal(&value[open..close]);
        let message = format!("`{written}` is not filled in this key");
        let finding = Finding::error("placeholder", message)
            .at(text.place_of(open..close))
            .hint("write the text itself: placeholders are filled in issues only");
        findings.push(finding);
        at = close;
    }
}

/// The finding about a character that would be read as a mark.
pub fn private(c: char, place: Place) -> Finding {
    let message = format!(
        "the private-use character U+{:04X} is not allowed",
        u32::from(c)
    );
    Finding::error("private-character", message).at(place)
}

fn unclosed(text: &Text, open: usize) -> Finding {
    Finding::error("placeholder", "unclosed placeholder")
        .at(text.place_of(open..open + 2))
        .hint("write `{{ first_name }}`")
}

fn malformed(text: &Text, span: Range<usize>) -> Finding {
    let written = &text.value()[span.clone()];
    let name = written.trim_matches(['{', '}']);
    Finding::error("placeholder", format!("invalid placeholder `{written}`"))
        .at(text.place_of(span))
        .hint(merge_field::hint(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Source;

    fn marked(content: &str) -> (MarkedPlaceholder, Placeholders, Findings) {
        let file = format!("'{content}'");
        let source = Source::new("a.toml", file);
        let spanned = toml::Spanned::new(0..content.len() + 2, content.to_owned());
        let mut placeholders = Placeholders::default();
        let mut findings = Findings::new();
        let marked = mark(
            &Text::new(&source, spanned),
            &mut placeholders,
            &mut findings,
        );
        (marked, placeholders, findings)
    }

    #[test]
    fn placeholders_become_marks_and_lead_back() {
        let (marked, placeholders, findings) =
            marked("Dear {{ first_name | default(\"you\") }}, hello");
        assert!(findings.is_empty());
        let placeholder = placeholders.iter().next().unwrap();
        assert_eq!(
            (placeholder.name.as_str(), placeholder.default.as_deref()),
            ("first_name", Some("you"))
        );
        let at = marked.text.find("hello").unwrap();
        assert_eq!(marked.original(at..at + 5), 40..45);
        assert_eq!(marked.original(5..6), 5..38);
    }

    #[test]
    fn invalid_placeholders_are_reported() {
        let (_, _, findings) = marked("{{ first name }} and {{ open");
        let reported: Vec<_> = findings
            .sorted()
            .iter()
            .map(|f| f.message.clone())
            .collect();
        assert_eq!(
            reported,
            [
                "invalid placeholder `{{ first name }}`",
                "unclosed placeholder"
            ]
        );
    }
}
