//! The unsubscribe tokens that were mailed: every link works for ever, whatever happens to keys and lists.
//!
//! A token is in the same transaction as the intent to send its message. The store has only digests of tokens; see
//! [`UnsubscribeToken::digest`].

use super::token_row::ADDRESS;
use super::value::{Row, v};
use super::{Store, StoreError};
use crate::subscriber::{MailboxHash, SuppressionKey, TokenKeys, UnsubscribeToken};

/// The mailbox that a token unsubscribes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenMailbox {
    /// The key of its address, while the newsletter has no suppression key.
    Address(String),
    /// The hash of its address, which also remains when the person was forgotten.
    Hash(MailboxHash),
}

impl TokenMailbox {
    fn read(row: &mut Row) -> Option<Self> {
        let text = row.text(0)?;
        match text.strip_prefix(ADDRESS) {
            Some(address) => Some(Self::Address(address.to_owned())),
            None => MailboxHash::parse(&text).map(Self::Hash),
        }
    }
}

impl Store {
    /// The mailbox that the token in `text` unsubscribes: the last segment of a link, or a subject. `None` if no message had
    /// such a token.
    ///
    /// Accepts what mail programs add to a link, and any case: see [`UnsubscribeToken::parse`]. Digests are compared, so the
    /// time of the look-up reveals nothing about mailed tokens.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn mailbox_of_token(&self, text: &str) -> Result<Option<TokenMailbox>, StoreError> {
        let Some(token) = UnsubscribeToken::parse(text) else {
            return Ok(None);
        };
        let sql = "select mailbox from token where digest = ?1";
        let found = self.rows(sql, &[v(&token.digest().to_vec())], TokenMailbox::read)?;
        Ok(found.into_iter().next())
    }

    /// Replaces the addresses of mailboxes by hashes, once, in short transactions. Without an index, which each message would
    /// have to update, so the whole table is read.
    pub(super) fn hash_mailboxes_of_tokens(&self, key: &SuppressionKey) -> Result<(), StoreError> {
        if !self.has_row(
            "select 1 from suppression_key where are_tokens_hashed = 0",
            &[],
        )? {
            return Ok(());
        }
        let mut last = Vec::new();
        while let Some(next) = self.hash_page_of_tokens(key, last)? {
            last = next;
        }
        let done = "update suppression_key set are_tokens_hashed = 1";
        self.transaction(|connection| connection.execute(done, &[]))?;
        Ok(())
    }

    /// Hashes the mailboxes of the tokens after the digest `after`, and returns the last digest; `None` at the end.
    fn hash_page_of_tokens(
        &self,
        key: &SuppressionKey,
        after: Vec<u8>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let page = "select digest, mailbox from token where digest > ?1 order by digest limit 1000";
        let page = self.rows(page, &[v(&after)], |row| {
            Some((row.bytes(0)?, row.text(1)?))
        })?;
        let addresses = page.iter().filter_map(|(digest, mailbox)| {
            let address = mailbox.strip_prefix(ADDRESS)?;
            Some((digest, key.hash(address)))
        });
        let update = "update token set mailbox = ?2 where digest = ?1";
        let values: Vec<_> = addresses
            .map(|(digest, hash)| [v(digest), v(hash.as_str())])
            .collect();
        if !values.is_empty() {
            self.transaction(|connection| {
                values
                    .iter()
                    .try_for_each(|values| connection.execute(update, values).map(drop))
            })?;
        }
        Ok(page.into_iter().next_back().map(|(digest, _)| digest))
    }

    /// Records the keys of unsubscribe tokens that this machine has.
    ///
    /// # Errors
    /// As [`Store::compare_token_keys`], and when the store cannot be written.
    pub fn require_token_keys(&self, keys: &TokenKeys) -> Result<(), StoreError> {
        let insert = "insert into token_key (number, code) values (?1, ?2) on conflict do nothing";
        if keys.newest() > 0 {
            self.transaction(|connection| {
                keys.check_values().try_for_each(|(number, code)| {
                    let values = [v(i64::from(number)), v(code)];
                    connection.execute(insert, &values).map(drop)
                })
            })?;
        }
        self.compare_token_keys(keys)
    }

    /// Checks that this machine has every key of unsubscribe tokens that another one has sent with, and the same.
    ///
    /// # Errors
    /// [`StoreError::OtherTokenKey`] for the first key that is missing or another one.
    pub fn compare_token_keys(&self, keys: &TokenKeys) -> Result<(), StoreError> {
        let known = "select number, code from token_key order by number";
        let known = self.rows(known, &[], |row| Some((row.int(0)?, row.text(1)?)))?;
        let own: Vec<_> = keys.check_values().collect();
        let is_own = |(number, code): &(i64, String)| {
            own.iter()
                .any(|(n, c)| i64::from(*n) == *number && c == code)
        };
        match known.into_iter().find(|key| !is_own(key)) {
            Some((number, _)) => Err(StoreError::OtherTokenKey(self.place(), number)),
            None => Ok(()),
        }
    }

    /// Forgets the recorded keys, and lets campaigns whose key is missing continue with the newest one.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn replace_token_keys(&self, keys: &TokenKeys) -> Result<(), StoreError> {
        let own: Vec<String> = keys.numbers().map(|number| number.to_string()).collect();
        let sql = format!(
            "update send_edition set token_key = ?1 where token_key not in ({})",
            own.join(", ")
        );
        self.transaction(|connection| {
            connection.execute("delete from token_key", &[])?;
            connection.execute(&sql, &[v(i64::from(keys.newest()))])
        })?;
        Ok(())
    }
}
