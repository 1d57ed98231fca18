//! The newsletter's lock: only one command sends at a time.
//!
//! It is a lock of the operating system on an open file, so it is released whenever its process ends. The content of the
//! file is for messages only.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::util::fs;

/// An acquired lock. Dropping it releases it.
#[derive(Debug)]
pub struct Lock {
    file: File,
    holder: LockHolder,
}

/// The process that holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockHolder {
    /// The process identifier.
    pub pid: u32,
    /// The command that it runs.
    pub task: String,
    /// When it acquired the lock, in Unix seconds.
    pub since: i64,
    /// The issue that is being sent.
    #[serde(default)]
    pub issue: Option<String>,
}

/// Why a lock was not acquired.
#[derive(Debug)]
pub enum LockError {
    /// Another process holds it; which one, if the file is readable.
    Held(Option<LockHolder>),
    /// The file cannot be created or written.
    Io(std::io::Error),
}

impl Lock {
    /// Acquires the lock at `path` for `task`, without waiting for its holder.
    ///
    /// # Errors
    /// When another process holds it, or the file cannot be written.
    pub fn take(path: &Path, task: &str, now: i64) -> Result<Self, LockError> {
        if let Some(folder) = path.parent() {
            fs::create_directories(folder, 0o700).map_err(LockError::Io)?;
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path).map_err(LockError::Io)?;
        fs::inherit_owner(&file, path);
        take(&mut file)?;
        let holder = LockHolder {
            pid: std::process::id(),
            task: task.to_owned(),
            since: now,
            issue: None,
        };
        let mut lock = Self { file, holder };
        lock.write().map_err(LockError::Io)?;
        Ok(lock)
    }

    /// Records in the file which issue is being sent.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn set_issue(&mut self, issue: &str) -> std::io::Result<()> {
        self.holder.issue = Some(issue.to_owned());
        self.write()
    }

    /// The holder of the lock at `path`; `None` if it is free or cannot be read.
    pub fn holder(path: &Path) -> Option<LockHolder> {
        let mut file = File::open(path).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => holder(&mut file),
            _ => None,
        }
    }

    fn write(&mut self) -> std::io::Result<()> {
        let text = serde_json::to_string(&self.holder);
        let text = text.expect("a holder can be serialized");
        self.file.rewind()?;
        self.file.set_len(0)?;
        self.file.write_all(text.as_bytes())
    }
}

/// Locks the file. [`Lock::holder`] locks it for a moment too, so a failed attempt is repeated a few times.
fn take(file: &mut File) -> Result<(), LockError> {
    for _ in 0..ATTEMPTS {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => std::thread::sleep(INTERVAL),
            Err(TryLockError::Error(error)) => return Err(LockError::Io(error)),
        }
    }
    Err(LockError::Held(holder(file)))
}

const ATTEMPTS: usize = 5;
/// Longer than [`Lock::holder`] keeps the file locked.
const INTERVAL: Duration = Duration::from_millis(10);

fn holder(file: &mut File) -> Option<LockHolder> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_process_learns_who_holds_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/lock");
        let first = Lock::take(&path, "send 2026-11", 7).unwrap();
        let Err(LockError::Held(Some(holder))) = Lock::take(&path, "send", 8) else {
            panic!("the lock was acquired twice");
        };
        assert_eq!((holder.task.as_str(), holder.since), ("send 2026-11", 7));
        drop(first);
        assert!(Lock::take(&path, "send", 9).is_ok());
    }
}
