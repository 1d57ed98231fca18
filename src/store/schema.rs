//! The tables, and the way from an older version's to ours: numbered steps, counted in `user_version`.

use std::path::Path;

use rusqlite::Connection;

use super::StoreError;
use super::connection::MOVED;
use super::sqlite::{failure, named};

const STEPS: [&str; 1] = [include_str!("001.sql")];

/// Brings the tables to this version.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let failed = |error| failure(path, error);
    let transaction = connection.transaction().map_err(failed)?;
    let version = version(&transaction).map_err(failed)?;
    if version == MOVED {
        return Err(StoreError::Moved(named(path)));
    }
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    let Some(left) = STEPS.get(done..) else {
        return Err(StoreError::Newer(named(path), version));
    };
    for step in left {
        transaction.execute_batch(step).map_err(failed)?;
    }
    if !left.is_empty() {
        transaction
            .pragma_update(None, "user_version", STEPS.len() as i64)
            .map_err(failed)?;
    }
    transaction.commit().map_err(failed)
}

fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("pragma user_version", [], |row| row.get(0))
}
