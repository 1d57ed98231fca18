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
    while rows.peek().is_some() {
        let values: Vec<Value> = rows.by_ref().take(ROWS).flatten().collect();
        let width = columns.len();
        let tuples: Vec<String> = (0..values.len() / width)
            .map(|row| tuple(row * width, width))
            .collect();
        let (columns, tuples) = (columns.join(", "), tuples.join(", "));
        let sql = format!("insert into {table} ({columns}) values {tuples}");
        count += connection.execute(&sql, &values)?;
    }
    Ok(count)
}

/// The parameters of a row, such as `(?4, ?5, ?6)`.
fn tuple(before: usize, width: usize) -> String {
    let parameters: Vec<String> = (1..=width).map(|n| format!("?{}", before + n)).collect();
    format!("({})", parameters.join(", "))
}
