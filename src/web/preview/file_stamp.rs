//! Whether a file has changed since it was read.

use std::path::Path;
use std::time::{Duration, SystemTime};

/// What changes when a file is written or replaced.
#[derive(PartialEq)]
pub(super) struct FileStamp {
    inode: u64,
    length: u64,
    modified: Option<SystemTime>,
}

/// The resolution of the file system's clock: two writes within it may leave the same time of modification.
const TICK: Duration = Duration::from_millis(50);

impl FileStamp {
    /// The stamp of the file at `path`; `None` if it cannot be read.
    pub(super) fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let metadata = std::fs::metadata(path).ok()?;
        let now = SystemTime::now();
        let modified = metadata.modified().ok();
        let age = modified.and_then(|at| now.duration_since(at).ok());
        let is_fresh = age.is_some_and(|age| age < TICK);
        Some(Self {
            inode: metadata.ino(),
            length: metadata.len(),
            // The stamp of a fresh file equals no later one, so that the file is read once more.
            modified: if is_fresh { Some(now) } else { modified },
        })
    }
}
