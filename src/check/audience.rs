//! Statistics about the recipients of an issue.
//!
//! They are collected in one pass while the list is read, because a list may not fit into memory.

use std::collections::BTreeMap;

use super::rule_names::RuleNames;
use crate::compile::edition::Edition;
use crate::diag::{Finding, Findings};
use crate::message::{Examiner, LONGEST_LINE, MergeValues, Unsendable};
use crate::newsletter::issue::Issue;
use crate::placeholder::Values;
use crate::subscriber::{Address, AudienceQuestion, List, Status, Subscriber, TokenKey};

/// Placeholders that always have a value.
const NEVER_EMPTY: [&str; 3] = ["email", "unsubscribe_url", "issue_title"];

/// The recipients of an issue: the findings about them, and examples for further checks.
pub struct Audience<'a> {
    issue: &'a Issue,
    edition: &'a Edition,
    /// The placeholders without a default, each with the audience rules of the sections around it.
    doubtful: Vec<(usize, Vec<usize>)>,
    key: TokenKey,
    names: RuleNames<'a>,
    /// Finds recipients whose message cannot be sent.
    examiner: Examiner<'a>,
    /// The recipients whose message cannot be sent.
    unsendable: Vec<(Address, Unsendable)>,
    /// The first of the other recipients.
    pub(super) first: Option<Subscriber>,
    /// The recipient whose values add most bytes to a message, with that number.
    pub(super) longest: Option<(usize, Subscriber)>,
    /// For each placeholder: the number of recipients without a value, and the first of them.
    pub(super) lacking: BTreeMap<usize, (usize, Address)>,
}

impl<'a> Audience<'a> {
    /// An audience before the first subscriber. `declared` are the tags that `newsletter.toml` declares.
    pub fn of(
        issue: &'a Issue,
        edition: &'a Edition,
        declared: impl Iterator<Item = &'a String> + Clone,
    ) -> Self {
        let uses = [edition.subject.uses(), edition.html.uses()].concat();
        let key = TokenKey::specimen();
        let unknown = Subscriber::at(edition.sender.from.address.clone());
        let without_values = MergeValues::new(edition, &unknown, &key);
        let doubtful = uses.into_iter().filter(|(number, _)| {
            let placeholder = edition.placeholders.get(*number);
            placeholder.is_some_and(|placeholder| {
                !NEVER_EMPTY.contains(&placeholder.name.as_str())
                    && without_values.own_value(placeholder).is_none()
            })
        });
        let doubtful = doubtful.collect();
        Self {
            issue,
            edition,
            doubtful,
            key,
            names: RuleNames::of(issue, declared),
            examiner: Examiner::of(edition),
            unsendable: Vec::new(),
            first: None,
            longest: None,
            lacking: BTreeMap::new(),
        }
    }

    /// The question whose answers [`Audience::see`] has to read if the list is in the store.
    pub fn question(&self) -> AudienceQuestion<'a> {
        let lacking = self.doubtful.iter().map(|(number, _)| *number);
        let lacking = lacking.filter_map(|number| self.edition.placeholders.get(number));
        AudienceQuestion {
            rule: &self.issue.audience,
            language: self.issue.language.tag(),
            tests: self.names.tests().collect(),
            placeholders: lacking.map(|one| one.name.as_str()).collect(),
        }
    }

    /// Whether a name in an audience rule is on no entry that was read.
    pub fn has_unknown_names(&self) -> bool {
        self.names.findings().next().is_some()
    }

    /// Compares the names in audience rules with a subscriber of the list.
    pub fn see_names(&mut self, subscriber: &Subscriber) {
        self.names.see(subscriber, self.issue.language.tag());
    }

    /// Reads the next subscriber of the list.
    pub fn see(&mut self, subscriber: &Subscriber) {
        let language = self.issue.language.tag();
        self.see_names(subscriber);
        if subscriber.status != Status::Active || !self.issue.audience.selects(subscriber, language)
        {
            return;
        }
        if let Some(why) = self.examiner.unsendable(subscriber) {
            self.unsendable.push((subscriber.address.clone(), why));
            return;
        }
        if self.first.is_none() {
            self.first = Some(subscriber.clone());
        }
        let weight = subscriber.weight();
        if self
            .longest
            .as_ref()
            .is_none_or(|(most, _)| weight >= *most)
        {
            self.longest = Some((weight, subscriber.clone()));
        }
        if !self.doubtful.is_empty() {
            self.look_for_gaps(subscriber);
        }
    }

    /// Counts the placeholders without a value for a recipient, each once.
    fn look_for_gaps(&mut self, subscriber: &Subscriber) {
        let personal = MergeValues::new(self.edition, subscriber, &self.key);
        let mut empty: Vec<usize> = self
            .doubtful
            .iter()
            .filter(|(_, rules)| rules.iter().all(|rule| personal.sees(*rule)))
            .map(|(placeholder, _)| *placeholder)
            .filter(|placeholder| {
                let placeholder = self.edition.placeholders.get(*placeholder);
                placeholder.is_some_and(|placeholder| personal.own_value(placeholder).is_none())
            })
            .collect();
        empty.sort_unstable();
        empty.dedup();
        for placeholder in empty {
            let (count, _) = self
                .lacking
                .entry(placeholder)
                .or_insert_with(|| (0, subscriber.address.clone()));
            *count += 1;
        }
    }

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

    /// Reports unknown names in audience rules, and an audience without recipients.
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
                .hint("compare the rule with the tags and attributes of the subscribers"),
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
    .hint(hint)
}
