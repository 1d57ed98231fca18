//! Finding mailboxes with several entries in a list of a million.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{Status, Subscriber};

/// A hash of a mailbox's key. Different mailboxes hardly ever share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fingerprint(u64);

impl Fingerprint {
    pub(super) fn of(key: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// The fingerprints of a list: 8 bytes for each subscriber.
#[derive(Debug, Default)]
pub(super) struct Fingerprints(Vec<Fingerprint>);

impl Fingerprints {
    pub(super) fn note(&mut self, key: &str) {
        self.0.push(Fingerprint::of(key));
    }

    /// Fingerprints that occur more than once. Sorted in place: a set would need three times the memory.
    pub(super) fn repeated(&mut self) -> BTreeSet<Fingerprint> {
        self.0.sort_unstable();
        let neighbours = self.0.windows(2);
        let same = neighbours.filter(|pair| pair[0] == pair[1]);
        same.map(|pair| pair[0]).collect()
    }
}

/// The mailboxes with several entries, by their keys, each with the strictest status of its entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Duplicates(HashMap<String, Status>);

impl Duplicates {
    /// Adds an entry of the mailbox with this key.
    pub fn insert(&mut self, key: String, status: Status) {
        let strictest = self.0.entry(key).or_default();
        *strictest = status.max(*strictest);
    }

    /// Whether no mailbox has several entries.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the mailbox with this key has several entries.
    pub fn contains(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// Sets the strictest status of the mailbox, so that a subscriber who left under one entry gets no mail under another.
    pub fn settle(&self, subscriber: &mut Subscriber) {
        if self.is_empty() {
            return;
        }
        if let Some(strictest) = self.0.get(&subscriber.address.key()) {
            subscriber.status = *strictest;
        }
    }
}
