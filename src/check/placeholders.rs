//! Placeholders: each has a value for whoever sees it.

use std::collections::BTreeSet;

use super::Subject;
use crate::compile::edition::Edition;
use crate::diag::{Finding, Findings, counted, nearest};
use crate::placeholder::{BUILT_IN, Placeholder};
use crate::subscriber::{Address, Census};

/// Checks that every slot can be filled.
pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let known = known_names(subject.edition, subject.census);
    for slot in subject.issue.placeholders.iter() {
        if !known.contains(slot.name.as_str()) {
            findings.push(unknown(slot, &known));
        }
    }
    unfillable(subject, &known, findings);
}

fn known_names<'a>(edition: &'a Edition, census: &'a Census) -> BTreeSet<&'a str> {
    let mut known: BTreeSet<&str> = census.attributes.iter().map(String::as_str).collect();
    known.extend(BUILT_IN);
    known.extend(edition.defaults.keys().map(String::as_str));
    known
}

fn unknown(slot: &Placeholder, known: &BTreeSet<&str>) -> Finding {
    let message = format!("no subscriber has a value called `{}`", slot.name);
    let near = nearest(&slot.name, known.iter().copied());
    let hint = near.map(|name| format!("did you mean `{{{{ {name} }}}}`?"));
    let all = || {
        format!(
            "known here: {}",
            known.iter().copied().collect::<Vec<_>>().join(", ")
        )
    };
    Finding::error("unknown-placeholder", message)
        .at(slot.place.clone())
        .hint(hint.unwrap_or_else(all))
}

/// One finding a slot, naming the first reader without a value.
fn unfillable(subject: &Subject<'_>, known: &BTreeSet<&str>, findings: &mut Findings) {
    for (number, (count, first)) in &subject.audience.lacking {
        let slot = subject.edition.placeholders.get(*number);
        if let Some(slot) = slot.filter(|slot| known.contains(slot.name.as_str())) {
            findings.push(unfilled(slot, *count, first));
        }
    }
}

fn unfilled(slot: &Placeholder, count: usize, first: &Address) -> Finding {
    let name = &slot.name;
    let subscribers = counted(count, "subscriber");
    Finding::error(
        "unfilled-placeholder",
        format!("`{{{{ {name} }}}}` has no value for {subscribers}, the first is {first}"),
    )
    .at(slot.place.clone())
    .hint(format!(
        "write `{{{{ {name} | default(\"…\") }}}}`, or set `{name}` in [defaults]"
    ))
}
