//! Mailboxes without their names: which of a million are on the list twice.

use std::collections::{BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

/// What all spellings of one mailbox have in common, and hardly any other mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fingerprint(u64);

impl Fingerprint {
    pub(super) fn of(key: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// The fingerprints of a list: 8 bytes a reader.
#[derive(Debug, Default)]
pub(super) struct Fingerprints(Vec<Fingerprint>);

impl Fingerprints {
    pub(super) fn note(&mut self, key: &str) {
        self.0.push(Fingerprint::of(key));
    }

    /// Those that were noted more than once. Sorted where they lie: a set of them takes three times the room.
    pub(super) fn repeated(&mut self) -> BTreeSet<Fingerprint> {
        self.0.sort_unstable();
        let neighbours = self.0.windows(2);
        let same = neighbours.filter(|pair| pair[0] == pair[1]);
        same.map(|pair| pair[0]).collect()
    }
}

/// The mailboxes that are on a list more than once, by their keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repeated(HashSet<String>);

impl Repeated {
    /// Adds the mailbox with this key.
    pub fn insert(&mut self, key: String) {
        self.0.insert(key);
    }

    /// Whether the mailbox with this key is on the list more than once.
    pub fn contains(&self, key: &str) -> bool {
        self.0.contains(key)
    }
}
