//! What a request to send would do, without sending or writing.

use std::fmt::Display;
use std::sync::Arc;

use serde_json::{Value, json};

use super::again::is_resending;
use super::begin::announce_plan;
use super::brake::braked;
use super::event::CampaignEvent;
use super::recipients::candidates;
use super::request::SendRequest;
use super::resume_plan::each;
use super::routes::signer;
use super::schedule;
use super::send::Sent;
use super::summary::SendSummary;
use crate::delivery::{self, Plan};
use crate::message::{Examiner, MessageEncoder, MessageError};
use crate::newsletter::issue::IssueIdentity;
use crate::store::{Candidate, Remaining, Send, State, Store, Totals};
use crate::util::timestamp;
use crate::workspace::{Checked, Failure, FailureKind, Sources};

/// The result of a dry run.
#[derive(Debug)]
pub enum DryRun {
    /// The campaign has not begun; with the digest of the edition.
    New(String),
    /// It would continue; with its totals after the run has excluded departed recipients.
    Continued(Send, Totals),
    /// It is finished.
    Finished(Sent),
}

/// A line of a dry run: one delivery.
#[derive(Debug)]
pub enum DryRunLine<'a> {
    /// A candidate of a campaign that has not begun.
    Candidate(&'a Candidate),
    /// A delivery that is left.
    Remaining(&'a Remaining),
    /// The deliveries are complete.
    End,
}

impl DryRunLine<'_> {
    /// The delivery as JSON, with the keys of `status --json`.
    pub fn json(&self) -> Value {
        let line = |address: &str, state: State, why: Option<&str>, next_try: Option<i64>| {
            let next_try = next_try.map(timestamp::format);
            json!({ "address": address, "state": state, "diagnostic": why, "next_try": next_try })
        };
        match self {
            Self::Candidate(candidate) => match candidate.exclusion.as_deref() {
                Some(why) => line(&candidate.address, State::Excluded, Some(why), None),
                None => line(&candidate.address, State::Ready, None, None),
            },
            Self::Remaining(left) => match left.next_try {
                Some(at) => line(&left.address, State::Deferred, None, Some(at)),
                None => line(&left.address, State::Ready, None, None),
            },
            Self::End => Value::Null,
        }
    }
}

impl DryRun {
    /// The members of the result as JSON, without the deliveries.
    pub fn json(&self) -> Value {
        match self {
            Self::New(digest) => json!({ "digest": digest }),
            Self::Finished(sent) => json!(SendSummary::from(sent)),
            Self::Continued(send, totals) => json!({
                "campaign": send, "digest": send.digest, "totals": totals, "adds_up": totals.add_up(),
            }),
        }
    }
}

/// Visits every delivery that a request would try, and checks that each message can be encoded.
///
/// # Errors
/// If the request would fail before its first message.
pub fn dry_run(
    request: &SendRequest<'_>,
    visit: &mut dyn FnMut(DryRunLine<'_>),
) -> Result<DryRun, Failure> {
    let store = request.ledger_for_dry_run()?;
    let mut is_renewed = false;
    if let Some(store) = &store
        && let Some(send) = store.send_of(request.issue)?
    {
        if send.is_cancelled() {
            return Err(braked(&send));
        }
        is_renewed = request.can_refreeze(store, &send)?;
        if !is_renewed {
            return continued(request, store, send, visit);
        }
    }
    new(request, store.as_ref(), is_renewed, visit)
}

/// The dry run of a campaign that has not begun, or that is frozen again.
fn new(
    request: &SendRequest<'_>,
    store: Option<&Store>,
    is_renewed: bool,
    visit: &mut dyn FnMut(DryRunLine<'_>),
) -> Result<DryRun, Failure> {
    let suppressed = store.map(Store::suppressions).transpose()?;
    let suppressed = suppressed.unwrap_or_default();
    let checked = request.compile()?;
    let only = request.options.only.as_ref();
    let candidates = || {
        let (compiled, census) = (&checked.compiled, &checked.census);
        let all = candidates(request.sources, compiled, census, &suppressed);
        delivery::only(all, only)
    };
    announce_plan(request, &checked.compiled, &Plan::of(candidates())?)?;
    if let Some(store) = store.filter(|_| !is_renewed) {
        report_earlier(request, store, &checked)?;
    }
    encode_all(request.sources, &checked)?;
    for candidate in candidates() {
        visit(DryRunLine::Candidate(&candidate?));
    }
    visit(DryRunLine::End);
    Ok(DryRun::New(checked.compiled.edition.digest()))
}

/// Reports an earlier campaign with the same content.
fn report_earlier(
    request: &SendRequest<'_>,
    store: &Store,
    checked: &Checked,
) -> Result<(), Failure> {
    let directory = &request.workspace.directory;
    let newsletter = &request.sources.newsletter;
    let compiled = &checked.compiled;
    if let Some(earlier) = schedule::of_campaigns(directory, store, compiled, newsletter)? {
        let finding = earlier.finding(&IssueIdentity::of(&compiled.issue));
        request.events.event(CampaignEvent::Finding(&finding));
    }
    Ok(())
}

/// The dry run of a campaign that has begun.
fn continued(
    request: &SendRequest<'_>,
    store: &Store,
    send: Send,
    visit: &mut dyn FnMut(DryRunLine<'_>),
) -> Result<DryRun, Failure> {
    let send = request.with_present_policy(send)?;
    if send.finished_at.is_some() && !is_resending(store, &send)? {
        return Sent::before(store, send).map(DryRun::Finished);
    }
    let statuses = request.statuses()?;
    let resume_plan = request.announce(store, &send, &statuses)?;
    let only = request.options.only.as_ref();
    each(store, &send, &statuses, only, |left| {
        visit(DryRunLine::Remaining(left));
    })?;
    visit(DryRunLine::End);
    resume_plan.report_departed(&send, &**request.events);
    // A run first takes over the deliveries that a killed run had leased.
    let is_running = request
        .workspace
        .is_running(request.sources, store, &send)?;
    let totals = match is_running {
        true => resume_plan.totals,
        false => resume_plan.totals.without_runs(store.in_data(&send)?),
    };
    Ok(DryRun::Continued(send, totals))
}

/// Encodes every message and discards it, to check that each can be encoded.
fn encode_all(sources: &Sources, checked: &Checked) -> Result<(), Failure> {
    // The messages are not signed, which would take as long as sending them; it is enough that the key can be read.
    signer(&sources.newsletter)?;
    let compiled = &checked.compiled;
    let options = compiled.specimen_options(&sources.newsletter);
    let unwritable = |error: &MessageError, whose: &dyn Display| {
        let message = format!("the message to {whose} cannot be written");
        Failure::new(FailureKind::NeedsAttention, message).caused_by(error)
    };
    let encoder = MessageEncoder::new(Arc::new(compiled.edition.clone()), options);
    let encoder = encoder.map_err(|error| unwritable(&error, &"every recipient"))?;
    let examiner = Examiner::of(&compiled.edition);
    for subscriber in sources.list.read_again(&checked.census) {
        let subscriber = subscriber?;
        if examiner.unsendable(&subscriber).is_some() {
            continue;
        }
        let written = encoder.write(&subscriber);
        written.map_err(|error| unwritable(&error, &subscriber.address))?;
    }
    Ok(())
}
