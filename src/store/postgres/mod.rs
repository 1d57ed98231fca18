//! PostgreSQL: the store on a server, for any number of senders on any number of machines.
//!
//! The store's functions wait for their answers; the library does not. So each store has a small runtime of
//! its own, which runs while somebody waits. A sender connects again when the connection is lost: each of its
//! transactions has a number, which shows whether the last one was committed.

mod address;
mod failure;
mod queue;
mod rate_limit;
mod schema;
mod senders;
mod value;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::path::Path;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::ClientConfig;

use super::brake::Signal;
use super::connection::{Connection, MOVED, SenderLease, TransactionStep};
use super::value::{Row, Value};
use super::{Change, LeaseRequest, Leased, NextDue, StoreError};
use crate::newsletter::config::Password;
use crate::util::tls;
use address::Address;

/// The oldest server, as `server_version_num` counts: the oldest that is still mended.
const OLDEST: u32 = 13;

/// An open connection to a server.
pub(super) struct Postgres {
    runtime: Runtime,
    client: Client,
    /// Prepared once: a statement that is prepared anew costs a second journey.
    statements: RefCell<HashMap<String, Statement>>,
    place: String,
    /// Where and how to connect again.
    address: Address,
    trust: MakeRustlsConnect,
    /// Our number among the senders.
    sender: Option<i64>,
    /// How many transactions of this sender were numbered.
    batch: Cell<i64>,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Postgres").field(&self.place).finish()
    }
}

