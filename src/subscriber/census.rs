//! What is known about a list that was read to its end.

use std::collections::BTreeSet;

use super::Subscriber;
use super::duplicates::Duplicates;

/// Properties of a list that was read to its end.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Census {
    /// The number of subscribers.
    pub subscribers: usize,
    /// The names of all attributes: the placeholders besides the built-in ones.
    pub attributes: BTreeSet<String>,
    /// The mailboxes with several entries.
    pub repeated: Duplicates,
    /// Whether every entry could be read. If not, an attribute that seems missing may be in an unreadable entry.
    pub is_whole: bool,
    pub(super) digest: [u8; 32],
}

impl Census {
    pub(super) fn note(&mut self, subscriber: &Subscriber) {
        self.subscribers += 1;
        for name in subscriber.attributes.keys() {
            if !self.attributes.contains(name) {
                self.attributes.insert(name.clone());
            }
        }
    }
}
