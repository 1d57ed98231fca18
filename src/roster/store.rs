//! The store of a list, opened to change it. Suppressions are in the store also if the list is in a file.

use crate::store::Store;
use crate::subscriber::{Address, MailboxHash, SuppressionKey};
use crate::workspace::{Failure, LedgerPolicy, Sources, Warning, Workspace};

/// The store of a newsletter, with the key of its suppressions.
#[derive(Debug)]
pub struct ListStore {
    /// The store.
    pub store: Store,
    /// The suppression key.
    pub key: SuppressionKey,
}

impl ListStore {
    /// Opens the store to change it; it is created if there is none. Each warning goes to `warn`.
    ///
    /// # Errors
    /// When it is not the ledger of the last run, cannot be written, or its suppression key is lost.
    pub fn open(
        workspace: &Workspace,
        sources: &Sources,
        warn: &mut dyn FnMut(&Warning),
    ) -> Result<Self, Failure> {
        let mut store = workspace.ledger_to_send(sources, LedgerPolicy::default(), warn)?;
        let key = workspace.suppression_key(&mut store)?;
        Ok(Self { store, key })
    }

    /// The hash of a mailbox.
    pub fn hash(&self, address: &Address) -> MailboxHash {
        self.key.hash(&address.key())
    }
}
