//! Inserts rows in batches.

use super::StoreError;
use super::connection::Connection;
use super::value::Value;

/// How many rows one statement inserts.
const ROWS: usize = 200;

/// Inserts rows with these `columns` into `table`, and returns how many.
pub(super) fn insert(
    connection: &dyn Connection,
    table: &str,
    columns: &[&str],
    rows: impl Iterator<Item = Vec<Value>>,
) -> Result<usize, StoreError> {
    let mut count = 0;
    let mut rows = rows.peekable();
    let (mut sql, mut size) = (String::new(), 0);
    while rows.peek().is_some() {
        let values: Vec<Value> = rows.by_ref().take(ROWS).flatten().collect();
        if values.len() != size {
            size = values.len();
            sql = statement(table, columns, size / columns.len());
        }
        count += connection.execute(&sql, &values)?;
    }
    Ok(count)
}

/// The statement that inserts this number of rows.
pub(super) fn statement(table: &str, columns: &[&str], rows: usize) -> String {
    let width = columns.len();
    let tuples = (0..rows).map(|row| tuple(row * width, width));
    let tuples: Vec<String> = tuples.collect();
    let (columns, tuples) = (columns.join(", "), tuples.join(", "));
    format!("insert into {table} ({columns}) values {tuples}")
}

/// The parameters of a row, such as `(?4, ?5, ?6)`.
fn tuple(before: usize, width: usize) -> String {
    let parameters: Vec<String> = (1..=width).map(|n| format!("?{}", before + n)).collect();
    format!("({})", parameters.join(", "))
}
