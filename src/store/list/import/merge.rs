//! Merges the staged rows into the list, in one transaction.

use super::add::add;
use super::counts::ImportCounts;
use super::results::{self, StagedSubscriber, StagedSuppression};
use super::row_stager::RowStager;
use super::staging::{self, ListImport};
use super::{evidence, own, regained, suppressed, update};
use crate::store::connection::Connection;
use crate::store::list::change::note_change;
use crate::store::list::departures;
use crate::store::suppression_key::hash_addresses;
use crate::store::{Departures, Send, StoreError};
use crate::subscriber::import::ImportedFile;

/// The result of an import.
#[derive(Debug)]
pub struct MergedImport {
    /// What came of the rows.
    pub counts: ImportCounts,
    /// The campaigns that were paused because too many of their open recipients left.
    pub paused: Vec<(Send, Departures)>,
    /// The first subscribers of the files who may be mailed, now or after a confirmation.
    pub subscribers: Vec<StagedSubscriber>,
    /// The first people who must not be mailed.
    pub suppressions: Vec<StagedSuppression>,
}

impl ListImport<'_> {
    /// Merges the rows that were written into the list, or only reports what that would do. `rows` has prepared them from
    /// `files`, `now` is in Unix seconds, and of subscribers and suppressions the first `shown` are returned.
    ///
    /// # Errors
    /// When the store cannot be written; nothing has changed then.
    pub fn merge(
        &mut self,
        (rows, files): (&RowStager, &[ImportedFile]),
        (now, is_dry_run): (i64, bool),
        shown: usize,
    ) -> Result<MergedImport, StoreError> {
        staging::mark_duplicates(self.store.connection.as_ref())?;
        let work =
            |connection: &dyn Connection| self.merge_rows(connection, (rows, files), now, shown);
        match is_dry_run {
            true => self.store.rolled_back(work),
            false => self.store.transaction(work),
        }
    }

    fn merge_rows(
        &self,
        connection: &dyn Connection,
        (rows, files): (&RowStager, &[ImportedFile]),
        now: i64,
        shown: usize,
    ) -> Result<MergedImport, StoreError> {
        connection.lock_list()?;
        hash_addresses(connection, &self.key)?;
        departures::exclude_earlier(connection, now)?;
        if rows.has_hashed {
            own::mark_hashed(connection)?;
        }
        suppressed::mark(connection)?;
        let updated = update::update(connection, now)?;
        let subscribers = results::subscribers(connection, shown)?;
        let suppressions = results::suppressions(connection, shown)?;
        let left = match rows.has_own {
            true => add(connection, own::LEFT, now)?,
            false => 0,
        };
        let added = add(connection, "outcome is null", now)?;
        suppressed::suppress(connection, files, now)?;
        let regained = match rows.has_hashed {
            true => regained::regain(connection, &self.key)?,
            false => 0,
        };
        let mut counts = counts(connection, rows)?;
        (counts.added, counts.updated) = (added, updated);
        counts.unchanged -= updated;
        let import = evidence::record(connection, files, &counts, now)?;
        if rows.has_own {
            own::record(connection, (import, files.len()), now)?;
        }
        if added + updated + left + regained > 0 {
            note_change(connection, &rows.attributes)?;
        }
        Ok(MergedImport {
            counts,
            paused: departures::exclude(connection, now)?,
            subscribers,
            suppressions,
        })
    }
}

/// The counts by outcome; subscribers with a new value are among the unchanged.
fn counts(connection: &dyn Connection, rows: &RowStager) -> Result<ImportCounts, StoreError> {
    let mut counts = ImportCounts {
        read: rows.read,
        rejected: rows.rejected,
        ..ImportCounts::default()
    };
    let sql = "select outcome, count(*) from staged where outcome is not null group by outcome";
    for mut row in connection.query(sql, &[])? {
        let count = row.count(1).ok_or_else(|| connection.damaged())? as usize;
        match row.text(0).as_deref() {
            Some("duplicate") => counts.duplicate = count,
            Some("suppressed") => counts.suppressed = count,
            _ => counts.unchanged = count,
        }
    }
    Ok(counts)
}
