//! The rows of an import, one for each mailbox: the strictest row counts, whatever the order.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use super::contact::Contact;
use super::reader::ImportedRow;
use super::rejection::RejectionCode;

/// The result of an import into an empty list.
#[derive(Debug, Default)]
pub struct Merged {
    /// How many rows were read.
    pub read: usize,
    /// The row that counts of each mailbox, in the order of the files.
    pub contacts: Vec<Placed<Contact>>,
    /// The addresses of the other rows.
    pub duplicates: Vec<Placed<String>>,
    /// Rows that are not imported.
    pub rejections: Vec<Placed<RejectionCode>>,
    by_key: HashMap<String, usize>,
}

/// A value with the place of its row.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed<T> {
    /// The file, if there are several.
    pub file: Option<Arc<str>>,
    /// The line on which the row begins, from 1.
    pub line: u64,
    /// The value.
    pub value: T,
}

impl Merged {
    /// Adds a row.
    pub fn add(&mut self, row: ImportedRow) {
        self.read += 1;
        let ImportedRow { file, line, .. } = row;
        match row.contact {
            Ok(value) => self.add_contact(Placed { file, line, value }),
            Err(value) => self.rejections.push(Placed { file, line, value }),
        }
    }

    /// The stricter row of a mailbox stays; of equal ones, the first.
    fn add_contact(&mut self, contact: Placed<Contact>) {
        match self.by_key.entry(contact.value.address.key()) {
            Entry::Vacant(entry) => {
                entry.insert(self.contacts.len());
                self.contacts.push(contact);
            }
            Entry::Occupied(entry) => {
                let known = &mut self.contacts[*entry.get()];
                let is_stricter =
                    contact.value.standing.strictness() > known.value.standing.strictness();
                let other = match is_stricter {
                    true => std::mem::replace(known, contact),
                    false => contact,
                };
                self.duplicates.push(Placed {
                    file: other.file,
                    line: other.line,
                    value: other.value.address.as_str().to_owned(),
                });
            }
        }
    }

    /// The contacts that may be mailed, now or after a confirmation.
    pub fn subscribers(&self) -> impl Iterator<Item = &Contact> {
        let contacts = self.contacts.iter().map(|contact| &contact.value);
        contacts.filter(|contact| !contact.standing.is_suppressed())
    }

    /// The contacts that must not be mailed.
    pub fn suppressed(&self) -> impl Iterator<Item = &Contact> {
        let contacts = self.contacts.iter().map(|contact| &contact.value);
        contacts.filter(|contact| contact.standing.is_suppressed())
    }
}
