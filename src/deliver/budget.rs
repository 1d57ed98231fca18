//! How many letters a run may try: what is left of the day's.

use std::sync::atomic::{AtomicUsize, Ordering};

/// A number of tries that all connections share; without one there is no limit.
#[derive(Debug, Default)]
pub struct Budget(Option<AtomicUsize>);

impl Budget {
    /// So many tries, or as many as anybody likes.
    pub fn new(tries: Option<usize>) -> Self {
        Self(tries.map(AtomicUsize::new))
    }

    /// Takes up to `wanted` tries; how many there were.
    pub fn take(&self, wanted: usize) -> usize {
        let Some(left) = &self.0 else { return wanted };
        let taken = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            Some(left.saturating_sub(wanted))
        });
        taken.map_or(0, |left| left.min(wanted))
    }

    /// Gives back tries that were not needed.
    pub fn give_back(&self, tries: usize) {
        if let Some(left) = &self.0 {
            left.fetch_add(tries, Ordering::Relaxed);
        }
    }
}
