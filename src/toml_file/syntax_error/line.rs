//! The line of a syntax error, and its parts.

use std::ops::Range;

/// A line of the file: `key = value`, or an attempt at it.
#[derive(Debug)]
pub(super) struct SourceLine<'a> {
    /// The whole file.
    pub(super) file: &'a str,
    /// The line without its line break.
    pub(super) text: &'a str,
    /// The offset of the line in the file.
    pub(super) start: usize,
    /// The offset in the line at which the parser stopped.
    pub(super) at: usize,
}

impl<'a> SourceLine<'a> {
    /// The line of the byte at `offset`.
    pub(super) fn around(file: &'a str, offset: usize) -> Self {
        let offset = file.floor_char_boundary(offset);
        let start = file[..offset].rfind('\n').map_or(0, |at| at + 1);
        let end = file[offset..]
            .find('\n')
            .map_or(file.len(), |at| offset + at);
        let text = file[start..end].trim_end_matches('\r');
        Self {
            file,
            text,
            start,
            at: (offset - start).min(text.len()),
        }
    }

    /// The offset after the line and its line break.
    pub(super) fn end(&self) -> usize {
        self.file[self.start + self.text.len()..]
            .find('\n')
            .map_or(self.file.len(), |at| self.start + self.text.len() + at + 1)
    }

    /// The bytes of the file that `part`, a part of the line, occupies.
    pub(super) fn span(&self, part: &str) -> Range<usize> {
        let start = part.as_ptr() as usize - self.file.as_ptr() as usize;
        start..start + part.len()
    }

    /// The trimmed line.
    pub(super) fn trimmed(&self) -> &'a str {
        self.text.trim()
    }

    /// The trimmed text before the first `=`; `None` if there is no `=` outside quotes.
    pub(super) fn key(&self) -> Option<&'a str> {
        self.equals().map(|at| self.text[..at].trim())
    }

    /// The trimmed text after the first `=`.
    pub(super) fn value(&self) -> Option<&'a str> {
        self.equals().map(|at| self.text[at + 1..].trim())
    }

    /// The value before a comment; for values without quotes.
    pub(super) fn plain_value(&self) -> Option<&'a str> {
        let value = self.value()?;
        Some(value.split('#').next().unwrap_or_default().trim())
    }

    /// Whether a table header is above the line.
    pub(super) fn is_below_a_head(&self) -> bool {
        let mut above = self.file[..self.start].lines();
        above.any(|line| line.trim_start().starts_with('['))
    }

    pub(super) fn equals(&self) -> Option<usize> {
        let at = self.text.find('=')?;
        let before = self.text[..at].trim_start();
        let is_quoted =
            before.starts_with(['"', '\'']) && before[1..].trim_end().ends_with(['"', '\'']);
        (is_quoted || !before.contains(['"', '\''])).then_some(at)
    }
}
