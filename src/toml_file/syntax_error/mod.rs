//! Syntax errors, explained to people who do not write TOML every day.
//!
//! The parser reports what its grammar expected. Most errors are habits from word processors, YAML, JSON or national
//! dates; these modules recognise the habit in the line of the error and show the TOML syntax. Other errors keep the
//! parser's message.

mod blanks;
mod comments;
mod control_characters;
mod duplicate_keys;
mod keys;
mod line;
mod lists;
mod long_strings;
mod multi_line;
mod quotes;
mod strings;
mod tables;
mod values;
mod words;

use std::ops::Range;
use std::sync::Arc;

use toml::de::Error;

use crate::diag::{Finding, Place, Source};
use line::SourceLine;

/// A recognised syntax error, with a message and a hint.
#[derive(Debug, Default, PartialEq)]
struct SyntaxError {
    /// The bytes of the file.
    span: Range<usize>,
    message: String,
    hint: Option<String>,
    /// A related location with its label.
    related: Option<(Range<usize>, String)>,
}

impl SyntaxError {
    fn new(span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            hint: Some(hint.into()),
            related: None,
        }
    }

    fn related(mut self, span: Range<usize>, word: impl Into<String>) -> Self {
        self.related = Some((span, word.into()));
        self
    }

    fn into_finding(self, source: &Arc<Source>) -> Finding {
        let finding = Finding::error("syntax", self.message)
            .at(Place::new(source, self.span))
            .hint(self.hint);
        match self.related {
            Some((span, word)) => finding.related(Place::new(source, span), word),
            None => finding,
        }
    }
}

pub(in crate::toml_file) use control_characters::ControlCharacters;
pub(in crate::toml_file) use long_strings::has_string_that_runs_on;

/// The findings about the `errors` of `text`, in the order of the file: one for each line, without consequences of
/// other errors. `text` is that of the source except for control characters.
pub(super) fn findings(source: &Arc<Source>, text: &str, errors: &[Error]) -> Vec<Finding> {
    let found = recognise_all(text, errors).into_iter();
    found.map(|error| error.into_finding(source)).collect()
}

/// The limit of errors that are examined: more than are reported, and few enough for a file of another format.
const MOST_EXAMINED: usize = 20;

fn recognise_all(text: &str, errors: &[Error]) -> Vec<SyntaxError> {
    let (mut found, consequences) = unclosed_values(text, errors);
    let mut done = 0;
    for error in errors {
        let start = error.span().unwrap_or_default().start;
        let is_consequence = consequences.iter().any(|range| range.contains(&start));
        if is_consequence || start < done {
            continue;
        }
        if found.len() > 2 * MOST_EXAMINED {
            break;
        }
        let (one, end) = in_line(text, error);
        found.push(one);
        done = end;
    }
    found.sort_by_key(|error| error.span.start);
    found.dedup_by_key(|error| error.span.clone());
    found
}

/// Unclosed strings and brackets, and the ranges in which other errors are their consequences, because the text there
/// is misread.
fn unclosed_values(text: &str, errors: &[Error]) -> (Vec<SyntaxError>, Vec<Range<usize>>) {
    let starts = || errors.iter().filter_map(Error::span).map(|span| span.start);
    let mut found = Vec::new();
    let mut consequences = Vec::new();
    let last = starts().max();
    if let Some(open) = last.and_then(|last| long_strings::string(text, last)) {
        consequences.push(open.span.start..usize::MAX);
        found.push(open);
    }
    let end = found.first().map_or(usize::MAX, |open| open.span.start);
    for value in multi_line::values(text).into_iter().take(MOST_EXAMINED) {
        let range = value.error.span.start..value.until;
        let line = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
        let is_doubtful =
            value.is_among_others && starts().any(|at| (line..range.start).contains(&at));
        if range.start < end && !is_doubtful && starts().any(|at| range.contains(&at)) {
            consequences.push(range);
            found.push(value.error);
        }
    }
    (found, consequences)
}

/// The error in the line of `error`, and the end of the lines that belong to it.
fn in_line(text: &str, error: &Error) -> (SyntaxError, usize) {
    let span = error.span().unwrap_or_default();
    let line = SourceLine::around(text, span.start);
    let mut end = line.end();
    if tables::has_unread_body(&line, error.message()) {
        end = tables::end_of_body(text, line.end());
    }
    let is_loose = keys::is_loose(&line) && !long_strings::is_in_long_string(text, span.start);
    let found = Some(&line).filter(|_| is_loose).and_then(keys::above);
    let found = found.or_else(|| recognised(&line, error.message()));
    if is_loose {
        end = keys::end_of_loose(text, line.end());
    }
    (found.unwrap_or_else(|| as_parsed(error, span)), end)
}

fn recognised(line: &SourceLine<'_>, message: &str) -> Option<SyntaxError> {
    strings::escape(line, message)
        .or_else(|| line.blank())
        .or_else(|| tables::header(line, message))
        .or_else(|| duplicate_keys::repeated(line, message))
        .or_else(|| keys::key(line))
        .or_else(|| strings::string(line))
        .or_else(|| values::value(line, message))
}

fn as_parsed(error: &Error, span: Range<usize>) -> SyntaxError {
    SyntaxError {
        span,
        message: error.message().replace('\n', ", "),
        ..SyntaxError::default()
    }
}

#[cfg(test)]
mod tests {
    use toml::de::DeTable;

    use super::*;

    /// `3:13 message | hint` of each error in `text`.
    fn reported(text: &str) -> Vec<String> {
        let (_, errors) = DeTable::parse_recoverable(text);
        let source = Source::new("a.toml", text);
        let findings = findings(&source, text, &errors).into_iter();
        let reported = findings.map(|finding| {
            let place = finding.place.unwrap().to_string();
            let hint = finding.hint.unwrap_or_default();
            format!("{} {} | {hint}", &place["a.toml:".len()..], finding.message)
        });
        reported.collect()
    }

    /// Every block of the table is a habit with its message and hint.
    #[test]
    fn every_habit_has_its_own_message() {
        let table = include_str!("habits.txt");
        let blocks = table.trim_end().split("\n----\n").map(|block| {
            let lines = block.lines().take_while(|line| !line.starts_with("=> "));
            let shown = lines.collect::<Vec<_>>().join("\n");
            let text = shown.replace("\\u{a0}", "\u{a0}");
            let text = text.replace("\\u{200b}", "\u{200b}");
            let reported: String = reported(&text)
                .iter()
                .map(|line| format!("\n=> {line}"))
                .collect();
            shown + &reported
        });
        let written = blocks.collect::<Vec<_>>().join("\n----\n") + "\n";
        snapbox::assert_data_eq!(written, snapbox::file!["habits.txt"].raw());
    }
}
