//! Checks that every run and every machine uses the same newsletter key.

use super::value::v;
use super::{Store, StoreError};

impl Store {
    /// Makes sure that the newsletter's key is the same in every run and on every machine, by a code that is made
    /// with it. The ledger keeps the first one.
    ///
    /// # Errors
    /// [`StoreError::OtherKey`] where it is another.
    pub fn require_key(&self, code: &str) -> Result<(), StoreError> {
        let learn = "insert into signature (code) values (?1) on conflict do nothing";
        self.transaction(|connection| connection.execute(learn, &[v(code)]))?;
        self.compare_key(code)
    }

    /// As [`Store::require_key`], and learns nothing.
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

    /// Forgets the newsletter's key, so that the next run brings another one.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn forget_key(&self) -> Result<(), StoreError> {
        let done = self.transaction(|connection| connection.execute("delete from signature", &[]));
        done.map(drop)
    }
}
