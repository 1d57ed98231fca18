//! The marker: a file that records which ledger the last run has used.
//!
//! A wrong ledger looks valid: with a mistyped `[store]` `url`, after a backup was restored, or with a new database, a
//! campaign would be sent to every subscriber again. So a run adds a generation to the ledger when it starts and when it
//! ends, and writes the generation to the marker. A marker may be older than its ledger, because other machines add
//! generations too. A ledger without the marker's generation is not the one of that run.

use std::io::{self, ErrorKind};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::sqlite::named;
use super::value::v;
use super::{Store, StoreError};
use crate::util::fs;
use crate::util::key;

/// The last generation that was written from this directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// The identifier of the ledger.
    ledger: String,
    /// The number of starts and ends of runs; 0 before the first.
    generation: i64,
    /// A random value that distinguishes this generation from one with the same number in a copy of the ledger.
    token: String,
}

/// How a ledger contradicts the marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mismatch {
    /// There is no ledger.
    Missing,
    /// Nothing has been sent with it.
    Empty,
    /// It is another ledger.
    Other,
    /// It lacks the last generation.
    Older,
    /// It has generations, but there is no marker.
    Unmarked,
    /// The marker is not valid.
    Damaged,
    /// There is neither a ledger nor a marker, but a key that was used to send.
    KeyAlone,
}

impl Mismatch {
    /// Whether there is a ledger, but it may lack campaigns and deliveries.
    pub fn is_restored(self) -> bool {
        match self {
            Self::Other | Self::Older | Self::Unmarked | Self::Damaged => true,
            Self::Missing | Self::Empty | Self::KeyAlone => false,
        }
    }
}

impl Marker {
    /// The marker at `path`, if there is one.
    ///
    /// # Errors
    /// If it cannot be read, and [`StoreError::MarkerDamaged`] if it is not a marker.
    pub fn read(path: &Path) -> Result<Option<Self>, StoreError> {
        let text = match std::fs::read(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|error| marker_error(path, error))?,
        };
        let marker = serde_json::from_slice(&text);
        let damaged =
            |error: serde_json::Error| StoreError::MarkerDamaged(named(path), error.into());
        marker.map(Some).map_err(damaged)
    }

    fn write(&self, path: &Path) -> Result<(), StoreError> {
        let text = serde_json::to_vec(self).expect("a marker can be serialized");
        fs::write_secret(path, &text).map_err(|error| marker_error(path, error))
    }

    /// How `store` contradicts `marker`, if it does.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn mismatch(
        marker: Option<&Self>,
        store: Option<&Store>,
    ) -> Result<Option<Mismatch>, StoreError> {
        match (marker, store) {
            (None, None) => Ok(None),
            (None, Some(store)) => {
                // Every machine that starts to use a server has no marker at first.
                let is_unmarked = !store.connection.is_shared() && store.has_generations()?;
                Ok(is_unmarked.then_some(Mismatch::Unmarked))
            }
            (Some(_), None) => Ok(Some(Mismatch::Missing)),
            (Some(marker), Some(store)) => store.contradicts(marker),
        }
    }
}

/// Writes a marker without a generation if the present one is of another ledger. A run that is killed before it writes the
/// first generation then leaves a marker, and the ledger does not look as if its marker had been lost.
fn begin_marker(path: &Path, ledger: &str) -> Result<(), StoreError> {
    let before = match Marker::read(path) {
        // The operator has decided to use this ledger.
        Err(StoreError::MarkerDamaged(..)) => None,
        read => read?,
    };
    if before.is_some_and(|marker| marker.ledger == ledger) {
        return Ok(());
    }
    let first = Marker {
        ledger: ledger.to_owned(),
        generation: 0,
        token: String::new(),
    };
    first.write(path)
}

fn marker_error(path: &Path, error: io::Error) -> StoreError {
    StoreError::Marker(named(path), Box::new(error))
}

impl Store {
    /// Adds a generation to the ledger and writes it to the marker at `path`.
    ///
    /// # Errors
    /// When the store or the marker cannot be written.
    pub fn advance(&mut self, path: &Path, now: i64) -> Result<(), StoreError> {
        let ledger = self.id()?;
        begin_marker(path, &ledger)?;
        let token = key::unique().map_err(|error| marker_error(path, error))?;
        let marker = Marker {
            ledger,
            generation: self.add_generation(&token, now)?,
            token,
        };
        marker.write(path)?;
        self.generation = Some(marker.token);
        let mut texts = self.latest_generations()?;
        texts.push(marker.ledger);
        self.connection.learn_identity(texts)
    }

    fn add_generation(&self, token: &str, now: i64) -> Result<i64, StoreError> {
        let sql = "insert into generation (token, number, at)
                   select ?1, coalesce(max(number), 0) + 1, ?2 from generation where true returning number";
        let added = self.transaction(|connection| connection.query(sql, &[v(token), v(now)]))?;
        let number = added.first().and_then(|row| row.int(0));
        number.ok_or_else(|| self.connection.damaged())
    }

    fn contradicts(&self, marker: &Marker) -> Result<Option<Mismatch>, StoreError> {
        let mismatch = if self.id()? != marker.ledger {
            Mismatch::Other
        } else if self.has_generation(marker)? {
            return Ok(None);
        } else {
            Mismatch::Older
        };
        Ok(Some(if self.has_sent()? {
            mismatch
        } else {
            Mismatch::Empty
        }))
    }

    fn has_generation(&self, marker: &Marker) -> Result<bool, StoreError> {
        let sql = "select 1 from generation where token = ?1";
        Ok(marker.generation == 0 || self.has_row(sql, &[v(&marker.token)])?)
    }

    fn latest_generations(&self) -> Result<Vec<String>, StoreError> {
        let sql = "select token from generation order by number desc limit 5";
        self.rows(sql, &[], |row| row.text(0))
    }

    fn has_generations(&self) -> Result<bool, StoreError> {
        self.has_row("select 1 from generation limit 1", &[])
    }

    /// The identifier of the ledger, which it keeps when it is moved.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn id(&self) -> Result<String, StoreError> {
        let found = self.rows("select id from ledger", &[], |row| row.text(0))?;
        let id = found.into_iter().next();
        id.ok_or_else(|| self.connection.damaged())
    }
}
