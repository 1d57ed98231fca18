//! Placeholders: each has a value for whoever sees it.

use std::collections::{BTreeMap, BTreeSet};

use super::Subject;
use crate::diag::{Finding, Findings, counted, nearest};
use crate::edition::Edition;
use crate::letter::Personal;
use crate::reader::{List, Reader, attribute_names};
use crate::slots::{BUILT_IN, Slot, Values};
use crate::token::Key;

/// Checks that every slot can be filled.
pub(super) fn check(subject: &Subject<'_>, readers: &[&Reader], findings: &mut Findings) {
    let known = known_names(subject.edition, subject.list);
    for slot in subject.issue.slots.iter() {
        if !known.contains(slot.name.as_str()) {
            findings.push(unknown(slot, &known));
        }
    }
    unfillable(subject.edition, readers, &known, findings);
}

fn known_names<'a>(edition: &'a Edition, list: &'a List) -> BTreeSet<&'a str> {
    let mut known = attribute_names(list.readers.iter().map(|(reader, _)| reader));
    known.extend(BUILT_IN);
    known.extend(edition.defaults.keys().map(String::as_str));
    known
}

fn unknown(slot: &Slot, known: &BTreeSet<&str>) -> Finding {
    let message = format!("no reader has anything called `{}`", slot.name);
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
fn unfillable(
    edition: &Edition,
    readers: &[&Reader],
    known: &BTreeSet<&str>,
    findings: &mut Findings,
) {
    let uses: Vec<(usize, Vec<usize>)> = [edition.subject.uses(), edition.html.uses()].concat();
    let key = Key::specimen();
    let mut lacking: BTreeMap<usize, (usize, &Reader)> = BTreeMap::new();
    for reader in readers {
        let personal = Personal::new(edition, reader, &key);
        let empty: BTreeSet<usize> = uses
            .iter()
            .filter(|(_, rules)| rules.iter().all(|rule| personal.sees(*rule)))
            .map(|(slot, _)| *slot)
            .filter(|slot| {
                edition
                    .slots
                    .get(*slot)
                    .is_some_and(|s| personal.own_value(s).is_none())
            })
            .collect();
        for slot in empty {
            lacking.entry(slot).or_insert((0, reader)).0 += 1;
        }
    }
    for (number, (count, first)) in lacking {
        let Some(slot) = edition
            .slots
            .get(number)
            .filter(|s| known.contains(s.name.as_str()))
        else {
            continue;
        };
        findings.push(unfilled(slot, count, first));
    }
}

fn unfilled(slot: &Slot, count: usize, first: &Reader) -> Finding {
    let name = &slot.name;
    let readers = counted(count, "reader");
    Finding::error(
        "unfilled-placeholder",
        format!(
            "`{{{{ {name} }}}}` has no value for {readers}, the first is {}",
            first.address
        ),
    )
    .at(slot.place.clone())
    .hint(format!(
        "write `{{{{ {name} | default(\"…\") }}}}`, or set `{name}` in [defaults]"
    ))
}
