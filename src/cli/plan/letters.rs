//! Whom a send would write to, by their domains.

use std::collections::HashSet;

use super::super::context::Context;
use super::super::dispatch;
use super::super::exit::Failure;
use crate::forecast::Letters;
use crate::load::Folder;
use crate::store::{Send, Store, StoreError};

/// What is to be sent.
pub(super) struct Planned {
    pub(super) letters: Letters,
    /// How many candidates get nothing, where it has not begun.
    pub(super) left_out: Option<usize>,
    /// When the issue wants to be sent, in Unix seconds, where it has not begun.
    pub(super) send_at: Option<i64>,
}

/// All readers of an issue whose send has not begun.
pub(super) fn of_issue(
    context: &Context,
    folder: &Folder,
    name: &str,
    store: Option<&Store>,
) -> Result<Planned, Failure> {
    let (compiled, census) = context.compile(folder, name)?;
    let suppressed = match store {
        Some(store) => store.suppressed()?,
        None => HashSet::new(),
    };
    let (mut letters, mut left_out) = (Letters::default(), 0);
    for candidate in dispatch::candidates(folder, &compiled, &census) {
        let candidate = candidate?;
        if candidate.exclusion.is_some() || suppressed.contains(&candidate.address_key) {
            left_out += 1;
        } else {
            letters.add(domain(&candidate.address_key), None);
        }
    }
    let send_at = compiled.issue.send_at.as_ref();
    Ok(Planned {
        letters,
        left_out: Some(left_out),
        send_at: send_at.map(|at| at.instant.as_second()),
    })
}

/// What is left of a send that has begun. A domain that is left alone waits until that ends.
pub(super) fn left(store: &Store, send: &Send, now: i64) -> Result<Planned, StoreError> {
    let rests = store.domains(send)?.into_iter();
    let rests: std::collections::HashMap<String, i64> = rests
        .filter(|domain| domain.until > now)
        .map(|domain| (domain.name, domain.until))
        .collect();
    let mut letters = Letters::default();
    store.left(send, |key, next_try| {
        let domain = domain(key);
        let rest = rests.get(domain).copied();
        letters.add(domain, rest.max(next_try));
    })?;
    Ok(Planned {
        letters,
        left_out: None,
        send_at: None,
    })
}

/// No local part has an at sign that counts: see `Address`.
fn domain(key: &str) -> &str {
    key.rsplit_once('@').map_or(key, |(_, domain)| domain)
}
