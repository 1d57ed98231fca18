//! Opens a store: in a file, or on a PostgreSQL server.

use std::path::Path;

use super::connection::Connection;
use super::postgres::Postgres;
use super::sqlite::Sqlite;
use super::{Store, StoreError};
use crate::newsletter::config::{Password, StoreUrl};

impl Store {
    fn of(connection: impl Connection + 'static) -> Self {
        Self {
            connection: Box::new(connection),
            generation: None,
            suppression_key: None,
        }
    }

    /// Opens the store in the file at `path`, created if it is missing and readable by its owner only.
    ///
    /// # Errors
    /// If it is damaged, newer than this program, or cannot be written.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Sqlite::open(path).map(Self::of)
    }

    /// Opens the store at `path` if there is one, also while a send runs.
    ///
    /// # Errors
    /// As [`Store::open`], and if it cannot be read.
    pub fn open_existing(path: &Path) -> Result<Option<Self>, StoreError> {
        Ok(Sqlite::open_existing(path)?.map(Self::of))
    }

    /// Opens the store at `url` if there is one. A relative path starts at `directory`.
    ///
    /// # Errors
    /// As [`Store::open`] and [`Store::connect`].
    pub fn existing(url: &StoreUrl, directory: &Path) -> Result<Option<Self>, StoreError> {
        match url {
            StoreUrl::File(path) => Self::open_existing(&directory.join(path)),
            StoreUrl::Server(url) => Ok(Postgres::connect_existing(url, directory)?.map(Self::of)),
        }
    }

    /// As [`Store::existing`] for a command that only reads: read permission is enough for a file.
    ///
    /// # Errors
    /// As [`Store::existing`].
    pub fn existing_to_read(url: &StoreUrl, directory: &Path) -> Result<Option<Self>, StoreError> {
        match url {
            StoreUrl::File(path) => {
                Ok(Sqlite::open_existing_to_read(&directory.join(path))?.map(Self::of))
            }
            StoreUrl::Server(_) => Self::existing(url, directory),
        }
    }

    /// Opens the store on a server, whose tables are created if they are missing. A relative path of a file in the URL
    /// starts at `directory`.
    ///
    /// # Errors
    /// If the server cannot be reached, rejects the login or is too old, or if its tables are newer than this program.
    pub fn connect(url: &Password, directory: &Path) -> Result<Self, StoreError> {
        Postgres::connect(url, directory).map(Self::of)
    }
}
