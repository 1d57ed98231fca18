//! How a run ends.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::circuit_breaker::Retraction;
use super::hint;
use crate::diag::counted;
use crate::store::{Halt, Quota, StoreError};

/// What a step of a worker leads to: it continues with a value, or its run is over.
pub(super) type Flow<T = ()> = ControlFlow<StopReason, T>;

/// How a run ended.
#[derive(Debug)]
pub enum StopReason {
    /// No delivery was left to lease.
    Done,
    /// The operator interrupted it.
    Interrupted,
    /// The daily quota is used up; the value has the time of its reset.
    QuotaUsedUp(Quota),
    /// The relay cannot be reached any more, or never could.
    Unreachable(String),
    /// The relay refuses the sender, not single recipients.
    Refused(String),
    /// So many recipients were refused that the cause is probably the sender; the refusals were taken back.
    RefusalsTakenBack(String),
    /// The campaign was paused, held, cancelled or corrected during the run.
    Halted(Halt),
    /// The list could not be read completely; nothing is sent without it.
    ListUnreadable(String),
    /// The ledger cannot be written, so nothing may be sent.
    Ledger(Arc<StoreError>),
}

impl StopReason {
    /// The severity of an end. If the connections of a route end differently, the highest rank counts.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Interrupted => 1,
            Self::Halted(_) | Self::ListUnreadable(_) | Self::QuotaUsedUp(_) => 2,
            Self::Unreachable(_) => 3,
            Self::Refused(_) | Self::RefusalsTakenBack(_) => 4,
            Self::Ledger(_) => 5,
        }
    }

    /// Whether this ends all routes, not only the one on which it occurred.
    fn is_of_all_routes(&self) -> bool {
        matches!(
            self,
            Self::Interrupted
                | Self::RefusalsTakenBack(_)
                | Self::Ledger(_)
                | Self::Halted(_)
                | Self::ListUnreadable(_)
        )
    }
}

impl Retraction {
    /// The end of the run whose outcomes are taken back.
    pub fn stop_reason(self) -> StopReason {
        let Some(why) = self.refusal else {
            let reply = self.deferral.unwrap_or_default();
            return StopReason::Refused(setup_is_wrong("", self.deferred.len(), &reply));
        };
        StopReason::RefusalsTakenBack(format!(
            "the relay has refused {} and accepted nothing: {why}; {}",
            counted(self.refused.len(), "recipient"),
            hint::of_refusal(&why)
        ))
    }
}

/// Continues with the value of a ledger operation; an error ends the run.
pub(super) fn or_end<T>(result: Result<T, Arc<StoreError>>) -> Flow<T> {
    match result {
        Ok(value) => ControlFlow::Continue(value),
        Err(error) => ControlFlow::Break(StopReason::Ledger(error)),
    }
}

/// The end of a round, from the ends of its routes and whether each was reported already.
///
/// An end of all routes counts first. Otherwise the route with the lowest rank decides, because the others only matter if
/// no route is left. Of two equal ends, the one that was not reported counts.
pub(super) fn of_routes(ends: Vec<(StopReason, bool)>) -> StopReason {
    let (all, routes): (Vec<_>, Vec<_>) = ends
        .into_iter()
        .partition(|(end, _)| end.is_of_all_routes());
    let highest = all.into_iter().max_by_key(|(end, _)| end.rank());
    let lowest = routes
        .into_iter()
        .min_by_key(|(end, is_reported)| (end.rank(), *is_reported));
    highest.or(lowest).map_or(StopReason::Done, |(end, _)| end)
}

/// Why a run ends that has received only deferrals about the sender. `route` is the relay's name with a space before
/// it, or empty.
pub(super) fn setup_is_wrong(route: &str, count: usize, reply: &str) -> String {
    format!(
        "the set-up of the relay{route} is wrong: the last {count} replies are about the sender, not about the \
         recipients, and nothing was accepted: {reply}; check `tls`, `user`, the password \
         and `from`"
    )
}
