//! The publication's lock: one send at a time.
//!
//! The lock is the operating system's, on an open file, so it ends with its holder, however that ends. What
//! the file says is for people.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// A lock that is held; dropping it lets go.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Who holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The process.
    pub pid: u32,
    /// What it does.
    pub task: String,
    /// Since when, in Unix seconds.
    pub since: i64,
}

/// Why a lock is not ours.
#[derive(Debug)]
pub enum LockError {
    /// Another process has it; who, if the file says so.
    Held(Option<Holder>),
    /// The file cannot be made or written.
    Io(std::io::Error),
}

impl Lock {
    /// Takes the lock at `path` for `task`, without waiting.
    ///
    /// # Errors
    /// When another process holds it, or the file cannot be written.
    pub fn take(path: &Path, task: &str, now: i64) -> Result<Self, LockError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(LockError::Io)?;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path).map_err(LockError::Io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(LockError::Held(holder(&mut file))),
            Err(TryLockError::Error(error)) => return Err(LockError::Io(error)),
        }
        let holder = Holder {
            pid: std::process::id(),
            task: task.to_owned(),
            since: now,
        };
        let text = serde_json::to_string(&holder).expect("a holder has nothing that JSON lacks");
        file.set_len(0).map_err(LockError::Io)?;
        file.write_all(text.as_bytes()).map_err(LockError::Io)?;
        Ok(Self { _file: file })
    }
}

fn holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_taker_learns_who_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/lock");
        let first = Lock::take(&path, "send 2026-11", 7).unwrap();
        let Err(LockError::Held(Some(holder))) = Lock::take(&path, "send", 8) else {
            panic!("the lock was given twice");
        };
        assert_eq!((holder.task.as_str(), holder.since), ("send 2026-11", 7));
        drop(first);
        assert!(Lock::take(&path, "send", 9).is_ok());
    }
}
