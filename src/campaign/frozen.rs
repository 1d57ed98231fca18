//! Frozen editions, read from the ledger.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::compile::edition::{self, Edition};
use crate::message::{MessageEncoder, MessageOptions};
use crate::store::{Send, Store, StoreError};
use crate::subscriber::TokenKeys;
use crate::workspace::{Failure, FailureKind};

/// Reads the edition with `digest`.
///
/// # Errors
/// If the ledger cannot be read, or the edition is damaged.
pub fn thaw(store: &Store, digest: &str) -> Result<Edition, Failure> {
    let bytes = store.edition(digest)?;
    if edition::digest_of(&bytes) != digest {
        let what = "the edition in the ledger is not the one that was frozen";
        return Err(Failure::new(FailureKind::LedgerDamaged, what)
            .hint("nothing was sent; restore the ledger from a backup"));
    }
    Edition::thaw(&bytes).map_err(|error| {
        let what = "the edition of this send cannot be read";
        Failure::new(FailureKind::LedgerDamaged, what).caused_by(&error)
    })
}

/// An encoder for each edition of a campaign, by its number: a recipient who is bound to an earlier edition keeps it.
pub(super) fn encoders(
    store: &Store,
    send: &Send,
    options: &MessageOptions,
    keys: &TokenKeys,
) -> Result<HashMap<i64, MessageEncoder>, Failure> {
    let editions = store.editions(send)?.into_iter();
    let encoders = editions.map(|of_send| {
        let edition = thaw(store, &of_send.digest)?;
        let options = MessageOptions {
            date: Timestamp::from_second(of_send.since).unwrap_or(options.date),
            token_key: keys.get(of_send.token_key).ok_or_else(|| {
                let number = of_send.token_key.map_or(0, i64::from);
                StoreError::OtherTokenKey(store.place(), number)
            })?,
            ..options.clone()
        };
        let encoder = MessageEncoder::new(Arc::new(edition), options);
        Ok((of_send.number, encoder.map_err(|error| unwritable(&error))?))
    });
    encoders.collect()
}

pub(super) fn unwritable(error: &(dyn std::error::Error + 'static)) -> Failure {
    Failure::new(FailureKind::NeedsAttention, "the message cannot be written").caused_by(error)
}
