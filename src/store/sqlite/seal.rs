//! A sign that the ledger's file was closed well and has not changed since.
//!
//! `quick_check` reads the whole file. It is needed after a crash, and when something else has written to the file:
//! not at each `status` of a large ledger. The sign is written after the last connection has closed, when SQLite has
//! moved its log into the file and removed it. It holds what the file system says of the file, so that a restored or
//! damaged one does not match.

use std::cell::Cell;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Writes the sign when it is dropped, which must be after the connection.
#[derive(Debug)]
pub(super) struct Seal {
    ledger: PathBuf,
    is_broken: Cell<bool>,
}

impl Seal {
    /// For the ledger at `path`.
    pub(super) fn of(path: &Path) -> Self {
        Self {
            ledger: path.to_owned(),
            is_broken: Cell::new(false),
        }
    }

    /// Whether the ledger is as it was when it was closed last. Its log beside it is what a crash leaves, or another
    /// process that has it open.
    pub(super) fn is_whole(&self) -> bool {
        let has_log =
            std::fs::metadata(beside(&self.ledger, "-wal")).is_ok_and(|log| log.len() > 0);
        let known = std::fs::read_to_string(self.sign()).ok();
        !has_log && known.is_some() && known == stamp(&self.ledger)
    }

    /// Leaves no sign: what is at the ledger's place is not what was opened.
    pub(super) fn break_it(&self) {
        self.is_broken.set(true);
    }

    fn sign(&self) -> PathBuf {
        beside(&self.ledger, "-clean")
    }

    /// Whoever may not write here reads, and leaves the sign to others.
    fn renew(&self) {
        if beside(&self.ledger, "-wal").exists() {
            return;
        }
        let Some(stamp) = stamp(&self.ledger) else {
            return;
        };
        if std::fs::read_to_string(self.sign()).is_ok_and(|known| known == stamp) {
            return;
        }
        let _ = crate::util::fs::write_secret(&self.sign(), stamp.as_bytes());
    }
}

impl Drop for Seal {
    fn drop(&mut self) {
        if !self.is_broken.get() {
            self.renew();
        }
    }
}

/// `store.db-wal` for `store.db`, as SQLite names what belongs to a file.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// What changes with every write, and with every file that takes the place.
fn stamp(path: &Path) -> Option<String> {
    let file = std::fs::metadata(path).ok()?;
    let (modified, changed) = (file.mtime(), file.ctime());
    Some(format!(
        "{} {} {} {modified}.{:09} {changed}.{:09}\n",
        file.dev(),
        file.ino(),
        file.len(),
        file.mtime_nsec(),
        file.ctime_nsec()
    ))
}
