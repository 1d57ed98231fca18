//! The rows of an import by what comes of them, for its report.

use std::collections::BTreeMap;

use super::staging::ListImport;
use crate::store::StoreError;
use crate::store::connection::Connection;
use crate::store::value::{Row, v};
use crate::subscriber::import::Consent;

/// How many rows are in memory at once.
const PAGE: i64 = 1_000;

/// The place of a row, with its address or the code of its rejection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedPlace {
    /// The number of the file, from 0.
    pub file: usize,
    /// The line on which the row begins, from 1.
    pub line: u64,
    /// The address or the code.
    pub value: String,
    /// Whether the person of a rejected row is suppressed nevertheless: the row says that the person left.
    pub is_suppressed: bool,
}

/// A subscriber of the files.
#[derive(Debug, Clone, PartialEq)]
pub struct StagedSubscriber {
    /// The subscriber as the store has it, as JSON.
    pub data: String,
    /// The JSON of the report, if it is not composed of the other two.
    pub shown: Option<String>,
    /// The evidence of the file.
    pub consent: Consent,
}

/// A person who must not be mailed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedSuppression {
    /// The address.
    pub address: String,
    /// The reason of the file, or that of the store.
    pub reason: String,
    /// Since when, as the file has it.
    pub at: Option<String>,
    /// The word of the other system.
    pub detail: Option<String>,
}

/// The first subscribers who may be mailed, in the order of their rows.
pub(super) fn subscribers(
    connection: &dyn Connection,
    limit: usize,
) -> Result<Vec<StagedSubscriber>, StoreError> {
    let sql = "select data, shown, consent_at, consent_ip, confirmed_at, confirmed_ip, consent_columns from staged
         where coalesce(outcome, '') in ('', 'unchanged') order by seq limit ?1";
    read(connection, sql, limit, |row| {
        Some(StagedSubscriber {
            data: row.text(0)?,
            shown: row.maybe(1, Row::text)?,
            consent: consent(row)?,
        })
    })
}

fn consent(row: &mut Row) -> Option<Consent> {
    let columns = row.maybe(6, Row::text)?;
    let columns = columns.map(|text| serde_json::from_str::<BTreeMap<_, _>>(&text));
    Some(Consent {
        at: row.maybe(2, Row::text)?,
        source: None,
        ip: row.maybe(3, Row::text)?,
        confirmed_at: row.maybe(4, Row::text)?,
        confirmed_ip: row.maybe(5, Row::text)?,
        columns: columns.transpose().ok()?.unwrap_or_default(),
    })
}

/// The first people who must not be mailed, in the order of their rows.
pub(super) fn suppressions(
    connection: &dyn Connection,
    limit: usize,
) -> Result<Vec<StagedSuppression>, StoreError> {
    let sql = "select staged.address, coalesce(staged.reason, suppression.reason), staged.suppression_at, staged.detail
         from staged left join suppression on suppression.hash = staged.hash
         where staged.outcome = 'suppressed' order by staged.seq limit ?1";
    read(connection, sql, limit, |row| {
        Some(StagedSuppression {
            address: row.text(0)?,
            reason: row.text(1)?,
            at: row.maybe(2, Row::text)?,
            detail: row.maybe(3, Row::text)?,
        })
    })
}

fn read<T>(
    connection: &dyn Connection,
    sql: &str,
    limit: usize,
    read: impl Fn(&mut Row) -> Option<T>,
) -> Result<Vec<T>, StoreError> {
    let rows = connection.query(sql, &[v(limit as i64)])?.into_iter();
    let read: Option<Vec<T>> = rows.map(|mut row| read(&mut row)).collect();
    read.ok_or_else(|| connection.damaged())
}

impl ListImport<'_> {
    /// Calls `see` with each further row of a mailbox, in the order of the rows, after [`ListImport::merge`].
    ///
    /// # Errors
    /// When the temporary table cannot be read, and those of `see`.
    pub fn each_duplicate<E: From<StoreError>>(
        &self,
        see: impl FnMut(StagedPlace) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = "select seq, file, line, address, cast(0 as bigint) from staged where outcome = 'duplicate' and seq > ?1 order by seq limit ?2";
        self.each(sql, see)
    }

    /// Calls `see` with each row that is rejected, in the order of the rows.
    ///
    /// # Errors
    /// As [`ListImport::each_duplicate`].
    pub fn each_rejection<E: From<StoreError>>(
        &self,
        see: impl FnMut(StagedPlace) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = "select seq, file, line, code, is_suppressed from staged_rejection where seq > ?1 order by seq limit ?2";
        self.each(sql, see)
    }

    /// The number of rejected rows that could not be read. The others were read, and their people did not agree or were
    /// erased in the other system.
    ///
    /// # Errors
    /// When the temporary table cannot be read.
    pub fn unread_rows(&self) -> Result<usize, StoreError> {
        let sql = "select count(*) from staged_rejection where code not in ('no-consent', 'deleted', 'erased')
             and is_suppressed = 0";
        Ok(self.store.number(sql, &[])? as usize)
    }

    /// The number of rows that could not be read whole, and whose people are suppressed.
    ///
    /// # Errors
    /// As [`ListImport::unread_rows`].
    pub fn partly_read_rows(&self) -> Result<usize, StoreError> {
        let sql = "select count(*) from staged_rejection where is_suppressed = 1";
        Ok(self.store.number(sql, &[])? as usize)
    }

    fn each<E: From<StoreError>>(
        &self,
        sql: &str,
        mut see: impl FnMut(StagedPlace) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut last = 0;
        loop {
            let rows = self.store.rows(sql, &[v(last), v(PAGE)], |row| {
                Some((row.int(0)?, place(row)?))
            })?;
            let Some((end, _)) = rows.last() else {
                return Ok(());
            };
            last = *end;
            rows.into_iter().try_for_each(|(_, place)| see(place))?;
        }
    }
}

fn place(row: &mut Row) -> Option<StagedPlace> {
    Some(StagedPlace {
        file: row.count(1)? as usize,
        line: u64::try_from(row.int(2)?).ok()?,
        value: row.text(3)?,
        is_suppressed: row.truth(4)?,
    })
}
