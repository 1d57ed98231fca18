//! What came of the rows of an import.

use serde::Serialize;

/// What came of the rows of an import. `read` is the sum of the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ImportCounts {
    /// The rows of all files.
    pub read: usize,
    /// New subscribers.
    pub added: usize,
    /// Subscribers of the list who have a new value.
    pub updated: usize,
    /// Subscribers of the list whose values are the same.
    pub unchanged: usize,
    /// People who must not be mailed, by the file or by the store.
    pub suppressed: usize,
    /// Further rows of a mailbox.
    pub duplicate: usize,
    /// Rows that cannot be imported.
    pub rejected: usize,
}
