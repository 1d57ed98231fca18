//! What a refusal says about the recipient, and when it suppresses the address.

use super::{Diagnostic, EnhancedStatus};

/// What a refusal says about the recipient.
///
/// An unknown mailbox is suppressed at once. For the other reasons, an address is suppressed after refusals of several
/// issues for the same reason, with no message accepted in between; see [`RejectReason::threshold`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectReason {
    /// The mailbox does not exist.
    Gone,
    /// The mailbox is disabled, perhaps temporarily.
    Disabled,
    /// The mailbox is full, or accepts no message of this size.
    Full,
    /// A rule of the recipient or the recipient's organisation.
    Unwanted,
    /// The recipient's domain classifies the message or the sender as spam.
    Blocked,
    /// Any other reason: it proves nothing about the address.
    Other,
}

/// How many issues an address must refuse, and over how many days, before it is suppressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuppressionThreshold {
    /// Issues, this one included.
    pub issues: u32,
    /// Days between the first refusal and the last.
    pub days: u32,
}

impl RejectReason {
    /// The word in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Disabled => "disabled",
            Self::Full => "full",
            Self::Unwanted => "unwanted",
            Self::Blocked => "blocked",
            Self::Other => "other",
        }
    }

    /// When refusals for this reason suppress the address; `None` for never.
    pub fn threshold(self) -> Option<SuppressionThreshold> {
        let (issues, days) = match self {
            Self::Gone => (1, 0),
            Self::Disabled => (2, 7),
            Self::Full => (5, 60),
            Self::Unwanted => (3, 0),
            Self::Blocked | Self::Other => return None,
        };
        Some(SuppressionThreshold { issues, days })
    }

    /// The reason of a delivery that was deferred until it was given up, from its last reply: a mailbox may be full for
    /// two days.
    pub fn of_expired(last: &Diagnostic) -> Self {
        match last.enhanced_status {
            Some(EnhancedStatus::MAILBOX_FULL) => Self::Full,
            _ => Self::Other,
        }
    }
}
