//! Brakes: pause and cancel a campaign, even one that another terminal or host is sending.
//!
//! Neither needs the lock: a run notices the brake at its next lease or commit, and messages in flight finish.

use super::find::not_sent;
use crate::newsletter::issue;
use crate::store::{Brake, CANCELLED, Send, Store, Totals};
use crate::util::timestamp;
use crate::workspace::{Failure, FailureKind, Sources, Workspace};

/// A campaign that is paused now.
#[derive(Debug)]
pub struct Paused {
    /// The campaign.
    pub send: Send,
    /// How many recipients are left; `None` if the campaign had been stopped before.
    pub left: Option<u32>,
    /// Whether the file of the issue exists.
    pub has_file: bool,
}

/// Pauses a campaign; `why` is recorded.
///
/// # Errors
/// If the campaign is finished or cancelled, or the ledger cannot be written.
pub fn pause(
    store: &mut Store,
    send: &Send,
    why: &str,
    sources: &Sources,
    workspace: &Workspace,
) -> Result<Paused, Failure> {
    let is_new = store.set_brake(send, Brake::Paused, why, workspace.now.as_second())?;
    let now = store.send_of(&send.issue)?;
    let send = now.ok_or_else(|| not_sent(&send.issue))?;
    let is_braked = send.brake.is_some() && !send.is_cancelled();
    if !is_new && !is_braked {
        return Err(over(&send));
    }
    let left = is_new.then(|| workspace.totals(store, &send, sources));
    let left = left.transpose()?;
    Ok(Paused {
        left: left.map(|totals| totals.open()),
        has_file: has_file(workspace, &send),
        send,
    })
}

fn over(send: &Send) -> Failure {
    if send.is_cancelled() {
        return braked(send);
    }
    let message = format!("`{}` was sent; there is nothing left to stop", send.issue);
    Failure::new(FailureKind::Usage, message)
}

/// How many recipients a cancellation would exclude; `None` if the campaign is cancelled already.
///
/// # Errors
/// If the campaign is finished, or the ledger cannot be read.
pub fn open_recipients(
    store: &Store,
    send: &Send,
    sources: &Sources,
    workspace: &Workspace,
) -> Result<Option<u32>, Failure> {
    if send.is_cancelled() {
        return Ok(None);
    }
    if send.finished_at.is_some() {
        return Err(over(send));
    }
    Ok(Some(workspace.totals(store, send, sources)?.open()))
}

/// A campaign that is cancelled now.
#[derive(Debug)]
pub struct Cancelled {
    /// The totals. Deliveries that are still open are being sent by a run.
    pub totals: Totals,
    /// The number of recipients that the cancellation has excluded.
    pub excluded: u32,
}

/// Cancels a campaign. An active run finishes its messages in flight and then ends the campaign; if no run is active,
/// the campaign ends here.
///
/// # Errors
/// If the ledger cannot be written.
pub fn cancel(
    store: &mut Store,
    send: &Send,
    sources: &Sources,
    workspace: &Workspace,
) -> Result<Cancelled, Failure> {
    let now = workspace.now.as_second();
    store.cancel(send, now)?;
    let task = format!("cancel {}", send.issue);
    match workspace.lock_for(&sources.newsletter.store, &task) {
        Ok(_lock) => store.finish_cancelled(send, now)?,
        Err(failure) if failure.kind == FailureKind::Locked => {}
        Err(failure) => return Err(failure),
    }
    let totals = store.totals(send)?;
    let excluded = totals.reasons.get(CANCELLED).copied().unwrap_or_default();
    Ok(Cancelled { totals, excluded })
}

/// The error for a campaign that is paused, held or cancelled.
pub fn braked(send: &Send) -> Failure {
    let issue = &send.issue;
    let Some(braked) = &send.brake else {
        return Failure::new(FailureKind::WorkLeft, format!("`{issue}` is stopped"))
            .hint(format!("`franking send {issue}` continues"));
    };
    let message = format!(
        "`{issue}` has been {} since {}: {}",
        braked.brake.as_str(),
        timestamp::format(braked.at),
        braked.why
    );
    match braked.brake {
        Brake::Cancelled => Failure::new(FailureKind::Usage, message).hint(
            "the remaining recipients get nothing; to send them something, create a new issue",
        ),
        Brake::Paused | Brake::Held => Failure::new(FailureKind::WorkLeft, message).hint(format!(
            "`franking resume {issue}` continues, with `--corrected` from the current files; `franking cancel {issue}` \
             ends it"
        )),
    }
}

/// As [`braked`], with a hint for an issue whose file is gone.
pub(super) fn braked_in(workspace: &Workspace, send: &Send) -> Failure {
    let failure = braked(send);
    if send.is_cancelled() || has_file(workspace, send) {
        return failure;
    }
    let path = issue::path_of(&send.issue);
    failure.hint(format!(
        "its file `{path}` is gone; if it was renamed, rename it back. `franking resume {0} --frozen` continues with the \
         frozen edition, `franking cancel {0}` ends it",
        send.issue
    ))
}

/// Whether the file of a campaign's issue exists.
pub fn has_file(workspace: &Workspace, send: &Send) -> bool {
    let path = issue::path_of(&send.issue);
    workspace.directory.join(path).exists()
}
