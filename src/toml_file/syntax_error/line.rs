//! The line of a syntax error, taken apart as far as it goes.

use std::ops::Range;

use super::SyntaxError;

/// A line of the file: `key = value`, or what was meant to be one.
#[derive(Debug)]
pub(super) struct SourceLine<'a> {
    /// The whole file.
    pub(super) file: &'a str,
    /// The line without its line break.
    pub(super) text: &'a str,
    /// Where the line starts in the file.
    pub(super) start: usize,
    /// Where in the line the parser stopped.
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

    /// Where the line ends in the file, its line break included.
    pub(super) fn end(&self) -> usize {
        self.file[self.start + self.text.len()..]
            .find('\n')
            .map_or(self.file.len(), |at| self.start + self.text.len() + at + 1)
    }

    /// A part of the line as bytes of the file.
    pub(super) fn span(&self, part: &str) -> Range<usize> {
        let start = part.as_ptr() as usize - self.file.as_ptr() as usize;
        start..start + part.len()
    }

    /// The line without blanks at its ends.
    pub(super) fn trimmed(&self) -> &'a str {
        self.text.trim()
    }

    /// What stands before the first `=`, without blanks; `None` where there is no `=` outside of quotes.
    pub(super) fn key(&self) -> Option<&'a str> {
        self.equals().map(|at| self.text[..at].trim())
    }

    /// What stands after the first `=`, without blanks at its ends.
    pub(super) fn value(&self) -> Option<&'a str> {
        self.equals().map(|at| self.text[at + 1..].trim())
    }

    /// The value up to a comment; for values without quotes.
    pub(super) fn plain_value(&self) -> Option<&'a str> {
        let value = self.value()?;
        Some(value.split('#').next().unwrap_or_default().trim())
    }

    /// Whether the head of a table stands above it.
    pub(super) fn is_below_a_head(&self) -> bool {
        let mut above = self.file[..self.start].lines();
        above.any(|line| line.trim_start().starts_with('['))
    }

    fn equals(&self) -> Option<usize> {
        let at = self.text.find('=')?;
        let before = self.text[..at].trim_start();
        let is_quoted =
            before.starts_with(['"', '\'']) && before[1..].trim_end().ends_with(['"', '\'']);
        (is_quoted || !before.contains(['"', '\''])).then_some(at)
    }

    /// A blank that is not the space bar's, where the parser stopped: no-break spaces come with pasted text.
    pub(super) fn blank(&self) -> Option<SyntaxError> {
        let here = self.text[self.at..].starts_with(is_odd_blank);
        let rest = &self.text[self.at..];
        let rest = if here { rest } else { self.blank_around()? };
        let blank = rest.chars().next()?;
        let name = match blank {
            '\u{A0}' | '\u{202F}' => "a no-break space",
            '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{AD}' => "an invisible character",
            '\u{FEFF}' => "a byte order mark",
            _ => "a blank that TOML does not know",
        };
        let code = u32::from(blank);
        Some(SyntaxError::new(
            self.span(&rest[..blank.len_utf8()]),
            format!("{name} (U+{code:04X}) outside a string"),
            "delete it, or type an ordinary space in its place",
        ))
    }
}

impl<'a> SourceLine<'a> {
    /// The line from such a blank on, where it stands before the key, beside the `=` or at the end.
    fn blank_around(&self) -> Option<&'a str> {
        let text = self.text;
        let equals = self.equals().unwrap_or(0);
        let before = text[..equals].chars().next_back().map_or(0, char::len_utf8);
        let last = text.chars().next_back().map_or(0, char::len_utf8);
        let places = [0, equals - before, equals + 1, text.len() - last];
        let found = places
            .into_iter()
            .filter_map(|at| text.get(at..))
            .find(|rest| rest.starts_with(is_odd_blank));
        found.filter(|_| !super::long_strings::is_in_long_string(self.file, self.start))
    }
}

fn is_odd_blank(c: char) -> bool {
    let is_invisible = matches!(
        c,
        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}'
    );
    is_invisible || (c.is_whitespace() && !matches!(c, ' ' | '\t' | '\n' | '\r'))
}
