//! Checks that every run and every machine uses the same newsletter key.

use super::value::v;
use super::{Store, StoreError};

impl Store {
    /// Checks that every run and every machine uses the same newsletter key. `code` is derived from the key, and the ledger
    /// stores the first one.
    ///
    /// # Errors
    /// [`StoreError::OtherKey`] if the ledger has another code.
    pub fn require_key(&self, code: &str) -> Result<(), StoreError> {
        let insert = "insert into signature (code) values (?1) on conflict do nothing";
        self.transaction(|connection| connection.execute(insert, &[v(code)]))?;
        self.compare_key(code)
    }

    /// Like [`Store::require_key`], but stores nothing.
    ///
    /// # Errors
    /// As [`Store::require_key`].
    pub fn compare_key(&self, code: &str) -> Result<(), StoreError> {
        let others = "select 1 from signature where code <> ?1";
        if self.has_row(others, &[v(code)])? {
            Err(StoreError::OtherKey(self.connection.place()))
        } else {
            Ok(())
        }
    }

    /// Deletes the stored code, so that the next run can use another key.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn forget_key(&self) -> Result<(), StoreError> {
        let done = self.transaction(|connection| connection.execute("delete from signature", &[]));
        done.map(drop)
    }
}
