//! The operations that the store needs from a database: SQLite in a file, or PostgreSQL on a server.
//!
//! Most of the SQL is the same for both and is in the other files of the store. The statements that run once for each
//! message differ: a statement costs SQLite almost nothing, so it handles rows one by one; with PostgreSQL each statement
//! is a round trip, so it handles many rows at once, and other senders may work at the same time.

use std::time::Duration;

use super::brake::Signal;
use super::token_row::TokenRow;
use super::value::{Row, Value};
use super::{Change, LeaseRequest, Leased, NextDue, StoreError};

/// An open database. The methods take `&self`, as in both libraries, but a connection is never shared.
pub(super) trait Connection: std::fmt::Debug + std::marker::Send {
    /// Runs a statement with the parameters `?1`, `?2`, …, and returns how many rows it has changed.
    fn execute(&self, sql: &str, values: &[Value]) -> Result<usize, StoreError>;

    /// Runs a statement and returns its rows.
    fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError>;

    /// Inserts rows, each with the values of `columns`, into `table`, and returns how many.
    fn insert(
        &self,
        table: &str,
        columns: &[&str],
        rows: &mut dyn Iterator<Item = Vec<Value>>,
    ) -> Result<usize, StoreError>;

    /// Begins, commits or rolls back a transaction that writes.
    fn transaction(&self, step: TransactionStep) -> Result<(), StoreError>;

    /// Checks before a commit that the ledger is still the one that was opened, with the generation that this run has
    /// added. [`StoreError::Vanished`] if it was removed or replaced.
    fn require_in_place(&self, _generation: Option<&str>) -> Result<(), StoreError> {
        Ok(())
    }

    /// Stores, when a run begins, what identifies the ledger at later commits: texts that only this ledger contains, the
    /// latest first.
    fn learn_identity(&mut self, _texts: Vec<String>) -> Result<(), StoreError> {
        Ok(())
    }

    /// The file, or the server's URL without its password, for messages.
    fn place(&self) -> String;

    /// The error for rows whose values are invalid.
    fn damaged(&self) -> StoreError;

    /// Refreshes the statistics of the query planner after many rows were inserted.
    fn refresh_statistics(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Locks all tables against changes until the transaction ends; [`StoreError::InUse`] if a sender is active.
    fn lock_tables(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Locks the list against changes of other processes until the transaction ends. It can be read meanwhile.
    fn lock_list(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Prepares the connection for a change of many rows.
    fn prepare_bulk(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Drops the indexes of a table into which many rows are about to be inserted, and returns the statements that create
    /// them again. The primary key stays.
    fn drop_indexes(&self, table: &str) -> Result<Vec<String>, StoreError>;

    /// Refreshes the statistics of a table that was filled.
    fn analyze(&self, _table: &str) -> Result<(), StoreError> {
        Ok(())
    }

    /// Marks the store as moved; opening it is an error from then on ([`StoreError::Moved`]).
    fn mark_as_moved(&self) -> Result<(), StoreError>;

    /// The next delivery, for a sender that has leased none.
    fn next(&self, send: i64, now: i64) -> Result<NextDue, StoreError>;

    /// Leases up to `limit` deliveries that are ready or due. A delivery whose address was suppressed after the campaign
    /// began is excluded in the same transaction.
    fn lease(
        &self,
        send: i64,
        wanted: &LeaseRequest,
        limit: usize,
    ) -> Result<Vec<Leased>, StoreError>;

    /// Applies changes, each of one delivery, if the deliveries are in states that allow them.
    fn apply(&self, send: i64, changes: &[&Change]) -> Result<(), StoreError>;

    /// Adds tokens of messages that are about to be sent, unless the store has them.
    fn add_tokens(&self, tokens: &[TokenRow]) -> Result<(), StoreError>;

    /// Takes over the deliveries of senders that have died. Returns how many of them are ready again, and how many are
    /// uncertain.
    fn take_over(&self, send: i64, now: i64) -> Result<(usize, usize), StoreError>;

    /// Reserves `count` messages of the rate limit of a relay, which is `per_second` for all senders together, and returns
    /// how long to wait for the first. `None` if there is only one sender, which keeps the rate itself.
    fn reserve(
        &self,
        _relay: &str,
        _count: u32,
        _per_second: f64,
    ) -> Result<Option<Duration>, StoreError> {
        Ok(None)
    }

    /// Locks the quotas and rate limits of these relays against other senders until the transaction ends.
    ///
    /// Called at most once in a transaction, before any other lock: two senders that locked in different orders would
    /// deadlock.
    fn lock_relays(&self, _relays: &[&str]) -> Result<(), StoreError> {
        Ok(())
    }

    /// The condition, in SQL, that the sender which has leased a delivery is still active.
    fn active_sender_condition(&self) -> &'static str {
        "true"
    }

    /// Removes deleted rows from the files of the database as far as this program can: SQLite's log is emptied.
    fn erase_log(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// The condition, in SQL, that a text contains another one.
    fn contains(&self, text: &str, part: &str) -> String {
        format!("instr({text}, {part}) > 0")
    }

    /// Whether senders on other machines can use it too.
    fn is_shared(&self) -> bool {
        false
    }

    /// Locks the domains and refusals of a campaign against other senders until the transaction ends: two senders that
    /// wrote the same rows in different orders would deadlock.
    fn lock_send(&self, _send: i64) -> Result<(), StoreError> {
        Ok(())
    }

    /// Registers this sender for `send`, and returns its lease. `None` if there can be only one sender.
    fn register(&mut self, _send: i64) -> Result<Option<SenderLease>, StoreError> {
        Ok(None)
    }

    /// Renews the sender's lease, in the transaction of each lease and intent, and returns the signal that may halt the
    /// campaign. [`StoreError::Replaced`] if the lease has expired.
    fn heartbeat(&self, send: i64) -> Result<Signal, StoreError> {
        let rows = self.query(
            "select brake, edition from send where id = ?1",
            &[send.into()],
        )?;
        let signal = rows
            .into_iter()
            .next()
            .and_then(|mut row| Signal::read(&mut row));
        signal.ok_or_else(|| self.damaged())
    }

    /// The names of the active senders of `send`; empty if there can be only one.
    fn senders(&self, _send: i64) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    /// Numbers a transaction that only records outcomes, as [`Connection::heartbeat`] numbers the others.
    fn number_transaction(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Connects again after the connection was lost, and returns whether the last numbered transaction was committed.
    fn reconnect(&mut self) -> Result<bool, StoreError> {
        Err(self.damaged())
    }

    /// Removes the senders of a campaign that is about to be deleted.
    fn forget_senders(&self, _send: i64) -> Result<(), StoreError> {
        Ok(())
    }

    /// Removes this sender, which has no leased deliveries.
    fn deregister(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// How long a sender counts as active without a heartbeat.
#[derive(Debug, Clone, Copy)]
pub(super) struct SenderLease {
    /// How long it may send after a heartbeat. The other senders wait a little longer.
    pub(super) valid: Duration,
    /// The interval of its heartbeats.
    pub(super) heartbeat: Duration,
}

/// The schema version of a store that was moved away; real versions are much smaller.
pub(super) const MOVED: i64 = 0x4d4f_5645;

/// A step of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TransactionStep {
    Begin,
    Commit,
    Rollback,
}
