//! The store of a list, opened to change suppressions. It serves a list in a file too.

use crate::store::Store;
use crate::subscriber::{Address, MailboxHash, SuppressionKey};
use crate::workspace::{Failure, Sources, Warned, Workspace};

/// The store of a newsletter, with the key of its suppressions.
#[derive(Debug)]
pub struct ListStore {
    /// The store.
    pub store: Store,
    /// The suppression key.
    pub key: SuppressionKey,
}

impl ListStore {
    /// The hash of a mailbox.
    pub fn hash(&self, address: &Address) -> MailboxHash {
        self.key.hash(&address.key())
    }
}

/// Opens the store to change it; it is created if there is none.
///
/// # Errors
/// If it is not the one of the last run, cannot be written, or its suppression key is lost.
pub fn open_store(workspace: &Workspace, sources: &Sources) -> Result<Warned<ListStore>, Failure> {
    let found = workspace.ledger_to_read(sources)?;
    let mut store = match found.value {
        Some(store) => store,
        None => workspace.store_at(&sources.newsletter.store)?,
    };
    let key = workspace.suppression_key(&mut store)?;
    Ok(Warned {
        value: ListStore { store, key },
        warnings: found.warnings,
    })
}
