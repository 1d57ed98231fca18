//! The faults of `franking demo`.

use super::sink::{Answer, Script};

/// Three recipients with an injected fault: one of each kind that an operator meets first.
#[derive(Debug, Clone, Default)]
pub struct DemoFaults {
    /// Deferred with 451, and accepted at the second attempt.
    pub deferred: Option<String>,
    /// Refused with 550: the mailbox does not exist.
    pub refused: Option<String>,
    /// The relay accepts the message and closes the connection before its reply.
    pub lost: Option<String>,
}

impl DemoFaults {
    /// The second, sixth and tenth recipient, as far as there are so many.
    pub fn among(mut recipients: impl Iterator<Item = String>) -> Self {
        Self {
            deferred: recipients.nth(1),
            refused: recipients.nth(3),
            lost: recipients.nth(3),
        }
    }
}

impl Script for DemoFaults {
    fn recipient(&self, address: &str, attempt: u32) -> Answer {
        if self.deferred.as_deref() == Some(address) && attempt == 1 {
            return Answer::Reply(451, "4.7.1 greylisted, come back soon".to_owned());
        }
        if self.refused.as_deref() == Some(address) {
            return Answer::Reply(550, "5.1.1 no such mailbox here".to_owned());
        }
        Answer::Accept
    }

    fn message(&self, address: &str, _attempt: u32) -> Answer {
        match self.lost.as_deref() == Some(address) {
            true => Answer::Drop,
            false => Answer::Accept,
        }
    }
}
