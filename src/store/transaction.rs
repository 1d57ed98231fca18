//! The open store and its transactions.

use std::time::{Duration, Instant};

use super::StoreError;
use super::connection::{Connection, TransactionStep};
use super::value::{Row, Value};
use crate::subscriber::SuppressionKey;

/// How long a sender tries to reach a server that is restarting: less than a sender's lease.
const LONGEST_ABSENCE: Duration = Duration::from_secs(30);

const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(200);

/// An open store.
#[derive(Debug)]
pub struct Store {
    pub(super) connection: Box<dyn Connection>,
    /// The generation that this run has added.
    pub(super) generation: Option<String>,
    /// The key that recognises suppressed mailboxes without an address.
    pub(super) suppression_key: Option<SuppressionKey>,
}

impl Store {
    /// Does `work` in one transaction, which is durable when this returns.
    pub(super) fn transaction<T>(
        &self,
        work: impl FnOnce(&dyn Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let connection = self.connection.as_ref();
        connection.transaction(TransactionStep::Begin)?;
        let done = work(connection).and_then(|done| {
            connection.require_in_place(self.generation.as_deref())?;
            connection.transaction(TransactionStep::Commit)?;
            Ok(done)
        });
        if done.is_err() {
            // `done` has the error. If the rollback fails too, the transaction is not committed either.
            let _ = connection.transaction(TransactionStep::Rollback);
        }
        done
    }

    /// Does `work` in a transaction, rolls it back, and returns the result of `work`.
    pub(super) fn rolled_back<T>(
        &self,
        work: impl FnOnce(&dyn Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let connection = self.connection.as_ref();
        connection.transaction(TransactionStep::Begin)?;
        let done = work(connection);
        connection.transaction(TransactionStep::Rollback)?;
        done
    }

    /// Like [`Store::transaction`], but survives a restart of the server: connects again and repeats the work, unless the
    /// lost transaction was committed. Gives up when `is_too_late`.
    pub(super) fn lasting_transaction<T>(
        &mut self,
        mut work: impl FnMut(&dyn Connection) -> Result<T, StoreError>,
        is_too_late: impl Fn() -> bool,
    ) -> Result<T, StoreError> {
        loop {
            let mut complete = None;
            let committed = self.transaction(|connection| {
                complete = Some(work(connection)?);
                Ok(())
            });
            let is_committed = match committed {
                Ok(()) => true,
                Err(lost @ StoreError::OutOfReach(..)) => self.reconnect(lost, &is_too_late)?,
                Err(error) => return Err(error),
            };
            if let Some(done) = complete.filter(|_| is_committed) {
                return Ok(done);
            }
        }
    }

    /// Connects again, and returns whether the last numbered transaction was committed.
    fn reconnect(
        &mut self,
        lost: StoreError,
        is_too_late: &impl Fn() -> bool,
    ) -> Result<bool, StoreError> {
        let end = Instant::now() + LONGEST_ABSENCE;
        while Instant::now() < end && !is_too_late() {
            match self.connection.reconnect() {
                Err(decided @ (StoreError::Replaced | StoreError::Vanished(_))) => {
                    return Err(decided);
                }
                Err(_) => std::thread::sleep(BETWEEN_ATTEMPTS),
                connected => return connected,
            }
        }
        Err(lost)
    }

    pub(super) fn rows<T>(
        &self,
        sql: &str,
        values: &[Value],
        read: impl Fn(&mut Row) -> Option<T>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.connection.query(sql, values)?;
        rows.into_iter()
            .map(|mut row| read(&mut row).ok_or_else(|| self.connection.damaged()))
            .collect()
    }

    pub(super) fn has_row(&self, sql: &str, values: &[Value]) -> Result<bool, StoreError> {
        Ok(!self.connection.query(sql, values)?.is_empty())
    }

    pub(super) fn number(&self, sql: &str, values: &[Value]) -> Result<u32, StoreError> {
        let found = self.rows(sql, values, |row| row.count(0))?;
        let number = found.into_iter().next();
        number.ok_or_else(|| self.connection.damaged())
    }
}
