//! PostgreSQL: the store on a server, for any number of senders on any number of machines.
//!
//! The store's functions block, but the library is asynchronous. So each store has a runtime of its own, which runs while a
//! function waits. When the connection is lost, a sender connects again: its transactions are numbered, and the number
//! shows whether the last one was committed.

mod address;
mod failure;
mod insert;
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
use super::token_row::TokenRow;
use super::value::{Row, Value};
use super::{Change, LeaseRequest, Leased, NextDue, StoreError};
use crate::newsletter::config::Password;
use crate::util::tls;
use address::ServerAddress;

/// The oldest supported major version: the oldest that still gets fixes.
const OLDEST: u32 = 13;

/// An open connection to a server.
pub(super) struct Postgres {
    runtime: Runtime,
    client: Client,
    /// The prepared statements. Preparing one costs a round trip.
    statements: RefCell<HashMap<String, Statement>>,
    place: String,
    /// For a new connection after this one is lost.
    address: ServerAddress,
    trust: MakeRustlsConnect,
    /// The identifier of this sender, while it is registered.
    sender: Option<i64>,
    /// The number of the last transaction of this sender.
    batch: Cell<i64>,
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Postgres").field(&self.place).finish()
    }
}

type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Postgres {
    /// Opens the ledger on a server, and creates it if it is missing.
    pub(super) fn connect(url: &Password, directory: &Path) -> Result<Self, StoreError> {
        let server = Self::at(url, directory)?;
        schema::migrate(&server)?;
        Ok(server)
    }

    /// Opens the ledger on a server if there is one. Read permission is enough.
    pub(super) fn connect_existing(
        url: &Password,
        directory: &Path,
    ) -> Result<Option<Self>, StoreError> {
        let server = Self::at(url, directory)?;
        if !schema::exists(&server)? {
            return Ok(None);
        }
        schema::migrate(&server)?;
        Ok(Some(server))
    }

    fn at(url: &Password, directory: &Path) -> Result<Self, StoreError> {
        let address = ServerAddress::read(url.expose(), directory)
            .map_err(|why| StoreError::InvalidUrl(why.into()))?;
        let place = address.place.clone();
        let trust = trust(&address)?;
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

    /// Runs a statement with the parameters `$1`, `$2`, …, and returns its rows.
    fn rows(
        &self,
        sql: &str,
        parameters: Parameters<'_>,
    ) -> Result<Vec<tokio_postgres::Row>, StoreError> {
        let statement = self.prepared(sql)?;
        self.wait(self.client.query(&statement, parameters))
    }

    /// Runs a statement with the parameters `$1`, `$2`, …, and returns how many rows it has changed.
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
        done.map_err(|error| failure::at_statement(&self.place, &error))
    }

    /// The number of the next transaction.
    fn next_batch(&self) -> i64 {
        let batch = self.batch.get() + 1;
        self.batch.set(batch);
        batch
    }

    /// The identifier of this sender. A sender that is not registered may lease nothing.
    fn sender(&self) -> Result<i64, StoreError> {
        self.sender.ok_or(StoreError::Replaced)
    }
}

/// The settings of a session, whatever those of the server are: a commit is durable, an abandoned transaction does not keep
/// its locks for ever, and each statement sees what was committed before it.
const SETTINGS: &str = "
    select set_config('synchronous_commit', 'on', false)
        where current_setting('synchronous_commit') in ('off', 'local');
    set idle_in_transaction_session_timeout = '60s';
    set default_transaction_isolation = 'read committed';
    set client_min_messages = 'warning'";

fn is_new_enough(number: i64) -> bool {
    number >= i64::from(OLDEST) * 10_000
}

/// The TLS settings for a server.
fn trust(address: &ServerAddress) -> Result<MakeRustlsConnect, StoreError> {
    let trust = tls::config(address.authorities.as_deref())
        .map_err(|error| StoreError::NoAuthorities(address.place.clone(), Box::new(error)))?;
    Ok(MakeRustlsConnect::new(ClientConfig::clone(&trust)))
}

