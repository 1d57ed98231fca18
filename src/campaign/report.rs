//! How a run has ended, and what is due next.

use super::again::is_resending;
use super::brake::braked_in;
use crate::delivery::{self, StopReason};
use crate::newsletter::issue::OnUncertain;
use crate::store::{Brake, Halt, Limit, Quota, Send, State, StopKind, Store, StoreError, Totals};
use crate::util::clock;
use crate::util::timestamp;
use crate::workspace::{Failure, FailureKind, Workspace};

/// The result of a run.
#[derive(Debug)]
pub struct RunReport {
    /// The campaign, with its end and its brake after the run.
    pub send: Send,
    /// Its totals after the run.
    pub totals: Totals,
    /// How the run ended.
    pub end: RunEnd,
    /// When the run began and ended, in Unix seconds.
    pub ran: (i64, i64),
}

/// How a run has ended.
#[derive(Debug)]
pub enum RunEnd {
    /// Nothing is left to do.
    Finished,
    /// The campaign was cancelled during the run.
    Cancelled,
    /// Deliveries are left; the next try is due at this time, in Unix seconds, if it is known.
    Waiting(Option<i64>),
    /// The policy sends uncertain deliveries again with the next run.
    Resending,
    /// The run was limited to one address, whose delivery is in this state now.
    OnlyOne(String, State),
    /// The operator stopped it.
    Interrupted,
    /// An error or a brake stopped it.
    Stopped(Failure),
}

impl RunReport {
    /// Whether uncertain deliveries need a decision. With the policy `resend`, only those that have reached the limit of
    /// copies need one. Refused deliveries need none.
    pub fn needs_decision(&self) -> bool {
        needs_decision(&self.send, &self.totals)
    }

    /// Whether the run was neither stopped nor interrupted. If it was, it may have sent nothing.
    pub(super) fn has_run(&self) -> bool {
        !matches!(self.end, RunEnd::Stopped(_) | RunEnd::Interrupted)
    }

    /// Turns an end with work left into one that needs a person.
    pub(super) fn need_attention(&mut self) {
        if let RunEnd::Stopped(failure) = &mut self.end
            && failure.kind == FailureKind::WorkLeft
        {
            failure.kind = FailureKind::NeedsAttention;
        }
    }

    pub(super) fn stop(&mut self, failure: Failure) {
        self.end = RunEnd::Stopped(failure);
    }
}

/// Whether uncertain deliveries of a campaign need a decision: see [`RunReport::needs_decision`].
pub fn needs_decision(send: &Send, totals: &Totals) -> bool {
    totals.uncertain > 0 && send.on_uncertain != OnUncertain::Skip
}

/// Finishes the campaign if nothing is left, and reports how the run has ended.
pub(super) fn conclude(
    store: &mut Store,
    send: Send,
    only: Option<&str>,
    ended: StopReason,
    workspace: &Workspace,
) -> Result<RunReport, Failure> {
    let at = ended_at(workspace);
    if matches!(ended, StopReason::Halted(Halt::Brake(Brake::Cancelled))) {
        store.finish_cancelled(&send, at)?;
    }
    let totals = match (&ended, store.totals(&send)) {
        // If the ledger cannot be read either, the reason for the end is the error to report.
        (StopReason::Ledger(error), Err(_)) => return Err(Failure::from(error.as_ref())),
        (_, totals) => totals?,
    };
    let is_finished = totals.is_finished() && !is_resending(store, &send)?;
    if is_finished && matches!(ended, StopReason::Done | StopReason::Halted(_)) {
        store.finish(&send, at)?;
    }
    if !matches!(ended, StopReason::Ledger(_)) {
        store.touch(&send, at, waits_until(&ended))?;
        let stop = stop_of(&ended);
        let stop = stop.as_ref().map(|(kind, why)| (*kind, why.as_str()));
        store.record_stop(&send, stop, at)?;
    }
    let end = match (ended, only) {
        (StopReason::Halted(Halt::Brake(Brake::Cancelled)), _) if is_finished => RunEnd::Cancelled,
        (StopReason::Halted(_), _) if is_finished => completed(store, &send, &totals)?,
        (StopReason::Done, Some(key)) => only_one(store, &send, key)?,
        (StopReason::Done, None) => completed(store, &send, &totals)?,
        (StopReason::Interrupted, _) => RunEnd::Interrupted,
        (ended, _) => RunEnd::Stopped(stopped(store, &send, ended, workspace)?),
    };
    Ok(RunReport {
        send: refreshed(store, send),
        totals,
        end,
        ran: (workspace.now.as_second(), at),
    })
}

/// The campaign with its end and its brake after the run. If the ledger cannot be read any more, the error that ended the
/// run is reported.
fn refreshed(store: &Store, send: Send) -> Send {
    let now = match send.is_rehearsal {
        true => store.rehearsal_of(&send.issue),
        false => store.send_of(&send.issue),
    };
    match now {
        Ok(Some(now)) if now.id == send.id => Send {
            finished_at: now.finished_at,
            brake: now.brake,
            last_stop: now.last_stop,
            is_held: now.is_held,
            ..send
        },
        _ => send,
    }
}