type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Postgres {
    /// Opens the ledger on a server, created there if it is missing.
    pub(super) fn connect(url: &Password, folder: &Path) -> Result<Self, StoreError> {
        let server = Self::at(url, folder)?;
        schema::migrate(&server)?;
        Ok(server)
    }

    /// Opens the ledger on a server if there is one. Rights to read are enough.
    pub(super) fn connect_existing(
        url: &Password,
        folder: &Path,
    ) -> Result<Option<Self>, StoreError> {
        let server = Self::at(url, folder)?;
        if !schema::exists(&server)? {
            return Ok(None);
        }
        schema::migrate(&server)?;
        Ok(Some(server))
    }

    fn at(url: &Password, folder: &Path) -> Result<Self, StoreError> {
        let address = Address::read(url.expose(), folder)
            .map_err(|why| StoreError::NotAdmitted("postgres://…".to_owned(), why.into()))?;
        let place = address.place.clone();
        let not_admitted = |why| StoreError::NotAdmitted(place.clone(), why);
        let trust = tls::config(address.authorities.as_deref())
            .map_err(|error| not_admitted(Box::new(error)))?;
        let trust = MakeRustlsConnect::new(ClientConfig::clone(&trust));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| StoreError::Other(place.clone(), Box::new(error)))?;
        let client = runtime
            .block_on(open(&address, trust.clone()))
            .map_err(|error| failure::at_connecting(&place, &error))?;
        let server = Self {
            runtime,
            client,
            statements: RefCell::default(),
            place,
            address,
            trust,
            sender: None,
            batch: Cell::new(0),
        };
        server.require_version()?;
        server.run(SETTINGS)?;
        Ok(server)
    }

    fn require_version(&self) -> Result<(), StoreError> {
        let row = self.query(
            "select current_setting('server_version_num')::bigint, current_setting('server_version')",
            &[],
        )?;
        let mut row = row.into_iter().next().ok_or_else(|| self.damaged())?;
        let number = row.int(0).ok_or_else(|| self.damaged())?;
        if is_new_enough(number) {
            return Ok(());
        }
        let version = row.text(1).unwrap_or_default();
        Err(StoreError::OldServer(self.place.clone(), version, OLDEST))
    }

    /// Runs statements without parameters.
    fn run(&self, sql: &str) -> Result<(), StoreError> {
        self.wait(self.client.batch_execute(sql))
    }

    /// The rows of a statement, its parameters `$1`, `$2`, ….
    fn rows(
        &self,
        sql: &str,
        parameters: Parameters<'_>,
    ) -> Result<Vec<tokio_postgres::Row>, StoreError> {
        let statement = self.prepared(sql)?;
        self.wait(self.client.query(&statement, parameters))
    }

    /// Runs a statement, its parameters `$1`, `$2`, …; how many rows it has changed.
    fn change(&self, sql: &str, parameters: Parameters<'_>) -> Result<usize, StoreError> {
        let statement = self.prepared(sql)?;
        let changed = self.wait(self.client.execute(&statement, parameters))?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    fn prepared(&self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(known) = self.statements.borrow().get(sql) {
            return Ok(known.clone());
        }
        let statement = self.wait(self.client.prepare(sql))?;
        let mut statements = self.statements.borrow_mut();
        statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    fn wait<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, StoreError> {
        let done = self.runtime.block_on(work);
        done.map_err(|error| failure::at_work(&self.place, &error))
    }

    /// The number of the transaction that has begun.
    fn next_batch(&self) -> i64 {
        let batch = self.batch.get() + 1;
        self.batch.set(batch);
        batch
    }

    /// Our number among the senders; nothing is taken without one.
    fn sender(&self) -> Result<i64, StoreError> {
        self.sender.ok_or(StoreError::Replaced)
    }
}

/// A commit has to be on the disk; a transaction whose sender has gone silent must not hold its rows for
/// ever; and whatever the server's settings say, what one statement commits the next one sees.
const SETTINGS: &str = "
    select set_config('synchronous_commit', 'on', false)
        where current_setting('synchronous_commit') in ('off', 'local');
    set idle_in_transaction_session_timeout = '60s';
    set default_transaction_isolation = 'read committed';
    set client_min_messages = 'warning'";

fn is_new_enough(number: i64) -> bool {
    number >= i64::from(OLDEST) * 10_000
}

async fn open(address: &Address, tls: MakeRustlsConnect) -> Result<Client, Error> {
    let (client, connection) = address.config.connect(tls).await?;
    // What ends it is told by whatever is asked next.
    tokio::spawn(async move { drop(connection.await) });
    Ok(client)
}

/// The shared SQL counts its parameters as SQLite does.
fn dialect(sql: &str) -> String {
    sql.replace('?', "$")
}

fn parameters(values: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    values.iter().map(|value| value as _).collect()
}

impl Connection for Postgres {
    fn execute(&self, sql: &str, values: &[Value]) -> Result<usize, StoreError> {
        self.change(&dialect(sql), &parameters(values))
    }

    fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        let rows = self.rows(&dialect(sql), &parameters(values))?;
        Ok(rows.iter().map(value::row).collect())
    }

    fn transaction(&self, step: TransactionStep) -> Result<(), StoreError> {
        self.run(match step {
            TransactionStep::Begin => "begin",
            TransactionStep::Commit => "commit",
            TransactionStep::Rollback => "rollback",
        })
    }

    fn place(&self) -> String {
        self.place.clone()
    }

    fn damaged(&self) -> StoreError {
        StoreError::Damaged(self.place.clone(), None)
    }

    /// The next send's number is behind those that were moved here.
    fn refresh_statistics(&self) -> Result<(), StoreError> {
        self.run("select setval(pg_get_serial_sequence('send', 'id'), max(id)) from send; analyze delivery")
    }

    /// Who has expired may have left something in hand; that moves with the rest.
    fn lock_tables(&self) -> Result<(), StoreError> {
        self.run("lock table sender, send, edition, send_edition, delivery, suppression, domain, bounce, ledger,
             generation, signature in exclusive mode")?;
        let alive = "select 1 from sender where expires_at > clock_timestamp()";
        if self.query(alive, &[])?.is_empty() {
            Ok(())
        } else {
            Err(StoreError::InUse(self.place.clone()))
        }
    }

    fn mark_as_moved(&self) -> Result<(), StoreError> {
        self.execute(
            "insert into franking (version) values (?1)",
            &[MOVED.into()],
        )?;
        Ok(())
    }

    fn next(&self, send: i64, now: i64) -> Result<NextDue, StoreError> {
        queue::next(self, send, now)
    }

    fn lease(
        &self,
        send: i64,
        wanted: &LeaseRequest,
        limit: usize,
    ) -> Result<Vec<Leased>, StoreError> {
        queue::lease(self, send, wanted, limit)
    }

    fn apply(&self, send: i64, changes: &[&Change]) -> Result<(), StoreError> {
        queue::apply(self, send, changes)
    }

    fn take_over(&self, send: i64, now: i64) -> Result<(usize, usize), StoreError> {
        senders::take_over(self, send, now)
    }

    fn reserve(
        &self,
        relay: &str,
        count: u32,
        per_second: f64,
    ) -> Result<Option<Duration>, StoreError> {
        rate_limit::reserve(self, relay, count, per_second)
    }

    fn lock_relays(&self, relays: &[&str]) -> Result<(), StoreError> {
        rate_limit::hold(self, relays)
    }

    /// What a sender has taken that was not heard of in time, others will take up.
    fn active_sender_condition(&self) -> &'static str {
        "sender in (select id from sender where expires_at > clock_timestamp())"
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn lock_send(&self, send: i64) -> Result<(), StoreError> {
        let sql = "select 1 from send where id = ?1 for update";
        self.query(sql, &[send.into()])?;
        Ok(())
    }

    fn register(&mut self, send: i64) -> Result<Option<SenderLease>, StoreError> {
        let (sender, term) = senders::register(self, send)?;
        self.sender = Some(sender);
        Ok(Some(term))
    }

    fn heartbeat(&self, send: i64) -> Result<Signal, StoreError> {
        senders::heartbeat(self, self.sender()?, send, self.next_batch())
    }

    fn number_transaction(&self) -> Result<(), StoreError> {
        senders::number_transaction(self, self.sender()?, self.next_batch())
    }

    fn senders(&self, send: i64) -> Result<Vec<String>, StoreError> {
        senders::at_work(self, send)
    }

    fn reconnect(&mut self) -> Result<bool, StoreError> {
        let sender = self.sender()?;
        let client = self
            .runtime
            .block_on(open(&self.address, self.trust.clone()));
        self.client = client.map_err(|error| failure::at_connecting(&self.place, &error))?;
        self.statements.borrow_mut().clear();
        self.run(SETTINGS)?;
        let is_committed = senders::has_committed(self, sender, self.batch.get())?;
        if !is_committed {
            self.batch.set(self.batch.get() - 1);
        }
        Ok(is_committed)
    }

    fn forget_senders(&self, send: i64) -> Result<(), StoreError> {
        let sql = "delete from sender where send = ?1";
        self.execute(sql, &[send.into()]).map(drop)
    }

    fn deregister(&mut self) -> Result<(), StoreError> {
        match self.sender.take() {
            Some(sender) => senders::deregister(self, sender),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_server_is_told_by_its_number() {
        assert!(!is_new_enough(90_624));
        assert!(!is_new_enough(120_022));
        assert!(is_new_enough(130_000));
    }
}
