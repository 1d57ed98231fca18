//! The recipients of a campaign, by their domains.

use crate::campaign;
use crate::campaign::Continued;
use crate::campaign::schedule;
use crate::cli::terminal;
use crate::delivery::forecast::Letters;
use crate::delivery::{self, Plan};
use crate::newsletter::issue::IssueIdentity;
use crate::store::Store;
use crate::subscriber::Address;
use crate::workspace::{Checked, Failure, Sources, Workspace};

/// What is to be sent.
pub(super) struct Planned {
    pub(super) letters: Letters,
    /// Who gets the message and who does not, where the campaign has not begun.
    pub(super) plan: Option<Plan>,
    /// When the issue wants to be sent, in Unix seconds, where it has not begun.
    pub(super) send_at: Option<i64>,
}

/// The recipients of an issue whose campaign has not begun; with `only`, that mailbox alone.
pub(super) fn of_issue(
    workspace: &Workspace,
    sources: &Sources,
    name: &str,
    store: Option<&Store>,
    only: Option<&Address>,
) -> Result<Planned, Failure> {
    let Checked {
        compiled, census, ..
    } = crate::cli::compile(workspace, sources, name)?;
    if let Some(store) = store
        && store.send_of(name)?.is_none()
        && let Some(earlier) =
            schedule::of_campaigns(&workspace.directory, store, &compiled, &sources.newsletter)?
    {
        terminal::finding(&earlier.finding(&IssueIdentity::of(&compiled.issue)));
    }
    let suppressed = store.map(Store::suppressions).transpose()?;
    let suppressed = suppressed.unwrap_or_default();
    let candidates = campaign::candidates(sources, &compiled, &census, &suppressed);
    let mut letters = Letters::default();
    let counted = delivery::only(candidates, only).inspect(|candidate| {
        if let Ok(candidate) = candidate
            && candidate.exclusion.is_none()
        {
            letters.add(domain(&candidate.address_key), None);
        }
    });
    let plan = Plan::of(counted)?;
    if let Some(only) = only {
        campaign::require_recipient(&plan, only)?;
    }
    let send_at = compiled.issue.send_at.as_ref();
    Ok(Planned {
        letters,
        plan: Some(plan),
        send_at: send_at.map(|at| at.instant.as_second()),
    })
}

/// What is left of a campaign that has begun; with `only`, for that mailbox alone. A suspended domain waits until the
/// suspension ends.
pub(super) fn left(store: &Store, run: &Continued<'_>, now: i64) -> Result<Planned, Failure> {
    let rests = store.domains(&run.send)?.into_iter();
    let rests: std::collections::HashMap<String, i64> = rests
        .filter(|domain| domain.until > now)
        .map(|domain| (domain.name, domain.until))
        .collect();
    let mut letters = Letters::default();
    run.each(store, |left| {
        let domain = domain(&left.address_key);
        let rest = rests.get(domain).copied();
        letters.add(domain, rest.max(left.next_try));
    })?;
    Ok(Planned {
        letters,
        plan: None,
        send_at: None,
    })
}

/// No local part has an at sign that counts: see `Address`.
fn domain(key: &str) -> &str {
    key.rsplit_once('@').map_or(key, |(_, domain)| domain)
}