async fn open(address: &ServerAddress, tls: MakeRustlsConnect) -> Result<Client, Error> {
    let (client, connection) = address.config.connect(tls).await?;
    // The next statement reports the error that ends the connection.
    tokio::spawn(async move { drop(connection.await) });
    Ok(client)
}

/// The shared SQL writes its parameters as SQLite does, `?1`.
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

    fn insert(
        &self,
        table: &str,
        columns: &[&str],
        rows: &mut dyn Iterator<Item = Vec<Value>>,
    ) -> Result<usize, StoreError> {
        insert::insert(self, table, columns, rows)
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

    /// Also makes the numbers of new campaigns, subscribers and suppressions follow those that were moved here.
    fn refresh_statistics(&self) -> Result<(), StoreError> {
        self.run(
            "select setval(pg_get_serial_sequence('send', 'id'), max(id)) from send;
             select setval(pg_get_serial_sequence('subscriber', 'id'), max(id)) from subscriber;
             select setval(pg_get_serial_sequence('suppression_event', 'id'), max(id)) from suppression_event;
             select setval(pg_get_serial_sequence('list_import', 'id'), max(id)) from list_import;
             select setval(pg_get_serial_sequence('consent', 'id'), max(id)) from consent;
             select setval(pg_get_serial_sequence('list_event', 'id'), max(id)) from list_event;
             analyze delivery",
        )
    }

    /// Deliveries that an expired sender has leased do not prevent a move.
    fn lock_tables(&self) -> Result<(), StoreError> {
        self.run("lock table sender, send, edition, send_edition, delivery, suppression, domain, bounce, ledger,
             generation, signature, subscriber, subscriber_attribute, list, suppression_event, suppression_key,
             token, token_key,
             list_import, import_file, consent, list_event
             in exclusive mode")?;
        let alive = "select 1 from sender where expires_at > clock_timestamp()";
        if self.query(alive, &[])?.is_empty() {
            Ok(())
        } else {
            Err(StoreError::InUse(self.place.clone()))
        }
    }

    /// Readers and senders continue; the statistics of a temporary table are not collected by the server itself.
    fn lock_list(&self) -> Result<(), StoreError> {
        self.run("lock table subscriber in share row exclusive mode")
    }

    fn prepare_bulk(&self) -> Result<(), StoreError> {
        self.run("set temp_buffers = '8MB'; set work_mem = '32MB'")
    }

    fn drop_indexes(&self, table: &str) -> Result<Vec<String>, StoreError> {
        let sql = "select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index
             where indrelid = cast(cast(?1 as text) as regclass) and not indisprimary";
        let mut statements = Vec::new();
        for mut index in self.query(sql, &[table.into()])? {
            let (name, definition) = index
                .text(0)
                .zip(index.text(1))
                .ok_or_else(|| self.damaged())?;
            self.run(&format!("drop index {name}"))?;
            statements.push(definition);
        }
        Ok(statements)
    }

    fn analyze(&self, table: &str) -> Result<(), StoreError> {
        self.run(&format!("analyze {table}"))
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

    fn add_tokens(&self, tokens: &[TokenRow]) -> Result<(), StoreError> {
        queue::add_tokens(self, tokens)
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
        rate_limit::lock(self, relays)
    }

    /// The leases of an expired sender are taken over by others.
    fn active_sender_condition(&self) -> &'static str {
        "sender in (select id from sender where expires_at > clock_timestamp())"
    }

    fn contains(&self, text: &str, part: &str) -> String {
        format!("strpos({text}, {part}) > 0")
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
        let (sender, lease) = senders::register(self, send)?;
        self.sender = Some(sender);
        Ok(Some(lease))
    }

    fn heartbeat(&self, send: i64) -> Result<Signal, StoreError> {
        senders::heartbeat(self, self.sender()?, send, self.next_batch())
    }

    fn number_transaction(&self) -> Result<(), StoreError> {
        senders::number_transaction(self, self.sender()?, self.next_batch())
    }

    fn senders(&self, send: i64) -> Result<Vec<String>, StoreError> {
        senders::active(self, send)
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
    fn an_old_server_is_recognised_by_its_version_number() {
        assert!(!is_new_enough(90_624));
        assert!(!is_new_enough(120_022));
        assert!(is_new_enough(130_000));
    }
}
