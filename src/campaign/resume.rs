//! Continue a campaign that has begun: by the next run, or by `franking resume`.

use super::again::is_resending;
use super::begin::begin;
use super::brake::braked;
use super::continuation::{continue_with, release};
use super::correct::correct;
use super::event::{CampaignEvent, Question};
use super::find::{not_sent, unknown};
use super::request::SendRequest;
use super::resume_plan::ResumePlan;
use super::retention::run_and_remove;
use super::run::Campaign;
use super::send::Sent;
use crate::store::{Send, Store};
use crate::workspace::Failure;

/// Continues a campaign that is paused, held or stopped. With `corrected`, it uses the current files for the recipients to
/// whom certainly no message was sent.
///
/// # Errors
/// If there is no such campaign, it is cancelled, the operator does not confirm, or it cannot be sent.
pub fn resume(request: &SendRequest<'_>, corrected: bool) -> Result<Sent, Failure> {
    let SendRequest { issue, sources, .. } = *request;
    let workspace = request.workspace;
    let _lock = workspace.lock_issue(sources, issue, &format!("resume {issue}"))?;
    request.ledger_to_resume()?.ok_or_else(|| not_sent(issue))?;
    let mut store = request.ledger_to_send()?;
    let Some(send) = store.send_of(issue)? else {
        return Err(unknown(issue, &store, sources, workspace)?);
    };
    if send.is_cancelled() {
        store.finish_cancelled(&send, request.now())?;
        return Err(braked(&send));
    }
    if send.finished_at.is_some() {
        let send = request.with_present_policy(send.clone())?;
        if !is_resending(&store, &send)? {
            request.accept_ledger(&mut store)?;
            return Sent::before(&store, send);
        }
    }
    let campaign = prepare(request, store, send, corrected)?;
    run_and_remove(request, campaign).map(Sent::Now)
}

fn prepare(
    request: &SendRequest<'_>,
    store: Store,
    send: Send,
    corrected: bool,
) -> Result<Campaign, Failure> {
    request.require_relay()?;
    request.require_file()?;
    if request.can_refreeze(&store, &send)? {
        return begin(request, store, Some(&send));
    }
    match corrected {
        true => correct(request, store, &send),
        false => lift_brake(request, store, send),
    }
}

/// Releases the brake and continues with the frozen edition, after a confirmation if unusually many recipients have left or
/// the files have changed.
fn lift_brake(
    request: &SendRequest<'_>,
    mut store: Store,
    send: Send,
) -> Result<Campaign, Failure> {
    let (send, is_changed) = request.compare_files(send)?;
    let stamp = request.sources.list.stamp();
    let (mut departed, mut statuses) = request.departed(&mut store, &send, false)?;
    let recipients = ResumePlan::of(&store, &send, &statuses, None)?.recipients;
    let is_accident = departed.is_accident();
    let events = request.events;
    if is_accident {
        events.event(CampaignEvent::ManyDeparted(departed));
        events.confirm(Question::Recipients(recipients))?;
        (departed, statuses) = request.departed(&mut store, &send, true)?;
    }
    events.event(CampaignEvent::Departed(departed));
    // Before the brake is released, so that a wrong number leaves the campaign unchanged.
    events.confirm(match request.is_restored(&store)? {
        true => Question::Restored(recipients),
        false => Question::Continue(recipients),
    })?;
    if send.is_held {
        return release(request, store, send, true);
    }
    if is_changed && !is_accident {
        events.confirm(Question::OldEdition(&send, recipients))?;
    }
    store.release_brake(&send, request.now())?;
    continue_with(request, store, send, (stamp, statuses), true)
}
