//! The campaign of an issue.

use super::schedule;
use crate::diag::Findings;
use crate::store::{Send, Store};
use crate::workspace::{self, Failure, FailureKind, Sources, Warned, Workspace};

/// The error for an issue without a campaign.
pub fn not_sent(name: &str) -> Failure {
    Failure::new(FailureKind::Usage, format!("`{name}` has not been sent"))
        .hint(format!("send it with `franking send {name}`"))
}

/// The campaign of the issue `name`, with the ledger that has it.
///
/// # Errors
/// If there is none, or the ledger cannot be read.
pub fn find(
    name: &str,
    sources: &Sources,
    workspace: &Workspace,
) -> Result<Warned<(Store, Send)>, Failure> {
    let found = workspace.ledger_to_read(sources)?;
    let store = found.value.ok_or_else(|| not_sent(name))?;
    let Some(send) = store.send_of(name)? else {
        return Err(unknown(name, &store, sources, workspace)?);
    };
    Ok(Warned {
        value: (store, send),
        warnings: found.warnings,
    })
}

/// The campaign of the issue `name` in `store`, or its rehearsal.
///
/// # Errors
/// As [`find`].
pub fn find_or_rehearsal(
    name: &str,
    store: &Store,
    sources: &Sources,
    workspace: &Workspace,
) -> Result<Send, Failure> {
    let send = match store.send_of(name)? {
        Some(send) => Some(send),
        None => store.rehearsal_of(name)?,
    };
    match send {
        Some(send) => Ok(send),
        None => Err(unknown(name, store, sources, workspace)?),
    }
}

/// As [`not_sent`], for an issue without a campaign in `store`. If the same content was sent as another issue, the error
/// names that campaign.
///
/// # Errors
/// If the ledger cannot be read.
pub fn unknown(
    name: &str,
    store: &Store,
    sources: &Sources,
    workspace: &Workspace,
) -> Result<Failure, Failure> {
    let directory = &workspace.directory;
    let compiled = workspace::compile(directory, sources, name, &mut Findings::new());
    let earlier = match compiled {
        Some(compiled) => schedule::of_campaigns(directory, store, &compiled, &sources.newsletter)?,
        None => None,
    };
    Ok(earlier.map_or_else(
        || not_sent(name),
        |earlier| Failure::new(FailureKind::Usage, earlier.message(name)).hint(earlier.hint(name)),
    ))
}
