//! Send an issue by hand: begin its campaign, or continue it.

use super::again::is_resending;
use super::begin::begin;
use super::brake::braked_in;
use super::continuation::{continue_frozen, release};
use super::report::RunReport;
use super::request::SendRequest;
use super::retention::run_and_remove;
use super::run::Campaign;
use crate::store::{Send, Store, Totals};
use crate::workspace::Failure;

/// How a request to send has ended.
#[derive(Debug)]
pub enum Sent {
    /// A run has ended.
    Now(RunReport),
    /// The campaign was finished before.
    Before(Send, Totals),
}

impl Sent {
    pub(super) fn before(store: &Store, send: Send) -> Result<Self, Failure> {
        let totals = store.totals(&send)?;
        Ok(Self::Before(send, totals))
    }
}

/// Sends an issue, or continues its campaign. `again` is whether the operator has named the issue to send it once more.
///
/// # Errors
/// If the files have errors, the campaign is paused, held or cancelled, the operator does not confirm, or it cannot be
/// sent.
pub fn send(request: &SendRequest<'_>, again: bool) -> Result<Sent, Failure> {
    let SendRequest { issue, sources, .. } = *request;
    let _lock = request
        .workspace
        .lock_issue(sources, issue, &format!("send {issue}"))?;
    let is_begun = |sent: &Sent| match sent {
        Sent::Now(report) => report.has_run(),
        Sent::Before(..) => true,
    };
    request.or_former_ledger(|| send_or_continue(request, again), is_begun)
}

fn send_or_continue(request: &SendRequest<'_>, again: bool) -> Result<Sent, Failure> {
    let issue = request.issue;
    let mut store = request.ledger_to_send()?;
    let campaign = match store.send_of(issue)? {
        None => begin(request, store, None)?,
        Some(send) => {
            if again {
                let why = format!("`{issue}` has a campaign of its own");
                request.warn(format!("`--again-as` has no effect: {why}"));
            }
            require_no_brake(request, &mut store, &send)?;
            match prepare(request, store, send)? {
                Prepared::Run(campaign) => *campaign,
                Prepared::Finished(sent) => return Ok(*sent),
            }
        }
    };
    run_and_remove(request, campaign).map(Sent::Now)
}

enum Prepared {
    Run(Box<Campaign>),
    Finished(Box<Sent>),
}

fn require_no_brake(
    request: &SendRequest<'_>,
    store: &mut Store,
    send: &Send,
) -> Result<(), Failure> {
    if send.is_cancelled() {
        store.finish_cancelled(send, request.now())?;
        return Err(braked_in(request.workspace, send));
    }
    if send.finished_at.is_none() && send.brake.is_some() {
        return Err(braked_in(request.workspace, send));
    }
    Ok(())
}

fn prepare(request: &SendRequest<'_>, mut store: Store, send: Send) -> Result<Prepared, Failure> {
    let run = |campaign| Ok(Prepared::Run(Box::new(campaign)));
    if send.finished_at.is_none() && request.can_refreeze(&store, &send)? {
        request.require_file()?;
        return run(begin(request, store, Some(&send))?);
    }
    let send = request.with_present_policy(send)?;
    if send.finished_at.is_some() && !is_resending(&store, &send)? {
        request.accept_ledger(&mut store)?;
        return Sent::before(&store, send).map(|sent| Prepared::Finished(Box::new(sent)));
    }
    request.require_no_gap(&mut store, &send)?;
    if send.is_held && request.options.only.is_none() {
        return run(release(request, store, send, false)?);
    }
    run(continue_frozen(request, store, send, false)?)
}
