//! The seal: a file that shows that the ledger was closed properly and has not changed since.
//!
//! `quick_check` reads the whole ledger. It is needed after a crash, and after another program has written to the file, but
//! not at each `status` of a large ledger. The seal is written after the last connection is closed, when SQLite has moved
//! its log into the file. It contains the file's metadata, so it does not match a restored or damaged file.

use std::cell::Cell;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The seal of a ledger, written when the value is dropped. That must be after the connection is closed.
#[derive(Debug)]
pub(super) struct Seal {
    ledger: PathBuf,
    is_invalid: Cell<bool>,
}

impl Seal {
    /// The seal of the ledger at `path`.
    pub(super) fn of(path: &Path) -> Self {
        Self {
            ledger: path.to_owned(),
            is_invalid: Cell::new(false),
        }
    }

    /// Whether the ledger is unchanged since it was closed. If it has a log, a sender has crashed or another process has the
    /// ledger open.
    pub(super) fn is_whole(&self) -> bool {
        let has_log =
            std::fs::metadata(with_suffix(&self.ledger, "-wal")).is_ok_and(|log| log.len() > 0);
        let known = std::fs::read_to_string(self.file()).ok();
        !has_log && known.is_some() && known == stamp(&self.ledger)
    }

    /// Writes no seal when dropped, because the file is not the one that was opened.
    pub(super) fn invalidate(&self) {
        self.is_invalid.set(true);
    }

    fn file(&self) -> PathBuf {
        with_suffix(&self.ledger, "-clean")
    }

    /// Writes the seal. An error is ignored: without write permission the seal is left to others.
    fn renew(&self) {
        if with_suffix(&self.ledger, "-wal").exists() {
            return;
        }
        let Some(stamp) = stamp(&self.ledger) else {
            return;
        };
        if std::fs::read_to_string(self.file()).is_ok_and(|known| known == stamp) {
            return;
        }
        let _ = crate::util::fs::write_secret(&self.file(), stamp.as_bytes());
    }
}

impl Drop for Seal {
    fn drop(&mut self) {
        if !self.is_invalid.get() {
            self.renew();
        }
    }
}

/// Appends a suffix, as SQLite names its other files: `store.db-wal` for `store.db`.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Metadata that differ after every write and for every other file.
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
