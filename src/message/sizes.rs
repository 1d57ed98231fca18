//! How many bytes of HTML a reader gets, section by section.

use super::MergeValues;
use crate::compile::edition::Edition;
use crate::placeholder::Sink;
use crate::subscriber::Subscriber;
use crate::util::key::Key;

/// The HTML part of one reader's letter, measured as a client has it once it is decoded: a line ends in CR LF
/// (RFC 2045 section 6.8).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sizes {
    /// How many bytes it has.
    pub bytes: usize,
    /// The sections that the reader sees: the number in the issue, and the byte where it begins.
    pub sections: Vec<(usize, usize)>,
}

impl Sizes {
    /// Measures the letter of `reader`.
    pub fn of(edition: &Edition, reader: &Subscriber) -> Self {
        let personal = MergeValues::new(edition, reader, &Key::specimen());
        let mut sizes = Self::default();
        edition.html.fill_into(&personal, &mut sizes);
        sizes
    }

    /// The number of the section that holds the byte at `offset`; `None` before the first.
    pub fn section_at(&self, offset: usize) -> Option<usize> {
        let begun = self.sections.iter().rev().find(|(_, at)| *at <= offset)?;
        Some(begun.0)
    }
}

impl Sink for Sizes {
    fn fixed(&mut self, _: usize, text: &str) {
        self.bytes += octets(text);
    }

    fn own(&mut self, text: &str) {
        self.bytes += octets(text);
    }

    fn section(&mut self, number: usize) {
        self.sections.push((number, self.bytes));
    }
}

/// The octets of a text whose lines end in CR LF.
fn octets(text: &str) -> usize {
    text.len() + memchr::memchr_iter(b'\n', text.as_bytes()).count()
}
