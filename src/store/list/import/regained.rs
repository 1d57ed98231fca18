//! Suppressions by hash of people whose address is on the list or in an open campaign.
//!
//! A database compares addresses and cannot compute hashes. So when hashes arrive, each address is hashed once, and the
//! suppression of a person who is there gets the address back.

use std::collections::HashSet;

use crate::store::StoreError;
use crate::store::connection::Connection;
use crate::store::value::{Value, v};
use crate::subscriber::SuppressionKey;

/// How many addresses are in memory at once.
const PAGE: i64 = 5_000;

/// The addresses that may be mailed, after the address `?1`.
const ADDRESSES: [&str; 2] = [
    "select address_key from subscriber where address_key > ?1 order by address_key limit ?2",
    "select distinct address_key from delivery where state in ('ready', 'leased', 'deferred', 'in_data', 'uncertain')
     and address_key > ?1 order by address_key limit ?2",
];

/// Adds the address to each suppression by hash whose person is on the list or in an open delivery. Returns how many there
/// are.
pub(super) fn regain(
    connection: &dyn Connection,
    key: &SuppressionKey,
) -> Result<usize, StoreError> {
    let unknown = "select hash from suppression where address_key is null";
    let mut unknown: HashSet<String> = texts(connection, unknown, &[])?.into_iter().collect();
    let mut count = 0;
    for sql in ADDRESSES {
        let mut after = String::new();
        loop {
            let page = texts(connection, sql, &[v(&after), v(PAGE)])?;
            let Some(last) = page.last() else { break };
            after = last.clone();
            for address_key in page {
                let hash = key.hash(&address_key);
                if unknown.remove(hash.as_str()) {
                    let sql = "update suppression set address_key = ?2 where hash = ?1";
                    count += connection.execute(sql, &[v(hash.as_str()), v(address_key)])?;
                }
            }
        }
    }
    Ok(count)
}

/// The first column of the rows.
fn texts(
    connection: &dyn Connection,
    sql: &str,
    values: &[Value],
) -> Result<Vec<String>, StoreError> {
    let rows = connection.query(sql, values)?.into_iter();
    let texts: Option<Vec<String>> = rows.map(|mut row| row.text(0)).collect();
    texts.ok_or_else(|| connection.damaged())
}
