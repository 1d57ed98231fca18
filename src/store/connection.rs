//! What the store asks of a database: SQLite in a file, or PostgreSQL on a server.
//!
//! Most of the SQL is the same for both and is in `queries`. What runs once a letter is each database's
//! own: SQLite costs nothing a statement, so it takes rows one by one; with PostgreSQL every statement is a
//! journey, so it takes many rows at once, and it has other senders beside it.

use std::time::Duration;

use super::brake::Signal;
use super::value::{Row, Value};
use super::{Change, LeaseRequest, Leased, NextDue, StoreError};

/// An open database. Its functions take `&self` for both libraries do; nobody shares one.
pub(super) trait Connection: std::fmt::Debug + std::marker::Send {
    /// Runs a statement, its parameters `?1`, `?2`, …; how many rows it has changed.
    fn execute(&self, sql: &str, values: &[Value]) -> Result<usize, StoreError>;

    /// The rows of a statement.
    fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError>;

    /// Begins, ends or takes back a transaction that writes.
    fn transaction(&self, step: TransactionStep) -> Result<(), StoreError>;

    /// Before a commit: whether what is at the ledger's place is still the ledger that was opened, with the
    /// generation that this run has added. [`StoreError::Vanished`] where it was removed or replaced.
    fn require_in_place(&self, _generation: Option<&str>) -> Result<(), StoreError> {
        Ok(())
    }

    /// When a run begins: learns to recognise the ledger at later commits by `marks` that only this one has, the latest
    /// first.
    fn learn_identity(&mut self, _marks: Vec<String>) -> Result<(), StoreError> {
        Ok(())
    }

    /// Where it is, for messages: without a password.
    fn place(&self) -> String;

    /// The fault of rows that do not say what they should.
    fn damaged(&self) -> StoreError;

    /// Tells a database that plans by what it counts that there are many more rows now.
    fn refresh_statistics(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Keeps everybody else from changing anything until the transaction ends; [`StoreError::InUse`] where
    /// others are sending.
    fn lock_tables(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Marks the store so that it opens no more: [`StoreError::Moved`].
    fn mark_as_moved(&self) -> Result<(), StoreError>;

    /// What is left to do for whoever has found nothing to take.
    fn next(&self, send: i64, now: i64) -> Result<NextDue, StoreError>;

    /// Takes up to `limit` of the deliveries that are wanted: ready or due. Whoever has left since the send
    /// began is excluded here, in the same transaction: an address that is suppressed while a send runs gets
    /// nothing more.
    fn lease(
        &self,
        send: i64,
        wanted: &LeaseRequest,
        limit: usize,
    ) -> Result<Vec<Leased>, StoreError>;

    /// Makes changes, of one delivery each, if the deliveries are in states that allow them.
    fn apply(&self, send: i64, changes: &[&Change]) -> Result<(), StoreError>;

    /// Takes up what senders have left behind that are no more: how many were only taken, and of how many
    /// nobody can know.
    fn take_over(&self, send: i64, now: i64) -> Result<(usize, usize), StoreError>;

    /// Keeps the next `count` moments for this sender, at which letters may go to a relay that takes
    /// `per_second`; how long it is until the first. `None` where there is only one sender, who can count.
    fn reserve(
        &self,
        _relay: &str,
        _count: u32,
        _per_second: f64,
    ) -> Result<Option<Duration>, StoreError> {
        Ok(None)
    }

    /// Keeps the other senders from counting and taking what goes over these relays until the transaction ends.
    /// Asked for once in a transaction, before anything that they may have locked: two that took the same two
    /// the other way round would wait for each other.
    fn lock_relays(&self, _relays: &[&str]) -> Result<(), StoreError> {
        Ok(())
    }

    /// The condition, in SQL, that whoever has taken a delivery can still send it.
    fn active_sender_condition(&self) -> &'static str {
        "true"
    }

    /// Whether other machines send with it too.
    fn is_shared(&self) -> bool {
        false
    }

    /// Keeps the other senders from writing of domains and refusals until the transaction ends: two that wrote of
    /// the same two the other way round would wait for each other.
    fn lock_send(&self, _send: i64) -> Result<(), StoreError> {
        Ok(())
    }

    /// Joins the senders of `send`, where there can be several: for how long others leave alone what it
    /// takes, and how often it has to be heard of.
    fn register(&mut self, _send: i64) -> Result<Option<SenderLease>, StoreError> {
        Ok(None)
    }

    /// Says that this sender is at work, before it takes or intends anything, in the same transaction:
    /// [`StoreError::Replaced`] where others have given it up. What may halt it comes back.
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

    /// The names of the senders of `send` that are at work, where there can be several.
    fn senders(&self, _send: i64) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    /// Numbers a transaction that only records outcomes, as [`Connection::heartbeat`] numbers the others.
    fn number_transaction(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Connects again after the connection was lost; whether the last numbered transaction was committed.
    fn reconnect(&mut self) -> Result<bool, StoreError> {
        Err(self.damaged())
    }

    /// Removes the senders of a send that is about to be removed.
    fn forget_senders(&self, _send: i64) -> Result<(), StoreError> {
        Ok(())
    }

    /// Leaves the senders, having nothing in hand.
    fn deregister(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// How long a sender counts as being at work.
#[derive(Debug, Clone, Copy)]
pub(super) struct SenderLease {
    /// It may send for so long after it was last heard of; others wait a little longer.
    pub(super) valid: Duration,
    /// It is heard of at least so often.
    pub(super) heartbeat: Duration,
}

/// The version of a store that was moved away; no version that is counted comes so far.
pub(super) const MOVED: i64 = 0x4d4f_5645;

/// A step of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TransactionStep {
    Begin,
    Commit,
    Rollback,
}
