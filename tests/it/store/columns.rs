//! The list of columns describes the tables that there are: of SQLite and of PostgreSQL.

use std::collections::BTreeSet;
use std::path::Path;

use franking::newsletter::config::Password;
use franking::store::{Store, StoredColumn, stored_columns};

use crate::support::postgres::Database;

/// The columns that are described, such as `delivery.address`.
fn described(is_wanted: impl Fn(&StoredColumn) -> bool) -> Vec<String> {
    let columns = stored_columns().iter().filter(|column| is_wanted(column));
    let mut names: Vec<String> = columns
        .map(|column| format!("{}.{}", column.table, column.name))
        .collect();
    names.sort();
    names
}

#[test]
fn every_column_of_sqlite_is_described_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("store.db");
    drop(Store::open(&path).expect("a store"));
    let file = rusqlite::Connection::open(&path).expect("the store");
    let sql = "select tables.name || '.' || columns.name from sqlite_schema as tables
         join pragma_table_info(tables.name) as columns where tables.type = 'table' order by 1";
    let mut statement = file.prepare(sql).expect("a statement");
    let rows = statement.query_map([], |row| row.get::<_, String>(0));
    let columns: Vec<String> = rows
        .expect("rows")
        .collect::<Result<_, _>>()
        .expect("names");
    assert!(columns.len() > 100, "{columns:?}");
    assert_eq!(described(|column| !column.is_only_on_a_server), columns);
}

#[test]
fn every_column_of_postgresql_is_described() {
    let Some(database) = Database::create("every_column_of_postgresql_is_described") else {
        return;
    };
    let url = Password::from(database.url());
    drop(Store::connect(&url, Path::new(".")).expect("a store"));
    let columns = database.query(
        "select table_name || '.' || column_name from information_schema.columns where table_schema = current_schema()",
    );
    let columns: BTreeSet<&str> = columns.lines().map(str::trim).collect();
    let described = described(|_| true);
    let described: BTreeSet<&str> = described.iter().map(String::as_str).collect();
    // PostgreSQL has no column that exists only so that there is one row.
    let only_on_sqlite: Vec<&&str> = described.difference(&columns).collect();
    assert_eq!(only_on_sqlite, Vec::<&&str>::new());
    let undescribed: Vec<&&str> = columns.difference(&described).collect();
    assert_eq!(undescribed, Vec::<&&str>::new());
}
