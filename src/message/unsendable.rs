//! Recipients whose message cannot be sent, whatever the relay is.

use super::LONGEST_LINE;
use crate::compile::edition::Edition;
use crate::placeholder::Placeholder;
use crate::subscriber::Subscriber;

/// Why the message of a recipient cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsendable {
    /// The mailbox has non-ASCII characters, which need SMTPUTF8 (RFC 6531). Not every relay on the path supports it.
    Mailbox,
    /// The subject uses this placeholder, and its value is longer than a line of the header (RFC 5322 section 2.1.1).
    Header(String),
}

/// Finds the unsendable recipients of an edition. Only the address and the subject can make a message unsendable: the
/// encoding limits the lines of the body, and the lengths of the other header fields are bounded.
#[derive(Debug)]
pub struct Examiner<'a> {
    /// The placeholders of the subject.
    placeholders: Vec<&'a Placeholder>,
}

impl<'a> Examiner<'a> {
    /// An examiner of the recipients of `edition`.
    pub fn of(edition: &'a Edition) -> Self {
        let uses = edition.subject.uses().into_iter();
        Self {
            placeholders: uses
                .filter_map(|(number, _)| edition.placeholders.get(number))
                .collect(),
        }
    }

    /// Why the message for `recipient` cannot be sent; `None` if it can.
    pub fn unsendable(&self, recipient: &Subscriber) -> Option<Unsendable> {
        if recipient.address.needs_smtputf8() {
            return Some(Unsendable::Mailbox);
        }
        let is_long = |placeholder: &&&Placeholder| {
            let value = recipient.value(&placeholder.name);
            value.is_some_and(|value| value.len() > LONGEST_LINE)
        };
        let long = self.placeholders.iter().find(is_long)?;
        Some(Unsendable::Header(long.name.clone()))
    }
}
