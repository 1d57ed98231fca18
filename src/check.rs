//! What can be said of an edition and its readers before anything is sent.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Finding, Findings, nearest};
use crate::edition::Edition;
use crate::issue::Issue;
use crate::letter::Personal;
use crate::reader::{List, Reader, Status, attribute_names};
use crate::slots::{BUILT_IN, Slot};
use crate::token::Key;

/// Checks that the audience selects somebody, and that every slot can be filled for whoever sees it.
pub fn edition(issue: &Issue, edition: &Edition, list: &List, findings: &mut Findings) {
    let known = known_names(edition, list);
    for slot in issue.slots.iter() {
        if !known.contains(slot.name.as_str()) {
            findings.push(unknown(slot, &known));
        }
    }
    let readers: Vec<&Reader> = selected(issue, list).collect();
    if readers.is_empty() {
        findings.push(
            Finding::error(
                "empty-audience",
                "the audience of this issue selects no active reader",
            )
            .at(issue.audience_place.clone())
            .hint("compare the rule with the tags and attributes in subscribers.toml".to_owned()),
        );
    }
    unfillable(edition, &readers, &known, findings);
}

fn selected<'a>(issue: &'a Issue, list: &'a List) -> impl Iterator<Item = &'a Reader> {
    let language = issue.language.tag();
    list.readers
        .iter()
        .map(|(reader, _)| reader)
        .filter(|reader| reader.status == Status::Active)
        .filter(move |reader| issue.audience.selects(reader, language))
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
            .filter(|(_, rules)| {
                rules
                    .iter()
                    .all(|rule| crate::slots::Values::sees(&personal, *rule))
            })
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
    let readers = if count == 1 {
        "1 reader".to_owned()
    } else {
        format!("{count} readers")
    };
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
