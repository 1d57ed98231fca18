//! Suppresses a mailbox by hand, and ends a suppression.

use super::store::ListStore;
use crate::store::NewSuppression;
use crate::subscriber::Address;
use crate::subscriber::import::SuppressionReason;
use crate::workspace::{Failure, FailureKind};

/// What a suppression has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuppressionChange {
    /// The mailbox was not suppressed, or for a less strict reason.
    Suppressed,
    /// The history has one more entry.
    Noted,
    /// Nothing.
    Unchanged,
}

/// Suppresses the mailbox at an address: it is never mailed again. If it is suppressed already, the history gets `why`, and
/// that the person has left. `now` is in Unix seconds.
///
/// # Errors
/// If the store cannot be written.
pub fn suppress(
    list: &mut ListStore,
    address: &Address,
    (reason, why): (SuppressionReason, Option<&str>),
    now: i64,
) -> Result<SuppressionChange, Failure> {
    let (hash, mailbox) = (list.hash(address), address.key());
    let is_changed = list.store.suppress(&NewSuppression {
        hash: &hash,
        address_key: Some(&mailbox),
        reason,
        detail: None,
        evidence: why,
        at: now,
    })?;
    if is_changed {
        return Ok(SuppressionChange::Suppressed);
    }
    let is_noted = list.store.note_suppression(&hash, (reason, why), now)?;
    Ok(match is_noted {
        true => SuppressionChange::Noted,
        false => SuppressionChange::Unchanged,
    })
}

/// Ends the suppression of the mailbox at an address. `why` is kept in the history. Returns whether the person remains
/// suppressed: the mailbox did not work, and the person has left too.
///
/// # Errors
/// If the mailbox is not suppressed, no reason is given, or the store cannot be written.
pub fn unsuppress(
    list: &mut ListStore,
    address: &Address,
    why: &str,
    now: i64,
) -> Result<bool, Failure> {
    if why.trim().is_empty() {
        let message = "the reason is empty";
        return Err(Failure::new(FailureKind::Usage, message).hint(
            "say why this person may be mailed again, such as `--reason 'asked by mail on 3 May'`",
        ));
    }
    let hash = list.hash(address);
    match list.store.unsuppress(&hash, why, now)? {
        true => Ok(list.store.suppression(&address.key())?.is_some()),
        false => {
            let message = format!("`{address}` is not suppressed");
            Err(Failure::new(FailureKind::Usage, message))
        }
    }
}
