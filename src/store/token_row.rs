//! A row of the table of unsubscribe tokens.

use super::MailedToken;
use crate::subscriber::{SuppressionKey, TokenDigest};

/// Before the address key of a mailbox whose hash is not known.
pub(super) const ADDRESS: &str = "address:";

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TokenRow {
    pub(super) digest: TokenDigest,
    pub(super) mailbox: String,
    /// When a message with the token was first about to be sent, in Unix seconds.
    pub(super) at: i64,
}

impl TokenRow {
    /// The row of a token that is mailed.
    pub(super) fn new(token: &MailedToken, key: Option<&SuppressionKey>, at: i64) -> Self {
        let address = &token.address_key;
        let mailbox = match key {
            Some(key) => key.hash(address).to_string(),
            None => format!("{ADDRESS}{address}"),
        };
        Self {
            digest: token.digest,
            mailbox,
            at,
        }
    }
}
