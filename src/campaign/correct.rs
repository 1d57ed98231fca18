//! Continue a campaign with the current files, for the recipients to whom certainly no message was sent.

use super::announcement::{Announcement, example};
use super::begin::new_send;
use super::event::{CampaignEvent, Question};
use super::recipients::candidates;
use super::request::SendRequest;
use super::resume_plan::sent_again;
use super::run::Campaign;
use crate::store::{Correction, NewSend, Send, Store};
use crate::subscriber::Subscriber;
use crate::util::escape;
use crate::workspace::{Compiled, Failure, FailureKind};

/// Corrects a campaign after a confirmation, and releases its brake.
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
    // As in `Store::correct`: if no recipient gets the new edition, the policy stays.
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
    confirm(request, compiled, example.as_ref(), &corrected)?;
    // Before freezing, so that a missing password file does not change the campaign.
    let routes = request.routes(stamp, Some(statuses))?;
    let new = NewSend {
        token_key: routes.token_keys.newest(),
        ..new
    };
    let send = store.correct(send, &new, candidates())?;
    store.release_brake(&send, request.now())?;
    store.release(&send)?;
    Ok(Campaign {
        store,
        send,
        routes,
    })
}

/// Announces the correction, and requests a confirmation of the number of recipients.
fn confirm(
    request: &SendRequest<'_>,
    compiled: &Compiled,
    example: Option<&Subscriber>,
    corrected: &Correction,
) -> Result<(), Failure> {
    let of = (request.workspace, request.sources, request.issue);
    let announcement = Announcement::new(of, &compiled.edition, None, example, corrected);
    let events = request.events;
    events.event(CampaignEvent::Announced(&announcement));
    let count = usize::try_from(corrected.left).unwrap_or(usize::MAX);
    events.confirm(Question::Recipients(count))
}

fn nothing_to_correct(issue: &str, left: u32) -> Failure {
    let why = match left {
        0 => "no recipient remains".to_owned(),
        left => format!(
            "the message of every remaining recipient may have been sent already, and keeps its edition ({left})"
        ),
    };
    let word = escape::shell(issue);
    let message = format!("nothing to correct in `{issue}`: {why}");
    Failure::new(FailureKind::Usage, message).hint(format!("`franking resume {word}` continues"))
}
