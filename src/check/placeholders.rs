//! Placeholders: unknown names, and recipients without a value.

use std::collections::BTreeSet;

use super::Subject;
use crate::compile::edition::Edition;
use crate::diag::{Finding, Findings, counted, nearest};
use crate::placeholder::{BUILT_IN, Placeholder};
use crate::subscriber::{Address, Census};

/// Checks that every placeholder has a value or a default.
pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let known = known_names(subject.edition, subject.census);
    for placeholder in subject.issue.placeholders.iter() {
        let is_known = known.contains(placeholder.name.as_str());
        findings.extend_some((!is_known).then(|| unknown(placeholder, &known)));
    }
    unfillable(subject, &known, findings);
}

fn known_names<'a>(edition: &'a Edition, census: &'a Census) -> BTreeSet<&'a str> {
    let mut known: BTreeSet<&str> = census.attributes.iter().map(String::as_str).collect();
    known.extend(BUILT_IN);
    known.extend(edition.defaults.keys().map(String::as_str));
    known
}

fn unknown(placeholder: &Placeholder, known: &BTreeSet<&str>) -> Finding {
    let message = format!("no subscriber has a value called `{}`", placeholder.name);
    let near = nearest(&placeholder.name, known.iter().copied());
    let hint = near.map(|name| format!("did you mean `{{{{ {name} }}}}`?"));
    let all = || {
        format!(
            "known here: {}",
            known.iter().copied().collect::<Vec<_>>().join(", ")
        )
    };
    Finding::error("unknown-placeholder", message)
        .at(placeholder.place.clone())
        .hint(hint.unwrap_or_else(all))
}

/// Reports placeholders without a value for some recipients, and the first of these.
fn unfillable(subject: &Subject<'_>, known: &BTreeSet<&str>, findings: &mut Findings) {
    for (number, (count, first)) in &subject.audience.lacking {
        let placeholder = subject.edition.placeholders.get(*number);
        let placeholder = placeholder.filter(|one| known.contains(one.name.as_str()));
        findings.extend_some(placeholder.map(|one| unfilled(one, *count, first)));
    }
}

fn unfilled(placeholder: &Placeholder, count: usize, first: &Address) -> Finding {
    let name = &placeholder.name;
    let subscribers = counted(count, "subscriber");
    Finding::error(
        "unfilled-placeholder",
        format!("`{{{{ {name} }}}}` has no value for {subscribers}, the first is {first}"),
    )
    .at(placeholder.place.clone())
    .hint(format!(
        "write `{{{{ {name} | default(\"…\") }}}}`, or set `{name}` in [defaults]"
    ))
}
