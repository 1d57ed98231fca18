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
        }
    }

    /// Opens the store in the file at `path`, made there if it is missing, readable by its owner alone.
    ///
    /// # Errors
    /// When it is damaged, newer than this program, or cannot be written.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Sqlite::open(path).map(Self::of)
    }

    /// Opens the store at `path` if there is one; it works while a send runs.
    ///
    /// # Errors
    /// As [`Store::open`], and when it cannot be read.
    pub fn open_existing(path: &Path) -> Result<Option<Self>, StoreError> {
        Ok(Sqlite::open_existing(path)?.map(Self::of))
    }

    /// Opens the store that the publication in `folder` names, if a send has ever made one.
    ///
    /// # Errors
    /// As [`Store::open`] and [`Store::connect`].
    pub fn existing(place: &StoreUrl, folder: &Path) -> Result<Option<Self>, StoreError> {
        match place {
            StoreUrl::File(path) => Self::open_existing(&folder.join(path)),
            StoreUrl::Server(url) => Ok(Postgres::connect_existing(url, folder)?.map(Self::of)),
        }
    }

    /// As [`Store::existing`] for a command that only reads: a file that this user may read and not write is opened too.
    ///
    /// # Errors
    /// As [`Store::existing`].
    pub fn existing_to_read(place: &StoreUrl, folder: &Path) -> Result<Option<Self>, StoreError> {
        match place {
            StoreUrl::File(path) => {
                Ok(Sqlite::open_existing_to_read(&folder.join(path))?.map(Self::of))
            }
            StoreUrl::Server(_) => Self::existing(place, folder),
        }
    }

    /// Opens the store on a server; its tables are made there if they are missing. A file that the URL names
    /// counts from `folder`.
    ///
    /// # Errors
    /// When the server is out of reach, does not let us in, is too old, or its tables are newer than this
    /// program.
    pub fn connect(url: &Password, folder: &Path) -> Result<Self, StoreError> {
        Postgres::connect(url, folder).map(Self::of)
    }
}
