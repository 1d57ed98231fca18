//! The suppressed mailboxes, for a list that is not in the store.

use std::collections::HashMap;

use super::{Store, StoreError};
use crate::subscriber::{MailboxHash, SuppressionKey};

/// The reasons of the suppressed mailboxes.
#[derive(Debug, Clone, Default)]
pub struct Suppressions {
    by_address: HashMap<String, String>,
    /// Mailboxes without an address: the person was forgotten.
    by_hash: HashMap<MailboxHash, String>,
    key: Option<SuppressionKey>,
}

impl Suppressions {
    /// Why the mailbox with this key of its address is suppressed, if it is.
    pub fn reason(&self, address_key: &str) -> Option<&str> {
        let reason = self.by_address.get(address_key);
        reason
            .or_else(|| self.reason_by_hash(address_key))
            .map(String::as_str)
    }

    fn reason_by_hash(&self, address_key: &str) -> Option<&String> {
        // Most newsletters have no such row, so the hash need not be computed.
        let key = self.key.as_ref().filter(|_| !self.by_hash.is_empty())?;
        self.by_hash.get(&key.hash(address_key))
    }
}

/// Reasons by the keys of addresses.
impl FromIterator<(String, String)> for Suppressions {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(reasons: T) -> Self {
        Self {
            by_address: reasons.into_iter().collect(),
            ..Self::default()
        }
    }
}

impl Store {
    /// All suppressed mailboxes. Those without an address are recognised only if the suppression key is in use; see
    /// [`Store::use_suppression_key`].
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn suppressions(&self) -> Result<Suppressions, StoreError> {
        let known = "select address_key, reason from suppression where address_key is not null";
        let known = self.rows(known, &[], |row| Some((row.text(0)?, row.text(1)?)))?;
        let forgotten = "select hash, reason from suppression where address_key is null";
        let by_hash = self.rows(forgotten, &[], |row| {
            Some((MailboxHash::parse(&row.text(0)?)?, row.text(1)?))
        })?;
        Ok(Suppressions {
            by_hash: by_hash.into_iter().collect(),
            key: self.suppression_key.clone(),
            ..known.into_iter().collect()
        })
    }
}
