//! Errors of SQLite, by what the operator has to do.

use std::path::Path;

use rusqlite::ErrorCode;

use crate::store::error::{Cause, StoreError};
use crate::util::escape;
use crate::util::system::{self, DiskError};

/// The path of a file as messages show it.
pub(in crate::store) fn named(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    escape::terminal(&path.to_string_lossy())
}

/// The error of the store for an error of SQLite.
pub(super) fn failure(path: &Path, error: rusqlite::Error) -> StoreError {
    let (place, code) = (named(path), error.sqlite_error_code());
    match code {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Damaged(place, Some(Box::new(error)))
        }
        Some(
            ErrorCode::ReadOnly
            | ErrorCode::DiskFull
            | ErrorCode::CannotOpen
            | ErrorCode::SystemIoFailure
            | ErrorCode::PermissionDenied,
        ) => StoreError::NotWritable(place, in_words(path, error)),
        _ => StoreError::Other(place, Box::new(error)),
    }
}

pub(super) const READ_ONLY: &str = "the file or its directory is read-only for this user";

/// Why a file cannot be written, without the error codes and the terms of SQLite.
fn in_words(path: &Path, error: rusqlite::Error) -> Cause {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => DiskError::Full.into(),
        Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure) if is_full(path) => {
            DiskError::Full.into()
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => READ_ONLY.into(),
        Some(ErrorCode::CannotOpen) => {
            "the file cannot be opened, or its directory is read-only for this user".into()
        }
        Some(ErrorCode::SystemIoFailure) => DiskError::Failing.into(),
        _ => Box::new(error),
    }
}

/// Whether the file system of the ledger at `path` has no space for the shared memory of SQLite, which it needs to open
/// the ledger. The error of SQLite is an unspecific one then.
fn is_full(path: &Path) -> bool {
    const SHARED_MEMORY: u64 = 32 << 10;
    let directory = path
        .parent()
        .filter(|directory| !directory.as_os_str().is_empty());
    let free = system::free_space(directory.unwrap_or(Path::new(".")));
    free.is_ok_and(|free| free < SHARED_MEMORY)
}
