//! Addresses that must not be mailed.

use std::collections::HashMap;

use super::value::v;
use super::{Store, StoreError};

/// The reasons of the suppressed addresses, by the key of the mailbox.
pub type Suppressions = HashMap<String, String>;

impl Store {
    /// All suppressed addresses.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn suppressions(&self) -> Result<Suppressions, StoreError> {
        let sql = "select address_key, reason from suppression";
        let rows = self.rows(sql, &[], |row| Some((row.text(0)?, row.text(1)?)))?;
        Ok(rows.into_iter().collect())
    }

    /// Suppresses an address: it is never mailed again.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn suppress(
        &mut self,
        address_key: &str,
        reason: &str,
        now: i64,
    ) -> Result<(), StoreError> {
        let sql = "insert into suppression (address_key, reason, at) values (?1, ?2, ?3)
                   on conflict do nothing";
        let values = [v(address_key), v(reason), v(now)];
        self.transaction(|connection| connection.execute(sql, &values))?;
        Ok(())
    }
}
