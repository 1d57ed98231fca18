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

/// Continues with the frozen edition and excludes recipients who have left. `is_agreed`: the number of recipients has been
/// agreed to.
pub(super) fn continue_frozen(
    request: &SendRequest<'_>,
    mut store: Store,
    send: Send,
    is_agreed: bool,
) -> Result<Campaign, Failure> {
    request.require_relay()?;
    let stamp = request.sources.list.stamp();
    let statuses = request.exclude_departed(&mut store, &send)?;
    continue_with(request, store, send, (stamp, statuses), is_agreed)
}

/// Announces what is left, and asks for agreement unless it was given.
pub(super) fn continue_with(
    request: &SendRequest<'_>,
    store: Store,
    send: Send,
    (stamp, statuses): (Option<ListStamp>, Arc<StatusIndex>),
    is_agreed: bool,
) -> Result<Campaign, Failure> {
    let resume_plan = request.announce(&store, &send, &statuses)?;
    if !is_agreed {
        request
            .events
            .confirm(match is_first_of(request, &store, &send)? {
                _ if request.is_restored(&store)? => Question::Restored(resume_plan.recipients),
                true => Question::Recipients(resume_plan.recipients),
                false => Question::Continue(resume_plan.recipients),
            })?;
    }
    let routes = request.routes(stamp, Some(statuses))?;
    Ok(Campaign {
        store,
        send,
        routes,
    })
}

/// Whether the request is for one subscriber of a campaign that was agreed to for another one only.
fn is_first_of(request: &SendRequest<'_>, store: &Store, send: &Send) -> Result<bool, Failure> {
    let Some(only) = request.options.only.as_ref().filter(|_| send.is_held) else {
        return Ok(false);
    };
    let delivery = store.delivery(send, &only.key())?;
    Ok(delivery.is_some_and(|delivery| delivery.attempts == 0))
}

/// Sends to all recipients what was sent to one, after agreement; `is_resumed`: the brake is lifted too.
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
    let directory = &request.workspace.directory;
    let newsletter = &request.sources.newsletter;
    let now = issue::read(directory, request.issue, newsletter, &mut Findings::new());
    request.require_moment(now.and_then(|issue| issue.send_at).as_ref())?;
    request
        .events
        .confirm(Question::Recipients(resume_plan.recipients))?;
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
