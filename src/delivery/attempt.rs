//! An attempt to deliver a message, as a run reports it.

use std::time::Duration;

use crate::outcome::Outcome;
use crate::subscriber::Subscriber;

/// An attempt to deliver a message that has ended.
///
/// What the ledger records may differ from the outcome: a deferral is recorded as a refusal after 48 hours, and refusals
/// that are probably about the sender are taken back.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// The number of the delivery in the campaign.
    pub delivery: i64,
    /// The number of the attempt, from 1.
    pub number: u32,
    /// The recipient.
    pub recipient: &'a Subscriber,
    /// The name of the route's relay in the ledger.
    pub relay: &'a str,
    /// The outcome.
    pub outcome: &'a Outcome,
    /// The time from the commit of the intent to the outcome; `None` for a message of a pipelined window, which has no
    /// time of its own.
    pub duration: Option<Duration>,
}
