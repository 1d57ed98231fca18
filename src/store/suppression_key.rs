//! The suppression key in use, and the hashes of suppressions that were stored without it.

use super::connection::Connection;
use super::suppression::adopt;
use super::value::{Row, Value, v};
use super::{Store, StoreError};
use crate::subscriber::SuppressionKey;

/// How many hashes one statement stores.
const ROWS: usize = 200;

impl Store {
    /// Whether the store has hashes or was used with a suppression key.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn expects_suppression_key(&self) -> Result<bool, StoreError> {
        self.has_row("select 1 from suppression_key", &[])
    }

    /// Whether mailboxes without an address can be recognised: the suppression key is in use, or none is expected.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn recognises_mailboxes(&self) -> Result<bool, StoreError> {
        Ok(self.suppression_key.is_some() || !self.expects_suppression_key()?)
    }

    /// Uses the suppression key to recognise mailboxes without an address, and writes nothing.
    ///
    /// # Errors
    /// [`StoreError::OtherSuppressionKey`] if the store was used with another key.
    pub fn read_with_suppression_key(&mut self, key: SuppressionKey) -> Result<(), StoreError> {
        require(self.connection.as_ref(), &key)?;
        self.suppression_key = Some(key);
        Ok(())
    }

    /// As [`Store::read_with_suppression_key`], for a command that may write: stores the check value of the first key, and
    /// the hash of each suppression that has none, in one transaction.
    ///
    /// # Errors
    /// As [`Store::read_with_suppression_key`], and when the store cannot be written.
    pub fn use_suppression_key(&mut self, key: SuppressionKey) -> Result<(), StoreError> {
        self.read_with_suppression_key(key.clone())?;
        let is_complete =
            self.expects_suppression_key()? && !self.has_row(&without_hash(1), &[])?;
        if is_complete {
            return self.hash_mailboxes_of_tokens(&key);
        }
        self.transaction(|connection| {
            let sql = "insert into suppression_key (code) values (?1) on conflict do nothing";
            connection.execute(sql, &[v(key.check_value())])?;
            // Another process may have stored the code of its own key first.
            require(connection, &key)?;
            hash_addresses(connection, &key)
        })?;
        self.hash_mailboxes_of_tokens(&key)
    }
}

/// Checks that the store was not used with another key.
fn require(connection: &dyn Connection, key: &SuppressionKey) -> Result<(), StoreError> {
    let others = "select 1 from suppression_key where code <> ?1";
    match connection
        .query(others, &[v(key.check_value())])?
        .is_empty()
    {
        true => Ok(()),
        false => Err(StoreError::OtherSuppressionKey(connection.place())),
    }
}

/// Suppressions without a hash. The condition is that of the index.
fn without_hash(limit: usize) -> String {
    format!("select address_key from suppression where hash like 'address:%' limit {limit}")
}

/// Stores the hashes of the suppressions that have none.
pub(super) fn hash_addresses(
    connection: &dyn Connection,
    key: &SuppressionKey,
) -> Result<(), StoreError> {
    loop {
        let page = connection.query(&without_hash(ROWS), &[])?;
        if page.is_empty() {
            return Ok(());
        }
        let addresses = page.into_iter().map(|mut row: Row| row.text(0));
        let addresses: Option<Vec<String>> = addresses.collect();
        let addresses = addresses.ok_or_else(|| connection.damaged())?;
        hash_page(connection, key, &addresses)?;
    }
}

fn hash_page(
    connection: &dyn Connection,
    key: &SuppressionKey,
    addresses: &[String],
) -> Result<(), StoreError> {
    let hashes = addresses.iter().map(|address| key.hash(address));
    let hashes: Vec<_> = hashes.collect();
    let pairs = addresses.iter().zip(&hashes);
    let values: Vec<Value> = pairs
        .clone()
        .flat_map(|(address, hash)| [v(address), v(hash.as_str())])
        .collect();
    let tuples: Vec<String> = (0..addresses.len())
        .map(|row| format!("(?{}, ?{})", 2 * row + 1, 2 * row + 2))
        .collect();
    let mut stored = 0;
    // The history comes first, because its rows have the same hash and the condition needs no join.
    for table in ["suppression_event", "suppression"] {
        let sql = format!(
            "update {table} set hash = new.column2 from (values {}) as new
             where {table}.hash = 'address:' || new.column1
             and not exists (select 1 from suppression as other where other.hash = new.column2)",
            tuples.join(", ")
        );
        stored = connection.execute(&sql, &values)?;
    }
    if stored == addresses.len() {
        return Ok(());
    }
    // The others belong to people who were forgotten.
    let mut pairs = pairs;
    pairs.try_for_each(|(address, hash)| adopt(connection, hash, address))
}
