//! Continue a campaign with its frozen edition.

use std::sync::Arc;

use super::event::Question;
use super::request::SendRequest;
use super::run::Campaign;
use crate::delivery::StatusIndex;
use crate::diag::Findings;
use crate::newsletter::issue;
use crate::store::{Send, Store};
use crate::subscriber::ListStamp;
use crate::workspace::Failure;

/// Continues with the frozen edition and excludes recipients who have left. `is_confirmed` is whether the operator has
/// confirmed the number of recipients.
pub(super) fn continue_frozen(
    request: &SendRequest<'_>,
    mut store: Store,
    send: Send,
    is_confirmed: bool,
) -> Result<Campaign, Failure> {
    request.require_relay()?;
    let stamp = request.sources.list.stamp();
    let statuses = request.exclude_departed(&mut store, &send)?;
    continue_with(request, store, send, (stamp, statuses), is_confirmed)
}

/// Announces the remaining deliveries, and requests a confirmation unless it was given.
pub(super) fn continue_with(
    request: &SendRequest<'_>,
    store: Store,
    send: Send,
    (stamp, statuses): (Option<ListStamp>, Arc<StatusIndex>),
    is_confirmed: bool,
) -> Result<Campaign, Failure> {
    let resume_plan = request.announce(&store, &send, &statuses)?;
    if !is_confirmed {
        let question = match is_first_of(request, &store, &send)? {
            _ if request.is_restored(&store)? => Question::Restored(resume_plan.recipients),
            true => Question::Recipients(resume_plan.recipients),
            false => Question::Continue(resume_plan.recipients),
        };
        request.events.confirm(question)?;
    }
    let routes = request.routes(stamp, Some(statuses))?;
    Ok(Campaign {
        store,
        send,
        routes,
    })
}

/// Whether the request is for one subscriber of a campaign that was confirmed only for another one.
fn is_first_of(request: &SendRequest<'_>, store: &Store, send: &Send) -> Result<bool, Failure> {
    let Some(only) = request.options.only.as_ref().filter(|_| send.is_held) else {
        return Ok(false);
    };
    let delivery = store.delivery(send, &only.key())?;
    Ok(delivery.is_some_and(|delivery| delivery.attempts == 0))
}

/// Sends a campaign to all recipients that was sent to one, after a confirmation. `is_resumed` is whether the brake is
/// released too.
pub(super) fn release(
    request: &SendRequest<'_>,
    mut store: Store,
    send: Send,
    is_resumed: bool,
) -> Result<Campaign, Failure> {
    request.require_relay()?;
    let stamp = request.sources.list.stamp();
    let statuses = request.exclude_departed(&mut store, &send)?;
    let resume_plan = request.announce(&store, &send, &statuses)?;
    require_present_moment(request)?;
    let question = Question::Recipients(resume_plan.recipients);
    request.events.confirm(question)?;
    if is_resumed {
        store.release_brake(&send, request.now())?;
    }
    store.release(&send)?;
    let routes = request.routes(stamp, Some(statuses))?;
    Ok(Campaign {
        store,
        send,
        routes,
    })
}

/// Refuses the request if the `send_at` that the issue's file has now is in the future.
fn require_present_moment(request: &SendRequest<'_>) -> Result<(), Failure> {
    let directory = &request.workspace.directory;
    let newsletter = &request.sources.newsletter;
    let issue = issue::read(directory, request.issue, newsletter, &mut Findings::new());
    request.require_moment(issue.and_then(|issue| issue.send_at).as_ref())
}
