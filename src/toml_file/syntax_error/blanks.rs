//! Spaces that TOML does not allow: no-break spaces and invisible characters, which come with pasted text.

use super::SyntaxError;
use super::line::SourceLine;
use super::long_strings::is_in_long_string;

impl<'a> SourceLine<'a> {
    /// An unusual space at which the parser stopped.
    pub(super) fn blank(&self) -> Option<SyntaxError> {
        let here = self.text[self.at..].starts_with(is_odd_blank);
        let rest = &self.text[self.at..];
        let rest = if here { rest } else { self.blank_around()? };
        let blank = rest.chars().next()?;
        let name = match blank {
            '\u{A0}' | '\u{202F}' => "a no-break space",
            '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{AD}' => "an invisible character",
            '\u{FEFF}' => "a byte order mark",
            _ => "a space that TOML does not allow",
        };
        let code = u32::from(blank);
        Some(SyntaxError::new(
            self.span(&rest[..blank.len_utf8()]),
            format!("{name} (U+{code:04X}) outside a string"),
            "delete it, or replace it with an ordinary space",
        ))
    }

    /// The rest of the line from an unusual space on, before the key, next to the `=` or at the end.
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
        found.filter(|_| !is_in_long_string(self.file, self.start))
    }
}

fn is_odd_blank(c: char) -> bool {
    let is_invisible = matches!(
        c,
        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}'
    );
    is_invisible || (c.is_whitespace() && !matches!(c, ' ' | '\t' | '\n' | '\r'))
}
