//! Whether this sender may still send.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Instant, SystemTime};

use crate::store::{Halt, StoreError};

/// Whether this sender may send.
#[derive(Debug, Default)]
pub(super) struct SenderStatus {
    /// The first error. After it no change is durable, so nothing may be sent.
    pub(super) error: OnceLock<Arc<StoreError>>,
    /// When this sender's lease expires; `None` if it is the only sender.
    ///
    /// By two clocks: one stops while the machine is suspended, the other can be set back.
    until: Mutex<Option<(Instant, SystemTime)>>,
    /// Why no more deliveries are leased, once that was seen.
    pub(super) halt: OnceLock<Halt>,
}

impl SenderStatus {
    pub(super) fn set_until(&self, until: (Instant, SystemTime)) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }

    pub(super) fn is_late(&self) -> bool {
        let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|(instant, time)| Instant::now() >= instant || SystemTime::now() >= time)
    }
}
