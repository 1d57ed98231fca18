//! An insertion of many rows into a table that has indexes.

use crate::store::StoreError;
use crate::store::connection::Connection;
use crate::store::value::Value;

/// Inserts about `new` rows into `table` by a statement, and returns how many there were.
///
/// If the table has fewer rows than that, its indexes are built afterwards: sorted entries are written once, whereas the
/// entries of unsorted rows change a page at a random place for each row.
pub(super) fn insert(
    connection: &dyn Connection,
    (table, new): (&str, usize),
    (sql, values): (&str, &[Value]),
) -> Result<usize, StoreError> {
    let present = count(connection, &format!("select count(*) from {table}"))?;
    // On a server, others could not read the table meanwhile; an empty one has no readers.
    let is_free = present == 0 || !connection.is_shared();
    let indexes = match is_free && present < new {
        true => connection.drop_indexes(table)?,
        false => Vec::new(),
    };
    let inserted = connection.execute(sql, values)?;
    for index in indexes {
        connection.execute(&index, &[])?;
    }
    Ok(inserted)
}

/// The number that a statement selects.
pub(super) fn count(connection: &dyn Connection, sql: &str) -> Result<usize, StoreError> {
    let found = connection.query(sql, &[])?;
    let count = found.first().and_then(|row| row.count(0));
    count
        .map(|count| count as usize)
        .ok_or_else(|| connection.damaged())
}
