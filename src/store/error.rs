//! What can go wrong with the store, by what its operator has to do.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// A fault of the store.
#[derive(Debug)]
pub enum StoreError {
    /// The file is no database, or a broken one.
    Damaged(PathBuf, Option<rusqlite::Error>),
    /// Nothing can be written: the disk is full, or the file is not ours to write.
    NotWritable(PathBuf, Box<dyn std::error::Error + Send + Sync>),
    /// A newer version has written it.
    Newer(PathBuf, i64),
    /// The issue's send has begun before.
    AlreadyBegun(String),
    /// A delivery was not in the state that the change expects: a second writer, or a mistake of ours.
    Transition(String),
    /// Anything else that SQLite says.
    Other(PathBuf, rusqlite::Error),
}

impl StoreError {
    pub(super) fn of(path: &Path, error: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged(path, Some(error))
            }
            Some(
                ErrorCode::ReadOnly
                | ErrorCode::DiskFull
                | ErrorCode::CannotOpen
                | ErrorCode::SystemIoFailure
                | ErrorCode::PermissionDenied,
            ) => Self::NotWritable(path, Box::new(error)),
            _ => Self::Other(path, error),
        }
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Damaged(path, _) => write!(f, "the ledger `{}` is damaged", path.display()),
            Self::NotWritable(path, _) => {
                write!(f, "the ledger `{}` cannot be written", path.display())
            }
            Self::Newer(path, version) => write!(
                f,
                "the ledger `{}` was written by a newer version (schema {version})",
                path.display()
            ),
            Self::AlreadyBegun(issue) => write!(f, "the send of `{issue}` has begun before"),
            Self::Transition(change) => {
                write!(f, "the ledger does not allow this change: {change}")
            }
            Self::Other(path, _) => write!(f, "the ledger `{}` cannot be used", path.display()),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Damaged(_, Some(error)) | Self::Other(_, error) => Some(error),
            Self::NotWritable(_, error) => Some(error.as_ref()),
            _ => None,
        }
    }
}
