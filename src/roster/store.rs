//! The store of a list, opened to change it. Suppressions are in the store also if the list is in a file.

use std::path::PathBuf;

use crate::store::Store;
use crate::subscriber::{Address, MailboxHash, SuppressionKey};
use crate::util::key;
use crate::workspace::{
    Failure, LedgerPolicy, Sources, Warning, Workspace, create_private_directory,
};

/// The store of a newsletter, with the key of its suppressions.
#[derive(Debug)]
pub struct ListStore {
    /// The store.
    pub store: Store,
    /// The suppression key.
    pub key: SuppressionKey,
    /// What a dry run uses instead of files that do not exist; removed after the store is closed.
    _scratch: Option<Scratch>,
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
        Self::open_with(workspace, sources, LedgerPolicy::default(), warn)
    }

    /// As [`ListStore::open`], with what the command accepts of a ledger that is missing.
    ///
    /// # Errors
    /// As [`ListStore::open`].
    pub(super) fn open_with(
        workspace: &Workspace,
        sources: &Sources,
        policy: LedgerPolicy,
        warn: &mut dyn FnMut(&Warning),
    ) -> Result<Self, Failure> {
        let mut store = workspace.ledger_to_send(sources, policy, warn)?;
        let key = workspace.suppression_key(&mut store)?;
        Ok(Self {
            store,
            key,
            _scratch: None,
        })
    }

    /// Opens the store for a change that is rolled back, and creates nothing: an empty store elsewhere stands for one that
    /// does not exist, and another key for one that was not generated yet.
    ///
    /// # Errors
    /// As [`ListStore::open`].
    pub(super) fn for_dry_run(
        workspace: &Workspace,
        sources: &Sources,
        policy: LedgerPolicy,
        warn: &mut dyn FnMut(&Warning),
    ) -> Result<Self, Failure> {
        let found = workspace.ledger_to_resume(sources, policy)?;
        found.warnings.iter().for_each(&mut *warn);
        let known = workspace.existing_suppression_key(found.value.as_ref())?;
        let mut scratch = None;
        if found.value.is_none() || known.is_none() {
            scratch = Some(Scratch::create()?);
        }
        let beside = |name: &str| {
            let folder = scratch.as_ref().map(|scratch| scratch.0.join(name));
            folder.unwrap_or_default()
        };
        let store = match found.value {
            Some(store) => store,
            None => Store::open(&beside("store.db"))?,
        };
        let key = match known {
            Some(key) => key,
            None => SuppressionKey::at(&beside("suppression-key"))
                .map_err(|error| Failure::io("no temporary file can be written", &error))?,
        };
        Ok(Self {
            store,
            key,
            _scratch: scratch,
        })
    }

    /// The hash of a mailbox.
    pub fn hash(&self, address: &Address) -> MailboxHash {
        self.key.hash(&address.key())
    }
}

/// A private directory for temporary files.
#[derive(Debug)]
struct Scratch(PathBuf);

impl Scratch {
    fn create() -> Result<Self, Failure> {
        let unique = key::unique();
        let unique = unique.map_err(|error| Failure::io("no random number", &error))?;
        let path = std::env::temp_dir().join(format!("franking-{unique}"));
        create_private_directory(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left is private, and the system removes temporary files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
