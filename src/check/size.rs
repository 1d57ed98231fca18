//! Gmail shows no more than the first 102,400 bytes of a letter's HTML: what follows, the link to leave
//! among it, waits behind "View entire message", and the styles are lost with it.

use super::Subject;
use crate::diag::{Finding, Findings, Place};
use crate::letter::Personal;
use crate::reader::Reader;
use crate::slots::Sink;
use crate::token::Key;

/// Where Gmail cuts, in bytes of the HTML part.
const CUT: usize = 102_400;
/// Where a letter is told to be near it.
const NEAR: usize = CUT * 9 / 10;

pub(super) fn check(subject: &Subject<'_>, readers: &[&Reader], findings: &mut Findings) {
    let Some(longest) = readers.iter().max_by_key(|reader| weight(reader)) else {
        return;
    };
    let filled = Filled::of(subject, longest);
    if filled.bytes > CUT {
        let message = format!(
            "Gmail cuts this letter: its HTML has {} bytes of {CUT}",
            filled.bytes
        );
        findings.push(
            Finding::error("clipped", message)
                .at(filled.section_at(subject, CUT))
                .hint("it ends in this section; shorten the issue, or lead to the web".to_owned()),
        );
    } else if filled.bytes > NEAR {
        let message = format!("the HTML has {} bytes; Gmail cuts at {CUT}", filled.bytes);
        let last = filled.section_at(subject, filled.bytes);
        findings.push(Finding::warning("nearly-clipped", message).at(last));
    }
}

/// What a reader's own values may add to a letter.
fn weight(reader: &Reader) -> usize {
    let attributes = reader
        .attributes
        .values()
        .map(|value| value.to_string().len());
    let name = reader.full_name().map_or(0, |name| name.len());
    name + reader.address.as_str().len() + attributes.sum::<usize>()
}

#[derive(Default)]
struct Filled {
    bytes: usize,
    /// The sections that the reader sees, each with the offset where it begins.
    sections: Vec<(usize, usize)>,
}

impl Sink for Filled {
    fn fixed(&mut self, _: usize, text: &str) {
        self.bytes += text.len();
    }

    fn own(&mut self, text: &str) {
        self.bytes += text.len();
    }

    fn section(&mut self, number: usize) {
        self.sections.push((number, self.bytes));
    }
}

impl Filled {
    fn of(subject: &Subject<'_>, reader: &Reader) -> Self {
        let personal = Personal::new(subject.edition, reader, &Key::specimen());
        let mut filled = Self::default();
        subject.edition.html.fill_into(&personal, &mut filled);
        filled
    }

    fn section_at(&self, subject: &Subject<'_>, offset: usize) -> Option<Place> {
        let begun = self.sections.iter().rev().find(|(_, at)| *at <= offset)?;
        subject
            .issue
            .sections
            .get(begun.0)
            .map(|section| section.place.clone())
    }
}
