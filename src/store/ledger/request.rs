//! Requests to the ledger's writer, and their results.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::store::{Change, Departed, Next, Refused, Step, Stepped, Taken, Wanted};

pub(super) enum Request {
    Next {
        now: i64,
        answer: oneshot::Sender<Next>,
    },
    Lease {
        wanted: Wanted,
        answer: oneshot::Sender<Taken>,
    },
    Reserve {
        relay: String,
        count: u32,
        per_second: f64,
        answer: oneshot::Sender<Option<Duration>>,
    },
    Change {
        change: Change,
        answer: Option<oneshot::Sender<()>>,
    },
    Step {
        step: Step,
        answer: oneshot::Sender<Stepped>,
    },
    TakeBack {
        refusals: Vec<Refused>,
        at: i64,
        answer: oneshot::Sender<()>,
    },
    /// Looks whether the campaign is halted, and changes nothing.
    Look { answer: oneshot::Sender<()> },
    Depart {
        reason: Arc<Reason>,
        at: i64,
        answer: oneshot::Sender<Departed>,
    },
}

/// Why a mailbox gets nothing more, by its key.
pub type Reason = dyn Fn(&str) -> Option<&'static str> + std::marker::Send + Sync;

/// What has become of a request; it is told when the transaction is durable.
pub(super) enum Done {
    Next(Next),
    Leased(Taken),
    Reserved(Option<Duration>),
    Changed,
    Stepped(Stepped),
    Departed(Departed),
}

impl Request {
    pub(super) fn is_waited_for(&self) -> bool {
        !matches!(self, Self::Change { answer: None, .. })
    }

    /// The relay of which it counts something, together with the other senders.
    pub(super) fn relay(&self) -> Option<&str> {
        match self {
            Self::Reserve { relay, .. } => Some(relay),
            Self::Lease { wanted, .. } if !wanted.allowance.is_endless() => Some(&wanted.relay),
            _ => None,
        }
    }

    /// Whether it leads to something being sent. An outcome does not: it may come late.
    pub(super) fn is_new_work(&self) -> bool {
        matches!(
            self,
            Self::Next { .. }
                | Self::Look { .. }
                | Self::Lease { .. }
                | Self::Change {
                    change: Change::Intent { .. },
                    ..
                }
        )
    }
}

impl Request {
    /// Whoever has stopped waiting does not need the answer.
    pub(super) fn answer(self, done: Done) {
        match (self, done) {
            (Self::Next { answer, .. }, Done::Next(next)) => drop(answer.send(next)),
            (Self::Lease { answer, .. }, Done::Leased(taken)) => drop(answer.send(taken)),
            (Self::Reserve { answer, .. }, Done::Reserved(wait)) => drop(answer.send(wait)),
            (Self::Step { answer, .. }, Done::Stepped(stepped)) => drop(answer.send(stepped)),
            (Self::TakeBack { answer, .. } | Self::Look { answer }, _) => drop(answer.send(())),
            (Self::Depart { answer, .. }, Done::Departed(departed)) => drop(answer.send(departed)),
            (Self::Change { answer, .. }, _) => drop(answer.map(|answer| answer.send(()))),
            _ => unreachable!("a request is answered by what was done for it"),
        }
    }
}
