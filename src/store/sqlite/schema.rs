//! Creates and migrates the tables in numbered steps. `user_version` stores the number of completed steps.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::failure::{failure, named};
use crate::store::StoreError;
use crate::store::connection::MOVED;

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

/// Migrates the tables to this version. If there is nothing to do, nothing is written: a command that only reads calls it
/// too.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let failed = |error| failure(path, error);
    if left(version(connection).map_err(failed)?, path)?.is_empty() {
        return Ok(());
    }
    // Immediate: if two processes find old tables at the same time, the second waits for the first.
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    for step in left(version(&transaction).map_err(failed)?, path)? {
        transaction.execute_batch(step).map_err(failed)?;
    }
    transaction
        .pragma_update(None, "user_version", STEPS.len() as i64)
        .map_err(failed)?;
    transaction.commit().map_err(failed)
}

/// The steps that tables of this version still need.
fn left(version: i64, path: &Path) -> Result<&'static [&'static str], StoreError> {
    if version == MOVED {
        return Err(StoreError::Moved(named(path)));
    }
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    STEPS
        .get(done..)
        .ok_or_else(|| StoreError::Newer(named(path), version))
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("pragma user_version", [], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sqlite::Sqlite;

    #[test]
    fn an_older_ledger_is_migrated_and_keeps_its_rows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(STEPS[0]).unwrap();
        old.execute_batch(
            "pragma user_version = 1; insert into suppression values ('a@b.example', 'bounced', null, 7)",
        )
        .unwrap();
        drop(old);
        drop(Sqlite::open(&path).unwrap());
        let new = Connection::open(&path).unwrap();
        assert_eq!(version(&new).unwrap(), STEPS.len() as i64);
        let count = |table: &str| {
            let sql = format!("select count(*) from {table}");
            new.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap()
        };
        assert_eq!(
            ["suppression", "domain", "bounce", "room"].map(count),
            [1, 0, 0, 0]
        );
    }
}
