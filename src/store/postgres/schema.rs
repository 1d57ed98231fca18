//! Creates and migrates the tables on a server, in numbered steps. A table stores the numbers of the completed steps.

use super::Postgres;
use crate::store::StoreError;
use crate::store::connection::{Connection, MOVED, TransactionStep};

const STEPS: [&str; 17] = [
    include_str!("001.sql"),
    include_str!("002.sql"),
    include_str!("003.sql"),
    include_str!("004.sql"),
    include_str!("005.sql"),
    include_str!("006.sql"),
    include_str!("007.sql"),
    include_str!("008.sql"),
    include_str!("009.sql"),
    include_str!("010.sql"),
    include_str!("011.sql"),
    include_str!("012.sql"),
    include_str!("013.sql"),
    include_str!("014.sql"),
    include_str!("015.sql"),
    include_str!("016.sql"),
    include_str!("017.sql"),
];

/// The key of the advisory lock, an arbitrary constant: of two senders that begin with an empty database, one creates the
/// tables and the other waits for it.
const LOCK: i64 = 0x0046_7261_6e6b;

/// Whether the database has a ledger.
pub(super) fn exists(server: &Postgres) -> Result<bool, StoreError> {
    let found = server.query("select 1 where to_regclass('franking') is not null", &[])?;
    Ok(!found.is_empty())
}

/// Migrates the tables to this version. If there is nothing to do, nothing is written: a command that only reads may have no
/// permission.
pub(super) fn migrate(server: &Postgres) -> Result<(), StoreError> {
    if exists(server)? && left(server)?.is_empty() {
        return Ok(());
    }
    server.transaction(TransactionStep::Begin)?;
    server.query("select pg_advisory_xact_lock(?1)", &[LOCK.into()])?;
    server.run("create table if not exists franking (version bigint not null)")?;
    for (step, sql) in left(server)? {
        server.run(sql)?;
        server.execute("insert into franking (version) values (?1)", &[step.into()])?;
    }
    server.transaction(TransactionStep::Commit)
}

/// The steps that the tables still need, with their numbers.
fn left(server: &Postgres) -> Result<Vec<(i64, &'static str)>, StoreError> {
    let version = server.query("select coalesce(max(version), 0) from franking", &[])?;
    let version = version.first().and_then(|row| row.int(0));
    let version = version.ok_or_else(|| server.damaged())?;
    if version == MOVED {
        return Err(StoreError::Moved(server.place.clone()));
    }
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    if done > STEPS.len() {
        return Err(StoreError::Newer(server.place.clone(), version));
    }
    Ok((1..).zip(STEPS).skip(done).collect())
}
