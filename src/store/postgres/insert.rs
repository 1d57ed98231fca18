//! Inserts rows: a few by one statement, many by `COPY`, which is several times faster.

use std::pin::pin;

use tokio_postgres::Statement;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;

use super::Postgres;
use crate::store::StoreError;
use crate::store::connection::Connection;
use crate::store::value::Value;

/// How many rows one statement inserts, or one message of a `COPY` has.
const ROWS: usize = 100;

/// As [`Connection::insert`].
pub(super) fn insert(
    server: &Postgres,
    table: &str,
    columns: &[&str],
    rows: &mut dyn Iterator<Item = Vec<Value>>,
) -> Result<usize, StoreError> {
    let first: Vec<Vec<Value>> = rows.take(ROWS).collect();
    match first.len() {
        0 => Ok(0),
        ROWS => copy(server, table, &columns.join(", "), first, rows),
        _ => {
            let sql = statement(table, columns, first.len());
            let values: Vec<Value> = first.into_iter().flatten().collect();
            server.execute(&sql, &values)
        }
    }
}

/// The statement that inserts this number of rows.
fn statement(table: &str, columns: &[&str], rows: usize) -> String {
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

/// Inserts the `first` rows and all others. The rows are read while no future is awaited: they may come from another
/// connection with a runtime of its own.
fn copy(
    server: &Postgres,
    table: &str,
    columns: &str,
    first: Vec<Vec<Value>>,
    rows: &mut dyn Iterator<Item = Vec<Value>>,
) -> Result<usize, StoreError> {
    let shape = server.prepared(&format!("select {columns} from {table}"))?;
    let sql = format!("copy {table} ({columns}) from stdin binary");
    let sink = server.wait(server.client.copy_in(&sql))?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &types(&shape)));
    let mut page = first;
    while !page.is_empty() {
        server.wait(async {
            for row in &page {
                writer.as_mut().write_raw(row).await?;
            }
            Ok(())
        })?;
        page = rows.take(ROWS).collect();
    }
    let count = server.wait(writer.as_mut().finish())?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

fn types(shape: &Statement) -> Vec<Type> {
    let columns = shape.columns().iter();
    columns.map(|column| column.type_().clone()).collect()
}
