//! Errors of SQLite, by what the operator has to do.

use std::path::Path;

use rusqlite::ErrorCode;

use crate::store::error::{Cause, StoreError};
use crate::util::escape;

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
        ) => StoreError::NotWritable(place, in_words(error)),
        _ => StoreError::Other(place, Box::new(error)),
    }
}

pub(super) const READ_ONLY: &str = "the file or its directory is read-only for this user";

/// Why a file cannot be written, without the error codes and the terms of SQLite.
fn in_words(error: rusqlite::Error) -> Cause {
    match error.sqlite_error_code() {
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => READ_ONLY.into(),
        Some(ErrorCode::CannotOpen) => {
            "the file cannot be opened, or its directory is read-only for this user".into()
        }
        Some(ErrorCode::DiskFull) => "the disk is full".into(),
        Some(ErrorCode::SystemIoFailure) => "the disk reports an error".into(),
        _ => Box::new(error),
    }
}
