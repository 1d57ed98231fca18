//! Requests to the ledger's writer, and their results.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::store::{
    Change, Departures, DomainChange, DomainStatus, LeaseRequest, LeaseResult, NextDue,
    RecordedRefusal,
};

pub(super) enum Request {
    NextDue {
        now: i64,
        answer: oneshot::Sender<NextDue>,
    },
    Lease {
        wanted: LeaseRequest,
        answer: oneshot::Sender<LeaseResult>,
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
    DomainChange {
        change: DomainChange,
        answer: oneshot::Sender<DomainStatus>,
    },
    TakeBack {
        refusals: Vec<RecordedRefusal>,
        at: i64,
        answer: oneshot::Sender<()>,
    },
    /// Checks whether the campaign is halted, and changes nothing.
    CheckHalt { answer: oneshot::Sender<()> },
    /// Reads why leased deliveries are excluded whose recipients have left since they were leased.
    Reasons {
        numbers: Vec<i64>,
        follows_list: bool,
        answer: oneshot::Sender<Vec<(i64, String)>>,
    },
    Depart {
        reason: Arc<DepartureReason>,
        at: i64,
        answer: oneshot::Sender<Departures>,
    },
}

/// Why a mailbox receives no more messages, by its key.
pub type DepartureReason = dyn Fn(&str) -> Option<&'static str> + std::marker::Send + Sync;

/// The result of a request, which is sent when the transaction is durable.
pub(super) enum Done {
    NextDue(NextDue),
    Leased(LeaseResult),
    Reserved(Option<Duration>),
    Changed,
    DomainStatus(DomainStatus),
    Departures(Departures),
    Reasons(Vec<(i64, String)>),
}

impl Request {
    pub(super) fn is_waited_for(&self) -> bool {
        !matches!(self, Self::Change { answer: None, .. })
    }

    /// The relay whose quota or rate limit it uses, which all senders share.
    pub(super) fn relay(&self) -> Option<&str> {
        match self {
            Self::Reserve { relay, .. } => Some(relay),
            Self::Lease { wanted, .. } if !wanted.quota.is_unlimited() => Some(&wanted.relay),
            _ => None,
        }
    }

    /// Whether it can lead to a message being sent. An outcome cannot, and may come late.
    pub(super) fn is_new_work(&self) -> bool {
        matches!(
            self,
            Self::NextDue { .. }
                | Self::CheckHalt { .. }
                | Self::Lease { .. }
                | Self::Change {
                    change: Change::Intent { .. },
                    ..
                }
        )
    }
}

impl Request {
    /// Sends the result, unless the caller has stopped waiting.
    pub(super) fn answer(self, done: Done) {
        match (self, done) {
            (Self::NextDue { answer, .. }, Done::NextDue(next)) => drop(answer.send(next)),
            (Self::Lease { answer, .. }, Done::Leased(leased)) => drop(answer.send(leased)),
            (Self::Reserve { answer, .. }, Done::Reserved(wait)) => drop(answer.send(wait)),
            (Self::DomainChange { answer, .. }, Done::DomainStatus(status)) => {
                let _ = answer.send(status);
            }
            (Self::TakeBack { answer, .. } | Self::CheckHalt { answer }, _) => {
                let _ = answer.send(());
            }
            (Self::Reasons { answer, .. }, Done::Reasons(reasons)) => drop(answer.send(reasons)),
            (Self::Depart { answer, .. }, Done::Departures(departed)) => {
                let _ = answer.send(departed);
            }
            (Self::Change { answer, .. }, _) => drop(answer.map(|answer| answer.send(()))),
            _ => unreachable!("every request has a result of its own kind"),
        }
    }
}
