//! The suppression key: it recognises suppressed mailboxes whose address was removed.

use std::io::{Error, ErrorKind};
use std::path::PathBuf;

use super::{Failure, FailureKind, Sources, Workspace, create_private_directory, display_path};
use crate::store::{Mismatch, Store};
use crate::subscriber::SuppressionKey;

/// What to do without the key of the ledger. Nothing replaces the key.
pub(super) const RESTORE: &str = "restore `.franking/suppression-key` from a backup, or copy it from a machine that has it. Without it, \
     suppressed people whose address was removed cannot be recognised, so nothing is sent or imported";

impl Workspace {
    /// The file of the suppression key.
    pub fn suppression_key_file(&self) -> PathBuf {
        self.state().join("suppression-key")
    }

    /// The suppression key for a command that adds or removes suppressions in `store`, which uses it from then on. It is
    /// generated on first use.
    ///
    /// # Errors
    /// When it is lost, damaged, or not the one that the store knows, or when a file or the store cannot be written.
    pub fn suppression_key(&self, store: &mut Store) -> Result<SuppressionKey, Failure> {
        let key = match self.suppression_key_of(store)? {
            Some(key) => key,
            None => {
                create_private_directory(&self.state())?;
                let created = SuppressionKey::at(&self.suppression_key_file());
                created.map_err(|error| self.no_suppression_key(&error))?
            }
        };
        store.use_suppression_key(key.clone())?;
        Ok(key)
    }

    /// Uses the suppression key for a command that mails, if the newsletter has one: hashes that are missing are stored.
    ///
    /// # Errors
    /// As [`Workspace::suppression_key`].
    pub(super) fn use_suppression_key(&self, store: &mut Store) -> Result<(), Failure> {
        match self.suppression_key_of(store)? {
            Some(key) => Ok(store.use_suppression_key(key)?),
            None => Ok(()),
        }
    }

    /// Reads `store` with the suppression key, if the newsletter has one, and writes nothing.
    ///
    /// # Errors
    /// When the key is lost, damaged, or not the one that the store knows.
    pub fn read_with_suppression_key(&self, store: Option<&mut Store>) -> Result<(), Failure> {
        let Some(store) = store else { return Ok(()) };
        match self.suppression_key_of(store)? {
            Some(key) => Ok(store.read_with_suppression_key(key)?),
            None => Ok(()),
        }
    }

    /// The suppression key, if it exists, for a command that writes nothing.
    ///
    /// # Errors
    /// When it is lost or damaged.
    pub fn existing_suppression_key(
        &self,
        store: Option<&Store>,
    ) -> Result<Option<SuppressionKey>, Failure> {
        match store {
            Some(store) => self.suppression_key_of(store),
            None => {
                let key = SuppressionKey::existing(&self.suppression_key_file());
                key.map_err(|error| self.no_suppression_key(&error))
            }
        }
    }

    /// Whether nothing was ever sent from the directory, and it has no ledger but a suppression key, which was copied there.
    ///
    /// # Errors
    /// When the ledger or its marker cannot be read.
    pub fn has_suppression_key_alone(&self, sources: &Sources) -> Result<bool, Failure> {
        let store = self.existing_store(sources)?;
        let is_alone = self.mismatch(store.as_ref())? == Some(Mismatch::KeyAlone);
        Ok(is_alone && !self.has_used_key())
    }

    /// The key, if it exists. It must exist if the store was used with one.
    fn suppression_key_of(&self, store: &Store) -> Result<Option<SuppressionKey>, Failure> {
        let path = self.suppression_key_file();
        let key = SuppressionKey::existing(&path);
        let key = key.map_err(|error| self.no_suppression_key(&error))?;
        if key.is_none() && store.expects_suppression_key()? {
            return Err(self.unusable_suppression_key("lost"));
        }
        Ok(key)
    }

    fn no_suppression_key(&self, error: &Error) -> Failure {
        if error.kind() == ErrorKind::InvalidData {
            return self.unusable_suppression_key("damaged").caused_by(error);
        }
        let path = display_path(&self.suppression_key_file());
        Failure::io(format!("no suppression key at `{path}`"), error)
    }

    fn unusable_suppression_key(&self, how: &str) -> Failure {
        let path = display_path(&self.suppression_key_file());
        let message = format!("the suppression key `{path}` is {how}");
        Failure::new(FailureKind::LedgerDamaged, message).hint(RESTORE)
    }
}
