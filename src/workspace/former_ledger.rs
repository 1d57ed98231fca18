//! What `--new-ledger` replaces, to be put back if the send fails before its first message.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::{Failure, LedgerPolicy, Sources, Workspace, display_path};
use crate::newsletter::config::StoreUrl;
use crate::store::{Store, StoreError};
use crate::util::fs;

/// The ledger and the marker before a new ledger begins.
#[derive(Debug)]
pub struct FormerLedger {
    marker: Option<Vec<u8>>,
    ledger: FormerFile,
}

#[derive(Debug)]
enum FormerFile {
    /// There was no file at this path.
    Absent(PathBuf),
    /// The damaged file at the first path is renamed to the second one.
    Damaged(PathBuf, PathBuf),
    /// A file or a database in which nothing was sent, and which stays.
    Empty,
}

impl Workspace {
    /// The state before a send with this policy; `None` if the send begins no new ledger.
    ///
    /// # Errors
    /// When the ledger or its marker cannot be read.
    pub fn former_ledger(
        &self,
        sources: &Sources,
        policy: LedgerPolicy,
    ) -> Result<Option<FormerLedger>, Failure> {
        if !policy.new_ledger {
            return Ok(None);
        }
        let place = &sources.newsletter.store;
        let (store, ledger) = match (Store::existing_to_read(place, &self.directory), place) {
            (Err(StoreError::Damaged(..)), StoreUrl::File(path)) => {
                let path = self.directory.join(path);
                let aside = self.aside("damaged", &path);
                (None, FormerFile::Damaged(path, aside))
            }
            (found, place) => match (found?, place) {
                (None, StoreUrl::File(path)) => {
                    (None, FormerFile::Absent(self.directory.join(path)))
                }
                (store, _) => (store, FormerFile::Empty),
            },
        };
        let begins = matches!(ledger, FormerFile::Damaged(..))
            || self
                .mismatch(store.as_ref())?
                .is_some_and(|mismatch| !mismatch.is_restored());
        if !begins {
            return Ok(None);
        }
        let marker = match std::fs::read(self.marker()) {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            read => Some(read.map_err(|error| self.unrestored(&self.marker(), &error))?),
        };
        Ok(Some(FormerLedger { marker, ledger }))
    }

    /// Puts the former ledger back, unless a message of the issue may have left.
    ///
    /// # Errors
    /// When the new ledger cannot be read, or a file cannot be written.
    pub fn put_back(
        &self,
        former: FormerLedger,
        sources: &Sources,
        issue: &str,
    ) -> Result<bool, Failure> {
        let store = self.existing_store_at(&sources.newsletter.store)?;
        let send = store
            .as_ref()
            .map(|store| store.send_of(issue))
            .transpose()?;
        let is_unsent = match (&store, send.flatten(), &former.ledger) {
            (Some(_), Some(_), FormerFile::Empty) => false,
            (Some(store), Some(send), _) => store.can_refreeze(&send)?,
            _ => true,
        };
        drop(store);
        if is_unsent {
            former
                .restore(&self.marker())
                .map_err(|(path, error)| self.unrestored(&path, &error))?;
        }
        Ok(is_unsent)
    }

    fn unrestored(&self, path: &Path, error: &io::Error) -> Failure {
        Failure::io(
            format!("`{}` cannot be put back", display_path(path)),
            error,
        )
    }
}

impl FormerLedger {
    fn restore(self, marker: &Path) -> Result<(), (PathBuf, io::Error)> {
        match &self.ledger {
            FormerFile::Empty => {}
            FormerFile::Absent(path) => remove(path)?,
            FormerFile::Damaged(path, aside) => {
                remove(path)?;
                for suffix in FILES {
                    let renamed = std::fs::rename(beside(aside, suffix), beside(path, suffix));
                    unless_absent(renamed).map_err(|error| (beside(path, suffix), error))?;
                }
            }
        }
        let written = match &self.marker {
            Some(bytes) => fs::write_secret(marker, bytes),
            None => unless_absent(std::fs::remove_file(marker)),
        };
        written.map_err(|error| (marker.to_owned(), error))
    }
}

/// What is added to the name of a ledger for its log, the index of the log, and its seal; and the ledger itself.
const FILES: [&str; 4] = ["-wal", "-shm", "-clean", ""];

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn remove(path: &Path) -> Result<(), (PathBuf, io::Error)> {
    FILES.into_iter().try_for_each(|suffix| {
        let file = beside(path, suffix);
        unless_absent(std::fs::remove_file(&file)).map_err(|error| (file, error))
    })
}

fn unless_absent(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}