/// What the ledger keeps of a run that ended early. A brake is in the ledger already.
fn stop_of(ended: &StopReason) -> Option<(StopKind, String)> {
    Some(match ended {
        StopReason::Refused(why) | StopReason::RefusalsTakenBack(why) => {
            (StopKind::Refused, why.clone())
        }
        StopReason::Unreachable(why) => (StopKind::Unreachable, why.clone()),
        StopReason::QuotaUsedUp(quota) => (StopKind::Quota, quota_used(*quota)),
        StopReason::ListUnreadable(why) => (StopKind::List, why.clone()),
        StopReason::Interrupted => (StopKind::Interrupted, "interrupted".to_owned()),
        StopReason::Done | StopReason::Halted(_) | StopReason::Ledger(_) => return None,
    })
}

/// The error for a run that ended early.
fn stopped(
    store: &Store,
    send: &Send,
    ended: StopReason,
    workspace: &Workspace,
) -> Result<Failure, StoreError> {
    let failure = |kind, why: String| Ok(Failure::new(kind, why).hint(next_run(store, send)?));
    match ended {
        StopReason::Ledger(error) => Ok(Failure::from(error.as_ref())),
        StopReason::Refused(why) => failure(FailureKind::RelayRefused, why),
        StopReason::RefusalsTakenBack(why) => refusals_taken_back(store, send, why),
        StopReason::Unreachable(why) => failure(FailureKind::WorkLeft, why),
        StopReason::QuotaUsedUp(quota) => failure(FailureKind::WorkLeft, quota_used(quota)),
        StopReason::ListUnreadable(why) => Ok(list_unreadable(&send.issue, &why)),
        StopReason::Halted(halt) => halted(store, send, halt, workspace),
        StopReason::Done | StopReason::Interrupted => {
            failure(FailureKind::WorkLeft, "stopped".to_owned())
        }
    }
}

/// The error for a run whose refusals were taken back, because they are probably about the sender.
fn refusals_taken_back(store: &Store, send: &Send, why: String) -> Result<Failure, StoreError> {
    let next = match store.can_refreeze(send)? {
        true => "starts over with the current files",
        false => "continues",
    };
    Ok(Failure::new(FailureKind::RelayRefused, why).hint(format!(
        "refused addresses are tried again, and none is suppressed; after the cause is corrected, `franking send {}` \
         {next}; `--believe-refusals` accepts the refusals as they are",
        send.issue
    )))
}

fn quota_used(quota: Quota) -> String {
    let which = match quota.limit {
        Limit::WarmUp(day) => format!("the warm-up quota of day {day}"),
        Limit::Daily => "the daily quota".to_owned(),
    };
    let again = timestamp::format(quota.resets_at);
    format!("{which} is used up; more can be sent at {again}")
}

/// The error for a list that is empty, changing or invalid. Such a list neither selects nor excludes recipients.
pub(super) fn list_unreadable(issue: &str, why: &str) -> Failure {
    let message = format!("the list cannot be read, and nothing is sent without it: {why}");
    let next = format!("`franking send {issue}` continues");
    let hint = match why {
        delivery::BEING_WRITTEN => next,
        delivery::EMPTY_LIST => format!("restore the subscribers; then {next}"),
        _ => format!("correct the list; `franking check` shows the errors. Then {next}"),
    };
    Failure::new(FailureKind::WorkLeft, message).hint(hint)
}

/// What the next run does: as long as certainly no message was sent, it reads the files again.
fn next_run(store: &Store, send: &Send) -> Result<String, StoreError> {
    let command = format!("`franking send {}`", send.issue);
    Ok(match store.can_refreeze(send)? {
        true => format!("nothing was sent; {command} starts over with the current files"),
        false => format!("{command} continues"),
    })
}

/// The time at which a run ends, in Unix seconds. It may be days after the command began.
pub(super) fn ended_at(workspace: &Workspace) -> i64 {
    clock::now().unwrap_or(workspace.now).as_second()
}

/// Until when another run could send nothing, in Unix seconds.
fn waits_until(ended: &StopReason) -> Option<i64> {
    match ended {
        StopReason::QuotaUsedUp(quota) => Some(quota.resets_at),
        _ => None,
    }
}

/// The error for a campaign that was paused, held, cancelled or corrected during the run.
fn halted(
    store: &Store,
    send: &Send,
    halt: Halt,
    workspace: &Workspace,
) -> Result<Failure, StoreError> {
    let issue = &send.issue;
    if halt == Halt::Corrected {
        let message =
            format!("`{issue}` was corrected while this run was sending the previous edition");
        let hint = format!("`franking send {issue}` continues with the corrected edition");
        return Ok(Failure::new(FailureKind::WorkLeft, message).hint(hint));
    }
    let now = store.send_of(issue)?;
    Ok(braked_in(workspace, now.as_ref().unwrap_or(send)))
}

fn only_one(store: &Store, send: &Send, key: &str) -> Result<RunEnd, Failure> {
    let delivery = store.delivery(send, key)?;
    let state = delivery.map_or(State::Ready, |delivery| delivery.state);
    Ok(RunEnd::OnlyOne(key.to_owned(), state))
}

fn completed(store: &Store, send: &Send, totals: &Totals) -> Result<RunEnd, Failure> {
    if !totals.add_up() {
        let failure = Failure::new(FailureKind::LedgerDamaged, "the totals do not add up").hint(
            "rows are missing from the ledger; restore it from a backup before anything is sent",
        );
        return Ok(RunEnd::Stopped(failure));
    }
    if !totals.is_finished() {
        return Ok(RunEnd::Waiting(store.next_due(send)?));
    }
    Ok(match is_resending(store, send)? {
        true => RunEnd::Resending,
        false => RunEnd::Finished,
    })
}
