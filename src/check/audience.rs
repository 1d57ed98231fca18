//! The readers of an issue, as far as something can be said of them together.
//!
//! They pass by once, one after the other, while the list is read: a list may be longer than what fits into
//! memory.

use std::collections::BTreeMap;

use super::rule_names::RuleNames;
use crate::compile::edition::Edition;
use crate::diag::{Finding, Findings};
use crate::message::{Examiner, LONGEST_LINE, MergeValues, Unsendable};
use crate::newsletter::issue::Issue;
use crate::placeholder::Values;
use crate::subscriber::{Address, List, Status, Subscriber};
use crate::util::key::Key;

/// Everybody has these.
const NEVER_EMPTY: [&str; 3] = ["email", "unsubscribe_url", "issue_title"];

/// What was seen of those who would get an issue.
pub struct Audience<'a> {
    issue: &'a Issue,
    edition: &'a Edition,
    /// The slots that may be left empty, each with the rules under which it is seen.
    doubtful: Vec<(usize, Vec<usize>)>,
    key: Key,
    names: RuleNames<'a>,
    /// Tells whose message cannot be sent.
    examiner: Examiner<'a>,
    /// Those whose message cannot be sent.
    unsendable: Vec<(Address, Unsendable)>,
    /// The first of the others.
    pub(super) first: Option<Subscriber>,
    /// The one whose own values add most to a letter.
    pub(super) longest: Option<(usize, Subscriber)>,
    /// For how many a slot is left empty, and for whom first.
    pub(super) lacking: BTreeMap<usize, (usize, Address)>,
}

impl<'a> Audience<'a> {
    /// No subscriber has been seen yet. `declared` are the tags that `newsletter.toml` declares.
    pub fn of(
        issue: &'a Issue,
        edition: &'a Edition,
        declared: impl Iterator<Item = &'a String> + Clone,
    ) -> Self {
        let uses = [edition.subject.uses(), edition.html.uses()].concat();
        let doubtful = uses.into_iter().filter(|(slot, _)| {
            let slot = edition.placeholders.get(*slot);
            slot.is_some_and(|slot| {
                let name = slot.name.as_str();
                let has_default = slot.default.is_some() || edition.defaults.contains_key(name);
                !has_default && !NEVER_EMPTY.contains(&name)
            })
        });
        Self {
            issue,
            edition,
            doubtful: doubtful.collect(),
            key: Key::specimen(),
            names: RuleNames::of(issue, declared),
            examiner: Examiner::of(edition),
            unsendable: Vec::new(),
            first: None,
            longest: None,
            lacking: BTreeMap::new(),
        }
    }

    /// Whoever is on the list passes by.
    pub fn see(&mut self, reader: &Subscriber) {
        let language = self.issue.language.tag();
        self.names.see(reader, language);
        if reader.status != Status::Active || !self.issue.audience.selects(reader, language) {
            return;
        }
        if let Some(why) = self.examiner.unsendable(reader) {
            self.unsendable.push((reader.address.clone(), why));
            return;
        }
        if self.first.is_none() {
            self.first = Some(reader.clone());
        }
        let weight = weight(reader);
        if self
            .longest
            .as_ref()
            .is_none_or(|(most, _)| weight >= *most)
        {
            self.longest = Some((weight, reader.clone()));
        }
        if !self.doubtful.is_empty() {
            self.look_for_gaps(reader);
        }
    }

    /// A slot that is used twice lacks one value.
    fn look_for_gaps(&mut self, reader: &Subscriber) {
        let personal = MergeValues::new(self.edition, reader, &self.key);
        let mut empty: Vec<usize> = self
            .doubtful
            .iter()
            .filter(|(_, rules)| rules.iter().all(|rule| personal.sees(*rule)))
            .map(|(slot, _)| *slot)
            .filter(|slot| {
                let slot = self.edition.placeholders.get(*slot);
                slot.is_some_and(|slot| personal.own_value(slot).is_none())
            })
            .collect();
        empty.sort_unstable();
        empty.dedup();
        for slot in empty {
            let (count, _) = self
                .lacking
                .entry(slot)
                .or_insert_with(|| (0, reader.address.clone()));
            *count += 1;
        }
    }

    /// Reports what the whole list lacks.
    /// Reports the recipients whose message cannot be sent, each at its value in the list.
    pub fn report_unsendable(&self, list: &List, findings: &mut Findings) {
        if self.unsendable.is_empty() {
            return;
        }
        let name = |why: &Unsendable| match why {
            Unsendable::Mailbox => "email".to_owned(),
            Unsendable::Header(name) => name.clone(),
        };
        let wanted = self.unsendable.iter();
        let wanted = wanted.map(|(address, why)| (address.key(), name(why)));
        let places = list.places(&wanted.collect());
        for (address, why) in &self.unsendable {
            let place = places.get(&address.key()).cloned();
            findings.push(unsendable(address, why).at(place));
        }
    }

    pub(super) fn check(&self, findings: &mut Findings) {
        self.names
            .findings()
            .for_each(|finding| findings.push(finding));
        if self.first.is_some() {
            return;
        }
        let message = if self.unsendable.is_empty() {
            "the audience of this issue selects no active subscriber"
        } else {
            "no message to the audience of this issue can be sent"
        };
        findings.push(
            Finding::error("empty-audience", message)
                .at(self.issue.audience_place.clone())
                .hint(
                    "compare the rule with the tags and attributes in subscribers.toml".to_owned(),
                ),
        );
    }
}

fn unsendable(address: &Address, why: &Unsendable) -> Finding {
    let (why, hint) = match why {
        Unsendable::Mailbox => (
            "its local part is not ASCII, which a relay may refuse".to_owned(),
            "ask the subscriber for another address",
        ),
        Unsendable::Header(name) => (
            format!("its `{name}` has more than {LONGEST_LINE} octets, too many for the subject"),
            "shorten the value, or leave it out",
        ),
    };
    Finding::warning(
        "unsendable-recipient",
        format!("`{address}` is excluded: {why}"),
    )
    .hint(hint.to_owned())
}

/// What a reader's own values may add to a letter, in bytes.
fn weight(reader: &Subscriber) -> usize {
    let attributes = reader
        .attributes
        .values()
        .map(|value| value.to_string().len());
    let name = reader.full_name().map_or(0, |name| name.len());
    name + reader.address.as_str().len() + attributes.sum::<usize>()
}
