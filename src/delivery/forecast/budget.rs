//! How many letters a run may try: what is left of the day's.

use std::cell::Cell;

/// A number of tries that all connections of a lane share; without one there is no limit.
#[derive(Debug, Default)]
pub(super) struct Budget(Option<Cell<usize>>);

impl Budget {
    /// So many tries, or as many as anybody likes.
    pub(super) fn new(tries: Option<usize>) -> Self {
        Self(tries.map(Cell::new))
    }

    /// Takes up to `wanted` tries; how many there were.
    pub(super) fn take(&self, wanted: usize) -> usize {
        let Some(left) = &self.0 else { return wanted };
        let taken = left.get().min(wanted);
        left.set(left.get() - taken);
        taken
    }

    /// Gives back tries that were not needed.
    pub(super) fn give_back(&self, tries: usize) {
        if let Some(left) = &self.0 {
            left.set(left.get() + tries);
        }
    }
}
