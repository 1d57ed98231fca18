//! Removes personal data from the store that is older than `[privacy]` `keep` and `evidence`.

use super::report::RunReport;
use super::request::SendRequest;
use super::run::{Campaign, run};
use crate::diag::Findings;
use crate::newsletter::config::ListLocation;
use crate::store::{Store, StoreError};
use crate::subscriber::ListReader;
use crate::workspace::{Failure, Sources, Workspace};

/// Removes addresses as `[privacy]` `keep` says, and evidence of consent as `evidence` says. Before that, the tokens of
/// earlier versions are added, which need the addresses.
///
/// # Errors
/// If the ledger cannot be written.
pub(super) fn remove_old_addresses(
    store: &mut Store,
    sources: &Sources,
    workspace: &Workspace,
) -> Result<(), Failure> {
    let (times, now) = (sources.newsletter.privacy, workspace.now);
    if let Some((before, days)) = times.keep.before(now).zip(times.keep.days()) {
        workspace.add_earlier_tokens(store, &mut |_| ())?;
        store.remove_addresses(before, days)?;
        store.remove_departed(before, now.as_second())?;
        remove_old_bounces(store, sources, before)?;
    }
    if let Some(before) = times.evidence.before(now) {
        remove_old_consents(store, sources, workspace, before)?;
    }
    Ok(())
}

/// Deletes the evidence of consent of people who left. The store has evidence of people in `subscribers.toml` if the list
/// was in the store before.
fn remove_old_consents(
    store: &mut Store,
    sources: &Sources,
    workspace: &Workspace,
    before: i64,
) -> Result<(), Failure> {
    let mut old = store.old_consents(before)?;
    if sources.newsletter.list == ListLocation::File && !old.is_empty() {
        let key = workspace.suppression_key(store)?;
        let mut list = sources.list.read();
        for subscriber in list.by_ref() {
            old.remove(&key.hash(&subscriber.address.key()));
        }
        if !is_read(list) {
            return Ok(());
        }
    }
    Ok(store.remove_consents(old)?)
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
    match is_read(list) {
        true => store.remove_bounces(old, before),
        false => Ok(()),
    }
}

/// Whether the list was read. An empty list is probably an accident, as in `StatusIndex::read`.
fn is_read(list: ListReader<'_>) -> bool {
    let census = list.end(&mut Findings::new());
    census.is_some_and(|census| census.subscribers > 0)
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
