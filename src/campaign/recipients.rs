//! Recipients: the subscribers whom the audience of an issue selects.

use std::borrow::Cow;

use crate::delivery::{self, Plan};
use crate::message::Examiner;
use crate::store::{Candidate, Send, State, Store, StoredAudience, Suppressions};
use crate::subscriber::{Address, Census, Changed};
use crate::workspace::{Compiled, Failure, FailureKind, Sources};

/// Reads the candidates from the list against which the issue was checked, each with its exclusion if it has one.
pub fn candidates(
    sources: &Sources,
    compiled: &Compiled,
    census: &Census,
    suppressed: &Suppressions,
) -> impl Iterator<Item = Result<Candidate, Changed>> {
    let language = compiled.issue.language.tag();
    let examiner = Examiner::of(&compiled.edition);
    delivery::candidates(
        sources.list.read_again(census),
        &census.repeated,
        &compiled.issue.audience,
        language,
        suppressed,
        move |subscriber| examiner.unsendable(subscriber).is_none(),
    )
}

/// The audience of an issue among the subscribers in the store.
pub(super) fn stored_audience(compiled: &Compiled) -> StoredAudience<'_> {
    let examiner = Examiner::of(&compiled.edition);
    StoredAudience {
        rule: &compiled.issue.audience,
        language: compiled.issue.language.tag(),
        is_sendable: Box::new(move |subscriber| examiner.unsendable(subscriber).is_none()),
    }
}

/// Counts the recipients and exclusions among the subscribers in the store; with `only`, for that mailbox.
pub(super) fn stored_plan(
    store: &Store,
    compiled: &Compiled,
    only: Option<&Address>,
) -> Result<Plan, Failure> {
    let only = only.map(Address::key);
    let mut counts = store.count_audience(&stored_audience(compiled), only.as_deref())?;
    let recipients = counts.by_exclusion.remove(&None).unwrap_or_default();
    let excluded = counts.by_exclusion.into_iter();
    let excluded = excluded.filter_map(|(why, count)| Some((Cow::Owned(why?), count)));
    Ok(Plan {
        recipients,
        excluded: excluded.collect(),
        first: counts.first,
    })
}

/// Checks that `only`, for which `plan` was made, is a recipient.
///
/// # Errors
/// If `only` is excluded, or is not a candidate.
pub fn require_recipient(plan: &Plan, only: &Address) -> Result<(), Failure> {
    if plan.recipients > 0 {
        return Ok(());
    }
    let mut reasons = plan.excluded.keys().filter(|why| *why != "duplicate");
    Err(reasons.next().map_or_else(
        || not_a_candidate(only),
        |why| Failure::new(FailureKind::Usage, format!("`{only}` is excluded: {why}")),
    ))
}

/// Checks that a run would still try the delivery to `only`.
pub(super) fn require_open(store: &Store, send: &Send, only: &Address) -> Result<(), Failure> {
    let delivery = store.delivery(send, &only.key())?;
    let delivery = delivery.ok_or_else(|| not_a_candidate(only))?;
    let state = delivery.state;
    if matches!(state, State::Ready | State::Leased | State::Deferred) {
        return Ok(());
    }
    let why = delivery.why.map(|why| format!(", {why}"));
    let message = format!("`{only}` is {}{}", state.as_str(), why.unwrap_or_default());
    Err(Failure::new(FailureKind::Usage, message))
}

fn not_a_candidate(address: &Address) -> Failure {
    let message = format!("`{address}` is not among the recipients of this issue");
    Failure::new(FailureKind::Usage, message)
        .hint("compare the address with the list, and with the audience of the issue")
}
