//! Recipients: the subscribers whom the audience of an issue selects.

use crate::delivery::{self, Plan};
use crate::message::Examiner;
use crate::store::{Candidate, Send, State, Store, Suppressions};
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
        .hint("compare the address with subscribers.toml, and the audience of the issue")
}
