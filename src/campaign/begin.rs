//! Begin a campaign: compile, announce, ask for agreement, and freeze edition and recipients.

use super::announcement::{Announcement, example};
use super::continuation::continue_frozen;
use super::event::{CampaignEvent, Question};
use super::recipients::{candidates, require_recipient};
use super::request::SendRequest;
use super::run::Campaign;
use super::schedule;
use crate::delivery::{self, Plan};
use crate::placeholder;
use crate::store::{NewSend, Send, Store, StoreError, Suppressions};
use crate::workspace::{Checked, Compiled, Failure, Sources, Workspace, display_path};

/// Begins a campaign. `renewed` is a campaign of which no message can have left: it is frozen anew.
pub(super) fn begin(
    request: &SendRequest<'_>,
    mut store: Store,
    renewed: Option<&Send>,
) -> Result<Campaign, Failure> {
    if renewed.is_some() {
        request.require_relay()?;
    }
    let stamp = request.sources.list.stamp();
    let checked = request.compile()?;
    let suppressed = store.suppressions()?;
    let plan = announce(request, &checked, &suppressed, renewed)?;
    confirm(request, &store, &checked.compiled, &plan, renewed)?;
    // The routes come before the freezing: a password file that is missing begins no campaign.
    let routes = request.routes(stamp, None)?;
    let new = NewSend {
        is_rehearsal: request.is_rehearsal(),
        is_held: request.options.only.is_some(),
        ..new_send(&checked.compiled, request.sources, request.workspace)
    };
    let candidates = candidates(
        request.sources,
        &checked.compiled,
        &checked.census,
        &suppressed,
    );
    let begun = match renewed {
        Some(send) => store.refreeze(send, &new, candidates),
        None => store.begin(&new, candidates),
    };
    match (begun, store.send_of(request.issue)) {
        // Another process has begun it in the same ledger: the two send it together. The number that was agreed to is
        // that of both.
        (Err(StoreError::AlreadyBegun(_)), Ok(Some(send))) => {
            continue_frozen(request, store, send, true)
        }
        (begun, _) => Ok(Campaign {
            send: begun?,
            store,
            routes,
        }),
    }
}

/// Announces what would be sent, and to how many.
fn announce(
    request: &SendRequest<'_>,
    checked: &Checked,
    suppressed: &Suppressions,
    renewed: Option<&Send>,
) -> Result<Plan, Failure> {
    let compiled = &checked.compiled;
    let only = request.options.only.as_ref();
    let all = candidates(request.sources, compiled, &checked.census, suppressed);
    let plan = Plan::of(delivery::only(all, only))?;
    if renewed.is_some_and(|send| send.digest != compiled.edition.digest()) {
        request.events.event(CampaignEvent::Renewed);
    }
    announce_plan(request, compiled, &plan)?;
    Ok(plan)
}

/// Announces a campaign that has not begun.
pub(super) fn announce_plan(
    request: &SendRequest<'_>,
    compiled: &Compiled,
    plan: &Plan,
) -> Result<(), Failure> {
    let of = (request.workspace, request.sources, request.issue);
    let first = example(plan.first.clone());
    let announcement = Announcement::new(of, &compiled.edition, None, first.as_ref(), plan);
    request
        .events
        .event(CampaignEvent::Announced(&announcement));
    match &request.options.only {
        Some(only) => require_recipient(plan, only),
        None => Ok(()),
    }
}

/// Asks for the agreement that this campaign needs.
fn confirm(
    request: &SendRequest<'_>,
    store: &Store,
    compiled: &Compiled,
    plan: &Plan,
    renewed: Option<&Send>,
) -> Result<(), Failure> {
    if request.is_rehearsal() {
        request
            .events
            .confirm(Question::Rehearsal(plan.recipients))?;
        return begin_rehearsal(request);
    }
    request.require_moment(compiled.issue.send_at.as_ref())?;
    if renewed.is_none() {
        let directory = &request.workspace.directory;
        let newsletter = &request.sources.newsletter;
        let earlier = schedule::of_campaigns(directory, store, compiled, newsletter)?;
        let question = Question::Again(request.issue, earlier.as_ref());
        request.events.confirm(question)?;
    }
    request.events.confirm(match request.is_restored(store)? {
        true => Question::Restored(plan.recipients),
        false => Question::Recipients(plan.recipients),
    })
}

/// Reports that nothing is mailed, and removes the files of the last rehearsal.
fn begin_rehearsal(request: &SendRequest<'_>) -> Result<(), Failure> {
    request.events.event(CampaignEvent::Rehearsal);
    let outbox = request.workspace.outbox(request.issue);
    match std::fs::remove_dir_all(&outbox) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            let what = format!("`{}` cannot be removed", display_path(&outbox));
            Err(Failure::io(what, &error))
        }
        _ => Ok(()),
    }
}

/// What the ledger freezes of an issue.
pub fn new_send(compiled: &Compiled, sources: &Sources, workspace: &Workspace) -> NewSend {
    let edition = &compiled.edition;
    NewSend {
        issue: edition.issue.clone(),
        digest: edition.digest(),
        edition: edition.freeze(),
        content: compiled.content(&sources.newsletter),
        subject: placeholder::without_marks(&compiled.issue.subject),
        started_at: workspace.now.as_second(),
        on_uncertain: compiled.issue.on_uncertain,
        is_held: false,
        is_rehearsal: false,
    }
}
