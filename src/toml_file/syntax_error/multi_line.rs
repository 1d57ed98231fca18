//! Values that do not end on their line: unclosed brackets, and single-line strings that continue.

use std::ops::Range;

use super::SyntaxError;
use super::long_strings::{closing, is_head, is_statement};
use super::quotes::length;

/// A value that does not end where its author intended.
pub(super) struct MultiLineError {
    pub(super) error: SyntaxError,
    /// The end of its consequences: errors before it are not reported.
    pub(super) until: usize,
    /// Whether it is a string among others on its line, so that another quote may be wrong.
    pub(super) is_among_others: bool,
}

/// The number of lines in which the end of a string is searched.
const MOST_LINES: usize = 500;

/// The limit of strings without an end: a file with more is not written by a person.
const MOST_MISSES: usize = 50;

/// All such values of `text`.
pub(super) fn values(text: &str) -> Vec<MultiLineError> {
    let mut found = Vec::new();
    let (mut at, mut misses) = (0, 0);
    while at < text.len() {
        let line = line_at(text, at);
        at = line.end + 1;
        let Some(offset) = value_offset(&text[line.clone()]) else {
            continue;
        };
        let begin = line.start + offset;
        let value = &text[begin..line.end];
        if value.starts_with("\"\"\"") || value.starts_with("'''") {
            let Some(close) = closing(text, begin) else {
                break;
            };
            at = line_at(text, close).end + 1;
        } else if value.starts_with(['"', '\'']) && length(value).is_none() {
            let value = string(text, begin);
            misses += usize::from(value.is_none());
            if misses > MOST_MISSES {
                break;
            }
            at = value.as_ref().map_or(at, |value| value.until + 1);
            found.extend(value);
        } else if value.starts_with(['[', '{']) && !value.starts_with("{{") {
            let mut brackets = Brackets::new(text, begin);
            brackets.walk();
            at = at.max(line_at(text, brackets.at.min(text.len())).end + 1);
            found.extend(brackets.error.map(|error| MultiLineError {
                error,
                until: usize::MAX,
                is_among_others: brackets.is_in_string,
            }));
        }
    }
    found
}

/// The line of the byte at `at`, without its line break.
fn line_at(text: &str, at: usize) -> Range<usize> {
    let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    start..end
}

/// The offset of the value of `key = value` in `line`.
fn value_offset(line: &str) -> Option<usize> {
    let equals = line.find('=').filter(|_| is_statement(line))?;
    let value = line[equals + 1..].trim_start();
    Some(line.len() - value.len())
}

/// A single-line string that continues on the lines below, up to its closing quote.
fn string(text: &str, open: usize) -> Option<MultiLineError> {
    let quote = &text[open..=open];
    let long = quote.repeat(3);
    let mut at = line_at(text, open).end + 1;
    for _ in 0..MOST_LINES {
        if at >= text.len() {
            break;
        }
        let line = line_at(text, at);
        let shown = text[line.clone()].trim_end();
        if is_head(shown) || is_whole(shown) {
            return None;
        }
        if shown.ends_with(quote) {
            let end = line.start + shown.len() - 1;
            let message = format!("this `{quote}` is not closed on its line");
            let hint = format!("write `{long}` here and where the text ends");
            return Some(MultiLineError {
                error: SyntaxError::new(open..open + 1, message, hint)
                    .related(end..end + 1, "it ends here"),
                until: line.end + 1,
                is_among_others: false,
            });
        }
        at = line.end + 1;
    }
    None
}

/// Whether `line` is a complete `key = "value"`.
fn is_whole(line: &str) -> bool {
    let value = value_offset(line).map(|at| &line[at..]);
    value.is_some_and(|value| length(value) == Some(value.len()))
}

/// A scanner for the brackets of one value.
#[derive(Default)]
struct Brackets<'a> {
    text: &'a str,
    at: usize,
    open: Vec<usize>,
    error: Option<SyntaxError>,
    /// Whether the scan ended inside a string.
    is_in_string: bool,
}

impl<'a> Brackets<'a> {
    fn new(text: &'a str, at: usize) -> Self {
        Self {
            text,
            at,
            ..Self::default()
        }
    }

    /// Scans to the bracket that closes the first, or to where it should be closed.
    fn walk(&mut self) {
        while let Some(c) = self.text[self.at..].chars().next() {
            match c {
                '[' | '{' => self.open.push(self.at),
                ']' | '}' | ')' => self.close(c),
                '"' | '\'' | '#' => {
                    let Some(length) = self.skipped() else { return };
                    self.at += length - 1;
                }
                '\n' if self.is_left() => return self.unclosed(),
                _ => {}
            }
            self.at += c.len_utf8();
            if self.open.is_empty() {
                return;
            }
        }
        self.unclosed();
    }

    /// The length of the string or comment here; `None` if its end is unknown.
    fn skipped(&mut self) -> Option<usize> {
        let rest = &self.text[self.at..];
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        let found = if rest.starts_with('#') {
            Some(line.len())
        } else if rest.starts_with("\"\"\"") || rest.starts_with("'''") {
            closing(self.text, self.at).map(|close| close + 3 - self.at)
        } else {
            length(line)
        };
        if found.is_none() {
            let quote = &rest[..1];
            let message = format!("this `{quote}` is not closed");
            let hint = format!("write `{quote}` where the text ends");
            self.error = Some(SyntaxError::new(self.at..self.at + 1, message, hint));
            self.is_in_string = true;
            self.open.clear();
        }
        found
    }

    /// Whether the next line does not belong to the value: a table header, or a key where values are listed.
    fn is_left(&self) -> bool {
        let next = &self.text[line_at(self.text, self.at + 1)];
        let is_list = self.innermost().is_some_and(|(_, c)| c == '[');
        let name = next.trim().trim_start_matches('[');
        let is_head = is_head(next) && name.starts_with(|c: char| c.is_ascii_alphabetic());
        is_head || (is_list && is_statement(next))
    }

    fn innermost(&self) -> Option<(usize, char)> {
        let at = *self.open.last()?;
        self.text[at..].chars().next().map(|c| (at, c))
    }

    fn unclosed(&mut self) {
        let Some((at, c)) = self.innermost() else {
            return;
        };
        let message = format!("this `{c}` is not closed");
        let hint = format!("write `{}` after the last value", other(c));
        self.error = Some(SyntaxError::new(at..at + 1, message, hint));
    }

    /// A closing bracket; one of another shape is an error.
    fn close(&mut self, c: char) {
        let Some((at, open)) = self.innermost() else {
            return;
        };
        if c == other(open) {
            self.open.pop();
            return;
        }
        let line = line_at(self.text, self.at);
        let is_last = self.text[self.at + 1..line.end].trim().is_empty();
        let outer = self.open.iter().rev().nth(1);
        if outer.is_some_and(|outer| self.text[*outer..].starts_with(other(c))) {
            let message = format!("this `{open}` is not closed");
            let hint = format!("write `{}` before the `{c}`", other(open));
            self.error
                .get_or_insert(SyntaxError::new(at..at + 1, message, hint));
            self.open.truncate(self.open.len() - 2);
        } else if c != ')' || is_last {
            let message = format!("`{c}` does not close `{open}`");
            let hint = format!("write `{}`", other(open));
            let span = self.at..self.at + 1;
            self.error
                .get_or_insert(SyntaxError::new(span, message, hint));
            self.open.pop();
        }
    }
}

/// The counterpart of the bracket `c`.
fn other(c: char) -> char {
    match c {
        '[' => ']',
        ']' => '[',
        '{' => '}',
        '}' => '{',
        _ => '(',
    }
}
