//! Which ledger a newsletter was sent with last: a file beside the ledger, and a row in it for each run.
//!
//! A ledger does not show that it is the wrong one. With a mistyped `[store]` `url`, after the restore of a backup
//! and in a new database all looks well, and a send goes to everybody again. So a run adds a generation to the
//! ledger when it starts and when it ends, and then writes it into the marker. A marker may be older than its
//! ledger, because other machines add generations too; a ledger that lacks the marker's generation was not there
//! in that run.

use std::io::{self, ErrorKind};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::sqlite::named;
use super::value::v;
use super::{Store, StoreError};
use crate::util::fs;
use crate::util::key;

/// The last generation that this directory has seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marker {
    /// Identifies the ledger.
    ledger: String,
    /// Counts the starts and ends of runs; 0 before the first.
    generation: i64,
    /// What distinguishes this generation from one of the same number in a copy of the ledger.
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
    /// It has generations, and there is no marker.
    Unmarked,
    /// There is a marker, and it cannot be understood.
    Damaged,
    /// There is neither a ledger nor a marker, but the key of a newsletter that was sent.
    KeyAlone,
}

impl Marker {
    /// The marker at `path`, if there is one.
    ///
    /// # Errors
    /// When it cannot be read, and [`StoreError::MarkerDamaged`] where it is not a marker.
    pub fn read(path: &Path) -> Result<Option<Self>, StoreError> {
        let text = match std::fs::read(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|error| fault(path, error))?,
        };
        let marker = serde_json::from_slice(&text);
        let damaged =
            |error: serde_json::Error| StoreError::MarkerDamaged(named(path), error.into());
        marker.map(Some).map_err(damaged)
    }

    fn write(&self, path: &Path) -> Result<(), StoreError> {
        let text = serde_json::to_vec(self).expect("a marker has nothing that JSON lacks");
        fs::write_secret(path, &text).map_err(|error| fault(path, error))
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
                // Each machine that joins a server begins without one.
                let is_unmarked = !store.connection.is_shared() && store.has_generations()?;
                Ok(is_unmarked.then_some(Mismatch::Unmarked))
            }
            (Some(_), None) => Ok(Some(Mismatch::Missing)),
            (Some(marker), Some(store)) => store.contradicts(marker),
        }
    }
}

fn fault(path: &Path, error: io::Error) -> StoreError {
    StoreError::Marker(named(path), Box::new(error))
}

impl Store {
    /// Adds a generation, and writes it into the marker at `path`.
    ///
    /// # Errors
    /// When the store or the marker cannot be written.
    pub fn advance(&mut self, path: &Path, now: i64) -> Result<(), StoreError> {
        let ledger = self.id()?;
        let before = match Marker::read(path) {
            // Whoever comes here has decided that this ledger is the right one.
            Err(StoreError::MarkerDamaged(..)) => None,
            read => read?,
        };
        if before.is_none_or(|marker| marker.ledger != ledger) {
            // Before the ledger has its first generation: a run that is killed in between leaves no ledger that
            // looks as if its marker had been lost.
            let first = Marker {
                ledger: ledger.clone(),
                generation: 0,
                token: String::new(),
            };
            first.write(path)?;
        }
        let token = key::unique().map_err(|error| fault(path, error))?;
        let added = self.transaction(|connection| {
            let sql = "insert into generation (token, number, at)
                       select ?1, coalesce(max(number), 0) + 1, ?2 from generation where true returning number";
            connection.query(sql, &[v(&token), v(now)])
        })?;
        let generation = added.first().and_then(|row| row.int(0));
        let marker = Marker {
            ledger,
            generation: generation.ok_or_else(|| self.connection.damaged())?,
            token,
        };
        marker.write(path)?;
        self.generation = Some(marker.token);
        let mut marks = self.latest_generations()?;
        marks.push(marker.ledger);
        self.connection.learn_identity(marks)
    }

    fn contradicts(&self, marker: &Marker) -> Result<Option<Mismatch>, StoreError> {
        let mismatch = if self.id()? != marker.ledger {
            Mismatch::Other
        } else if self.holds(marker)? {
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

    fn holds(&self, marker: &Marker) -> Result<bool, StoreError> {
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

    /// What identifies the ledger, wherever it is moved to.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn id(&self) -> Result<String, StoreError> {
        let found = self.rows("select id from ledger", &[], |row| row.text(0))?;
        let id = found.into_iter().next();
        id.ok_or_else(|| self.connection.damaged())
    }
}
