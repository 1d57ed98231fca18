//! Whether this sender may still send.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Instant, SystemTime};

use crate::store::{Halt, StoreError};

/// Whether this sender may send.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// The first fault. From then on nothing is promised, so nothing may be sent.
    pub(super) fault: OnceLock<Arc<StoreError>>,
    /// Until when others leave its deliveries alone; `None` where there are no others.
    ///
    /// By two clocks: the one stands still while the machine is suspended, the other can be set back.
    until: Mutex<Option<(Instant, SystemTime)>>,
    /// Why nothing more is taken, since that was seen first.
    pub(super) halt: OnceLock<Halt>,
}

impl Standing {
    pub(super) fn set_until(&self, until: (Instant, SystemTime)) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }

    pub(super) fn is_late(&self) -> bool {
        let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|(instant, time)| Instant::now() >= instant || SystemTime::now() >= time)
    }
}
