//! Strings of a file, with the location of each of their characters.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use toml::Spanned;

use super::offset_map::OffsetMap;
use crate::diag::{Finding, Findings, Place, Source};
use crate::util::characters::{self, Unwanted};

/// A string value with its location; [`Text::place_of`] locates a part of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    value: String,
    place: Place,
    /// Computed for the first location: most texts need none.
    spelling: OnceLock<OffsetMap>,
}

impl Text {
    /// The string at its span in `source`, quotes included.
    pub fn new(source: &Arc<Source>, spanned: Spanned<String>) -> Self {
        Self {
            place: Place::new(source, spanned.span()),
            value: spanned.into_inner(),
            spelling: OnceLock::new(),
        }
    }

    /// The content of the string.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// The bytes `part` of the content, rounded down to whole characters.
    pub fn part(&self, part: Range<usize>) -> &str {
        let floor = |at| self.value.floor_char_boundary(at);
        let start = floor(part.start);
        &self.value[start..floor(part.end).max(start)]
    }

    /// Whether the content is empty or white space.
    pub fn is_blank(&self) -> bool {
        self.value.trim().is_empty()
    }

    /// The location of the whole value.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Reports each unwanted character once, at its first occurrence. Damage is an error; a character that can be
    /// removed is a warning.
    pub fn report_unwanted(&self, findings: &mut Findings) {
        let mut reported = BTreeSet::new();
        let all = characters::unwanted(&self.value);
        for (at, c, why) in all.filter(|(_, c, _)| reported.insert(*c)) {
            let place = self.place_of(at..at + c.len_utf8());
            findings.push(unwanted(c, why).at(place));
        }
    }

    /// The location of the bytes `part` of the content.
    ///
    /// Escapes and line ending backslashes make the content shorter than its source.
    pub fn place_of(&self, part: Range<usize>) -> Place {
        let span = self.place.span();
        let spelled = || OffsetMap::of(&self.place.source().text()[span.clone()]);
        let spelling = self.spelling.get_or_init(spelled);
        let offset = |at| span.start + spelling.offset(at);
        self.place.elsewhere(offset(part.start)..offset(part.end))
    }
}

/// The finding about an unwanted character.
pub fn unwanted(c: char, why: Unwanted) -> Finding {
    let what = format!("{} (U+{:04X})", why.name(), u32::from(c));
    if why.is_damage() {
        let hint = match characters::in_windows_1252(c) {
            Some(meant) => format!("write `{meant}`, the character it is in Windows-1252"),
            None => "replace it with the character that was meant".to_owned(),
        };
        return Finding::error("broken-character", format!("{what} is not allowed")).hint(hint);
    }
    Finding::warning("invisible-character", format!("{what} is removed"))
        .hint("delete it: it was probably copied with the text")
}

#[cfg(test)]
mod tests {
    use toml::de::DeTable;

    use super::*;

    fn text_of(file: &str) -> Text {
        let source = Source::new("a.toml", file);
        let table = DeTable::parse(source.text()).unwrap();
        let value = &table.get_ref()["body"];
        let string = value.get_ref().as_str().unwrap().to_owned();
        let span = value.span();
        Text::new(&source, Spanned::new(span, string))
    }

    fn found(file: &str, part: &str) -> String {
        let text = text_of(file);
        let at = text.value().find(part).unwrap();
        text.place_of(at..at + part.len()).to_string()
    }

    #[test]
    fn parts_are_located_in_every_kind_of_string() {
        assert_eq!(found("body = 'see X now'", "X"), "a.toml:1:13");
        assert_eq!(found(r#"body = "a\tb\u00e9X""#, "X"), "a.toml:1:19");
        assert_eq!(
            found("body = \"\"\"\nfirst\nsecond X\n\"\"\"", "X"),
            "a.toml:3:8"
        );
        assert_eq!(found("body = '''\n\nX'''", "X"), "a.toml:3:1");
        assert_eq!(
            found("body = \"\"\"one \\\n    two X\"\"\"", "X"),
            "a.toml:2:9"
        );
        assert_eq!(found("body = \"\"\"\r\na\r\nX\"\"\"", "X"), "a.toml:3:1");
    }
}
