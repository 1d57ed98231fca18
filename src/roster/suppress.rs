//! Suppresses a mailbox by hand, and ends a suppression.

use super::store::ListStore;
use crate::store::NewSuppression;
use crate::subscriber::Address;
use crate::subscriber::import::SuppressionReason;
use crate::workspace::{Failure, FailureKind};

/// Suppresses the mailbox at an address: it is never mailed again. Returns whether that changes anything; the
/// history has `why` in any case. `now` is in Unix
/// seconds.
///
/// # Errors
/// If the store cannot be written.
pub fn suppress(
    list: &mut ListStore,
    address: &Address,
    (reason, why): (SuppressionReason, Option<&str>),
    now: i64,
) -> Result<bool, Failure> {
    let (hash, mailbox) = (list.hash(address), address.key());
    let is_changed = list.store.suppress(&NewSuppression {
        hash: &hash,
        address_key: Some(&mailbox),
        reason,
        detail: None,
        evidence: why,
        at: now,
    })?;
    if let Some(note) = why.filter(|_| !is_changed) {
        list.store.note_suppression(&hash, note, now)?;
    }
    Ok(is_changed)
}

/// Ends the suppression of the mailbox at an address. `why` is kept in the history.
///
/// # Errors
/// If the mailbox is not suppressed, no reason is given, or the store cannot be written.
pub fn unsuppress(
    list: &mut ListStore,
    address: &Address,
    why: &str,
    now: i64,
) -> Result<(), Failure> {
    if why.trim().is_empty() {
        let message = "the reason is empty";
        return Err(Failure::new(FailureKind::Usage, message).hint(
            "say why this person may be mailed again, such as `--reason 'asked by mail on 3 May'`",
        ));
    }
    let hash = list.hash(address);
    match list.store.unsuppress(&hash, why, now)? {
        true => Ok(()),
        false => {
            let message = format!("`{address}` is not suppressed");
            Err(Failure::new(FailureKind::Usage, message))
        }
    }
}
