//! The size of the HTML part for one recipient, section by section.

use super::MergeValues;
use crate::compile::edition::Edition;
use crate::placeholder::Sink;
use crate::subscriber::{Subscriber, TokenKey};

/// The size of a recipient's HTML part after decoding, with lines that end in CRLF, as mail clients measure it (RFC 2045
/// section 6.8).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sizes {
    /// The total, in bytes.
    pub bytes: usize,
    /// The sections that are shown to the recipient: the number in the issue and the offset in bytes.
    pub sections: Vec<(usize, usize)>,
}

impl Sizes {
    /// Measures the message for `recipient`.
    pub fn of(edition: &Edition, recipient: &Subscriber) -> Self {
        let values = MergeValues::new(edition, recipient, &TokenKey::specimen());
        let mut sizes = Self::default();
        edition.html.fill_into(&values, &mut sizes);
        sizes
    }

    /// The number of the section that contains the byte at `offset`; `None` before the first.
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

/// The length of a text whose lines end in CRLF.
fn octets(text: &str) -> usize {
    text.len() + memchr::memchr_iter(b'\n', text.as_bytes()).count()
}
