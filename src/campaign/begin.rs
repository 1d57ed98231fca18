//! Begin a campaign: compile, announce, confirm, and freeze edition and recipients.

use super::announcement::{Announcement, example};
use super::continuation::continue_frozen;
use super::event::{CampaignEvent, Question};
use super::recipients::{candidates, require_recipient, stored_audience, stored_plan};
use super::request::SendRequest;
use super::routes::Routes;
use super::run::Campaign;
use super::schedule;
use crate::delivery::{self, Plan};
use crate::placeholder::DefaultValues;
use crate::store::{Candidates, NewSend, Send, Store, StoreError, Suppressions};
use crate::workspace::{Checked, Compiled, Failure, Sources, Workspace, display_path};

/// Begins a campaign. `renewed` is an existing campaign that has certainly sent no message; it is frozen again.
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
    let plan = plan_of(request, &store, &checked, &suppressed)?;
    announce(request, &checked, &plan, renewed)?;
    confirm(request, &store, &checked.compiled, &plan, renewed)?;
    // Before freezing, so that a missing password file does not leave a campaign behind.
    let routes = request.routes(stamp, None)?;
    let begun = freeze(
        request,
        &mut store,
        (&checked, &routes),
        &suppressed,
        renewed,
    );
    match (begun, store.send_of(request.issue)) {
        // Another process has begun the campaign in the same ledger, and both send it. The confirmed number of recipients
        // is the same.
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

/// Freezes edition and recipients in the ledger.
fn freeze(
    request: &SendRequest<'_>,
    store: &mut Store,
    (checked, routes): (&Checked, &Routes),
    suppressed: &Suppressions,
    renewed: Option<&Send>,
) -> Result<Send, StoreError> {
    let (compiled, sources) = (&checked.compiled, request.sources);
    let new = NewSend {
        is_rehearsal: request.is_rehearsal(),
        is_held: request.options.only.is_some(),
        token_key: routes.token_keys.newest(),
        ..new_send(compiled, sources, request.workspace)
    };
    let candidates = match sources.list.is_stored() {
        true => Candidates::stored(stored_audience(compiled)),
        false => Candidates::listed(candidates(sources, compiled, &checked.census, suppressed)),
    };
    match renewed {
        Some(send) => store.refreeze(send, &new, candidates),
        None => store.begin(&new, candidates),
    }
}

/// Announces the edition and the number of recipients.
fn announce(
    request: &SendRequest<'_>,
    checked: &Checked,
    plan: &Plan,
    renewed: Option<&Send>,
) -> Result<(), Failure> {
    let compiled = &checked.compiled;
    if renewed.is_some_and(|send| send.digest != compiled.edition.digest()) {
        request.events.event(CampaignEvent::Renewed);
    }
    announce_plan(request, compiled, plan)
}

/// Counts the recipients and exclusions of a campaign that has not begun.
pub(super) fn plan_of(
    request: &SendRequest<'_>,
    store: &Store,
    checked: &Checked,
    suppressed: &Suppressions,
) -> Result<Plan, Failure> {
    let compiled = &checked.compiled;
    let only = request.options.only.as_ref();
    if request.sources.list.is_stored() {
        return stored_plan(store, compiled, only);
    }
    let all = candidates(request.sources, compiled, &checked.census, suppressed);
    Ok(Plan::of(delivery::only(all, only))?)
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

/// Requests the confirmations that this campaign needs.
fn confirm(
    request: &SendRequest<'_>,
    store: &Store,
    compiled: &Compiled,
    plan: &Plan,
    renewed: Option<&Send>,
) -> Result<(), Failure> {
    let events = request.events;
    if request.is_rehearsal() {
        events.confirm(Question::Rehearsal(plan.recipients))?;
        return begin_rehearsal(request);
    }
    request.require_moment(compiled.issue.send_at.as_ref())?;
    if renewed.is_none() {
        confirm_repetition(request, store, compiled)?;
    }
    events.confirm(match request.is_restored(store)? {
        true => Question::Restored(plan.recipients),
        false => Question::Recipients(plan.recipients),
    })
}

/// Requests a confirmation if the same content was sent as another issue.
fn confirm_repetition(
    request: &SendRequest<'_>,
    store: &Store,
    compiled: &Compiled,
) -> Result<(), Failure> {
    let directory = &request.workspace.directory;
    let newsletter = &request.sources.newsletter;
    let earlier = schedule::of_campaigns(directory, store, compiled, newsletter)?;
    let question = Question::Again(request.issue, earlier.as_ref());
    request.events.confirm(question)
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

/// The record of an issue that the ledger freezes when its campaign begins, with the first key of unsubscribe tokens.
pub fn new_send(compiled: &Compiled, sources: &Sources, workspace: &Workspace) -> NewSend {
    let edition = &compiled.edition;
    NewSend {
        issue: edition.issue.clone(),
        digest: edition.digest(),
        edition: edition.freeze(),
        content: compiled.content(&sources.newsletter),
        subject: edition.subject.fill(&DefaultValues(&edition.placeholders)),
        started_at: workspace.now.as_second(),
        on_uncertain: compiled.issue.on_uncertain,
        is_held: false,
        is_rehearsal: false,
        follows_list: sources.list.is_stored(),
        token_key: 0,
    }
}
