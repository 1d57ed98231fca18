//! Recipients whose message cannot be sent, whatever the relay is.

use super::LONGEST_LINE;
use crate::compile::edition::Edition;
use crate::placeholder::Placeholder;
use crate::subscriber::Subscriber;

/// Why the message of a recipient cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsendable {
    /// The mailbox name is outside ASCII, which takes SMTPUTF8 (RFC 6531). No relay can be relied on to offer it.
    Mailbox,
    /// The value of this placeholder is longer than a line of the header (RFC 5322 section 2.1.1), and stands in the
    /// subject.
    Header(String),
}

/// Examines the message of every recipient of an edition, as far as one differs from the other: the lines of the body
/// are short by their encoding, and the other fields of the header by their limits.
#[derive(Debug)]
pub struct Examiner<'a> {
    /// The placeholders of the subject.
    slots: Vec<&'a Placeholder>,
}

impl<'a> Examiner<'a> {
    /// For the recipients of `edition`.
    pub fn of(edition: &'a Edition) -> Self {
        let uses = edition.subject.uses().into_iter();
        Self {
            slots: uses
                .filter_map(|(slot, _)| edition.slots.get(slot))
                .collect(),
        }
    }

    /// Why the message of `reader` cannot be sent, if it cannot.
    pub fn unsendable(&self, reader: &Subscriber) -> Option<Unsendable> {
        if reader.address.needs_smtputf8() {
            return Some(Unsendable::Mailbox);
        }
        let is_long = |slot: &&&Placeholder| {
            let value = reader.value(&slot.name);
            value.is_some_and(|value| value.len() > LONGEST_LINE)
        };
        let long = self.slots.iter().find(is_long)?;
        Some(Unsendable::Header(long.name.clone()))
    }
}
