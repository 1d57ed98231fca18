//! Removes personal data from the ledger that is older than `[privacy]` `keep`.

use super::report::RunReport;
use super::request::SendRequest;
use super::run::{Campaign, run};
use crate::diag::Findings;
use crate::newsletter::config::Retention;
use crate::store::{Store, StoreError};
use crate::workspace::{Failure, Sources, Workspace};

/// A day, in seconds.
const DAY: i64 = 24 * 60 * 60;

/// Removes addresses as `[privacy]` `keep` says. Before that, the tokens of earlier versions are added, which need them.
///
/// # Errors
/// If the ledger cannot be written.
pub(super) fn remove_old_addresses(
    store: &mut Store,
    sources: &Sources,
    workspace: &Workspace,
) -> Result<(), Failure> {
    let Retention::Days(days) = sources.newsletter.retention else {
        return Ok(());
    };
    workspace.add_earlier_tokens(store, &mut |_| ())?;
    let before = workspace.now.as_second() - i64::from(days) * DAY;
    store.remove_addresses(before, days)?;
    Ok(remove_old_bounces(store, sources, before)?)
}

/// Removes the counted refusals of addresses that are no longer on the list. Those of the others still count: a newsletter
/// may be sent less often than addresses are kept.
fn remove_old_bounces(store: &mut Store, sources: &Sources, before: i64) -> Result<(), StoreError> {
    let mut old = store.old_bounces(before)?;
    if old.is_empty() {
        return Ok(());
    }
    let mut list = sources.list.read();
    for subscriber in list.by_ref() {
        old.remove(&subscriber.address.key());
    }
    // An empty list is probably an accident, as in `StatusIndex::read`.
    let census = list.end(&mut Findings::new());
    if census.is_some_and(|census| census.subscribers > 0) {
        store.remove_bounces(old, before)?;
    }
    Ok(())
}

/// Runs the campaign of a request, and removes the addresses of old ones. A failure of the second is a warning: the next run
/// does it.
pub(super) fn run_and_remove(
    request: &SendRequest<'_>,
    campaign: Campaign,
) -> Result<RunReport, Failure> {
    let (report, mut store) = run(campaign, request.workspace, request.events)?;
    if let Err(error) = remove_old_addresses(&mut store, request.sources, request.workspace) {
        request.warn(format!(
            "the addresses of old campaigns could not be removed: {error}"
        ));
    }
    Ok(report)
}
