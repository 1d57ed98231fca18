//! Whether uncertain deliveries are sent again.

use crate::newsletter::issue::OnUncertain;
use crate::store::{Send, Store, StoreError};

/// Whether the policy of `send` lets the next run send some of the uncertain deliveries again.
///
/// # Errors
/// If the ledger cannot be read.
pub fn is_resending(store: &Store, send: &Send) -> Result<bool, StoreError> {
    Ok(send.on_uncertain == OnUncertain::Resend && store.resendable(send)? > 0)
}
