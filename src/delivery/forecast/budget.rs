//! The number of messages that a run may still send under a daily quota.

use std::cell::Cell;

/// The remaining attempts, which all connections of a route share. `None` means unlimited.
#[derive(Debug, Default)]
pub(super) struct Budget(Option<Cell<usize>>);

impl Budget {
    /// A budget of `attempts` attempts; `None` means unlimited.
    pub(super) fn new(attempts: Option<usize>) -> Self {
        Self(attempts.map(Cell::new))
    }

    /// Takes up to `wanted` attempts and returns how many were available.
    pub(super) fn take(&self, wanted: usize) -> usize {
        let Some(left) = &self.0 else { return wanted };
        let taken = left.get().min(wanted);
        left.set(left.get() - taken);
        taken
    }

    /// Returns unused attempts.
    pub(super) fn give_back(&self, attempts: usize) {
        if let Some(left) = &self.0 {
            left.set(left.get() + attempts);
        }
    }
}
