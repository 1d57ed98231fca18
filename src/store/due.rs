//! When the next delivery is due.

use super::connection::Connection;
use super::value::v;
use super::{NextDue, StoreError};

/// When the next delivery can be leased. Two queries, because `min` over both states would read every open row.
pub(super) fn next_due(connection: &dyn Connection, send: i64) -> Result<NextDue, StoreError> {
    let ready = connection.query(
        "select 1 from delivery where send = ?1 and state = 'ready' limit 1",
        &[v(send)],
    )?;
    if !ready.is_empty() {
        return Ok(NextDue::At(0));
    }
    let due = connection.query(
        "select min(next_try) from delivery where send = ?1 and state = 'deferred'",
        &[v(send)],
    )?;
    let at = due.first().and_then(|row| row.int(0));
    Ok(at.map_or(NextDue::Nothing, NextDue::At))
}
