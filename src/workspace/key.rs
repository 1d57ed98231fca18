//! The newsletter's key: unsubscribe links and message IDs depend on it.

use std::io::{Error, ErrorKind};
use std::path::PathBuf;

use super::{Failure, FailureKind, Workspace, create_private_directory, display_path};
use crate::store::Store;
use crate::util::fs;
use crate::util::key::Key;

impl Workspace {
    /// The file of the key.
    pub fn key_file(&self) -> PathBuf {
        self.state().join("key")
    }

    /// The note that a rehearsal leaves when it generates the key: no message was mailed with it.
    pub(super) fn rehearsed(&self) -> PathBuf {
        self.state().join("rehearsed")
    }

    /// The key, generated at first use.
    ///
    /// # Errors
    /// When it is damaged, or cannot be read or written.
    pub fn key(&self, is_rehearsal: bool) -> Result<Key, Failure> {
        create_private_directory(&self.state())?;
        self.note_rehearsal(is_rehearsal).map_err(|error| {
            let note = display_path(&self.rehearsed());
            Failure::io(format!("`{note}` cannot be written"), &error)
        })?;
        Key::at(&self.key_file()).map_err(|error| self.no_key(&error))
    }

    /// Writes or removes the note before the key is generated: a run that is killed in between leaves no key that looks
    /// used.
    fn note_rehearsal(&self, is_rehearsal: bool) -> std::io::Result<()> {
        let note = self.rehearsed();
        if is_rehearsal {
            return match self.key_file().exists() {
                true => Ok(()),
                false => fs::write_whole(&note, b""),
            };
        }
        match std::fs::remove_file(note) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The key, if it has been generated.
    ///
    /// # Errors
    /// When it is damaged or cannot be read.
    pub fn existing_key(&self) -> Result<Option<Key>, Failure> {
        Key::existing(&self.key_file()).map_err(|error| self.no_key(&error))
    }

    fn no_key(&self, error: &Error) -> Failure {
        if error.kind() == ErrorKind::InvalidData {
            return self.unusable_key("damaged").caused_by(error);
        }
        Failure::io(
            format!("no key at `{}`", display_path(&self.key_file())),
            error,
        )
    }

    /// Checks that the key is the one that the ledger knows.
    ///
    /// A key is generated for a newsletter that has never been sent. Message-IDs depend on it, and so do unsubscribe links
    /// that are not in the ledger, so that it is never replaced without a decision.
    ///
    /// # Errors
    /// When the key is lost, damaged, or not the one that the ledger knows.
    pub fn check_key(&self, store: Option<&Store>) -> Result<(), Failure> {
        match (self.existing_key()?, store) {
            (Some(key), Some(store)) => {
                store.compare_key(&key.code("store", &[]))?;
                Ok(store.compare_token_keys(&self.token_keys(&key)?)?)
            }
            (Some(_), None) => Ok(()),
            (None, store) => {
                // A ledger that was moved has a marker before the first message.
                let is_used = match store {
                    Some(store) => store.has_sent()?,
                    None => self.marker().exists(),
                };
                match is_used {
                    true => Err(self.lost_key()),
                    false => Ok(()),
                }
            }
        }
    }

    /// The error for a key that is gone although messages were mailed with it.
    pub fn lost_key(&self) -> Failure {
        self.unusable_key("lost")
    }

    fn unusable_key(&self, how: &str) -> Failure {
        let path = self.key_file();
        let message = format!("the key `{}` is {how}", display_path(&path));
        Failure::new(FailureKind::LedgerDamaged, message).hint(
            "restore it from a backup, or copy it from a machine that has sent before. Without \
             it, unsubscribe links that earlier versions mailed may stop working: `franking send` with `--new-key` accepts that",
        )
    }

    /// Whether there is a key with which messages may have been mailed. Only runs generate a key, and a rehearsal leaves
    /// a note beside it until the first run over a relay.
    pub(super) fn has_used_key(&self) -> bool {
        self.key_file().exists() && !self.rehearsed().exists()
    }
}
