//! Adds subscribers who are not on the list yet.

use super::bulk;
use crate::store::StoreError;
use crate::store::connection::Connection;
use crate::store::list::row;
use crate::store::value::v;

/// Adds the subscribers of the staged rows that meet a condition, in the order of their rows, and returns how many there are.
pub(super) fn add(
    connection: &dyn Connection,
    condition: &str,
    now: i64,
) -> Result<usize, StoreError> {
    let new = format!("select count(*) from staged where {condition}");
    let new = bulk::count(connection, &new)?;
    let values = row::VALUES.join(", ");
    let sql = format!(
        "insert into subscriber ({}) select {values}, cast(?1 as bigint), cast(?1 as bigint)
         from staged where {condition} order by seq",
        row::COLUMNS.join(", ")
    );
    bulk::insert(connection, ("subscriber", new), (&sql, &[v(now)]))
}
