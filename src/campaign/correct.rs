//! Continue a campaign with the present files, for the recipients to whom no message may have left.

use super::announcement::{Announcement, example};
use super::begin::new_send;
use super::event::{CampaignEvent, Question};
use super::recipients::candidates;
use super::request::SendRequest;
use super::resume_plan::sent_again;
use super::run::Campaign;
use crate::store::{Send, Store};
use crate::util::escape;
use crate::workspace::{Failure, FailureKind};

pub(super) fn correct(
    request: &SendRequest<'_>,
    mut store: Store,
    send: &Send,
) -> Result<Campaign, Failure> {
    let stamp = request.sources.list.stamp();
    let checked = request.compile()?;
    let compiled = &checked.compiled;
    let new = new_send(compiled, request.sources, request.workspace);
    let suppressed = store.suppressions()?;
    let candidates = || candidates(request.sources, compiled, &checked.census, &suppressed);
    let mut corrected = store.try_correction(send, &new, candidates())?;
    if corrected.is_nothing() {
        return Err(nothing_to_correct(request.issue, corrected.left));
    }
    let statuses = request.statuses()?;
    // As the correction leaves the policy: without a recipient of its edition, the policy stays.
    let policy = match corrected.left > corrected.bound {
        true => new.on_uncertain,
        false => send.on_uncertain,
    };
    let again = Send {
        on_uncertain: policy,
        ..send.clone()
    };
    let again = sent_again(&store, &again, &statuses)?;
    corrected.left += again;
    corrected.bound += again;
    let example = example(store.first_remaining(send, None)?);
    let of = (request.workspace, request.sources, request.issue);
    let announcement = Announcement::new(of, &compiled.edition, None, example.as_ref(), &corrected);
    request
        .events
        .event(CampaignEvent::Announced(&announcement));
    let count = usize::try_from(corrected.left).unwrap_or(usize::MAX);
    request.events.confirm(Question::Recipients(count))?;
    // The routes come before the freezing: a password file that is missing corrects nothing.
    let routes = request.routes(stamp, Some(statuses))?;
    let send = store.correct(send, &new, candidates())?;
    store.release_brake(&send, request.now())?;
    store.release(&send)?;
    Ok(Campaign {
        store,
        send,
        routes,
    })
}

fn nothing_to_correct(issue: &str, left: u32) -> Failure {
    let why = match left {
        0 => "no recipient is left".to_owned(),
        left => format!(
            "the message of each recipient who is left may have left before, and stays as it was ({left})"
        ),
    };
    let word = escape::shell(issue);
    let message = format!("nothing to correct in `{issue}`: {why}");
    Failure::new(FailureKind::Usage, message).hint(format!("`franking resume {word}` continues"))
}
