//! One `[[subscriber]]` of the list.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use super::null_values::{self, NameProblem};
use super::tags::Tags;
use super::unusable_names::UnusableNames;
use super::{Address, Attribute, Status, Subscriber};
use crate::diag::{Finding, Findings, Place, Source, one_of};
use crate::language::{Language, no_language};
use crate::toml_file::{self, TomlValue};
use crate::util::escape;

/// One `[[subscriber]]` as the file has it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawSubscriber {
    email: Option<Spanned<String>>,
    name: Option<Spanned<String>>,
    first_name: Option<Spanned<String>>,
    last_name: Option<Spanned<String>>,
    language: Option<Spanned<String>>,
    tags: Vec<Spanned<String>>,
    status: Option<Spanned<String>>,
    attributes: BTreeMap<String, Spanned<toml::Value>>,
    consent: Option<RawConsent>,
}

/// Time and source of the subscriber's consent; kept in the file as evidence, not needed to send.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawConsent {
    #[serde(rename = "at")]
    _at: Option<toml::value::Datetime>,
    #[serde(rename = "source")]
    _source: Option<String>,
}

/// A reader of the entries of one list.
#[derive(Debug, Default)]
pub(super) struct EntryReader {
    tags: Tags,
    unusable_names: UnusableNames,
}

impl EntryReader {
    /// A reader that has read no entry; `tags` are those that `newsletter.toml` declares.
    pub(super) fn declaring<'a>(tags: impl Iterator<Item = &'a String>) -> Self {
        Self {
            tags: Tags::declared(tags),
            unusable_names: UnusableNames::default(),
        }
    }

    /// The subscriber of an entry, with the location of the address; `None` if the address is missing or invalid.
    pub(super) fn read(
        &mut self,
        value: TomlValue<'_>,
        source: &Arc<Source>,
        findings: &mut Findings,
    ) -> Option<(Subscriber, Place)> {
        let place = Place::new(source, value.span());
        let raw: RawSubscriber = toml_file::typed(value, "a subscriber", source, findings);
        self.check(raw, source, place, findings)
    }

    /// Reports findings about the whole list, once.
    pub(super) fn end(&mut self, findings: &mut Findings) {
        self.unusable_names.report(findings);
    }

    fn check(
        &mut self,
        raw: RawSubscriber,
        source: &Arc<Source>,
        place: Place,
        findings: &mut Findings,
    ) -> Option<(Subscriber, Place)> {
        let Some(email) = raw.email else {
            if !findings.is_unread(&place, "email") {
                let message = "missing key `email` in a subscriber";
                let finding = Finding::error("missing-key", message).at(place);
                findings.push(finding.hint("write `email = \"name@host.example\"`"));
            }
            return None;
        };
        let place = Place::new(source, email.span());
        let address = address(email.get_ref(), &place, findings)?;
        let mut name = |value, is_family_name| self.name(value, is_family_name, source, findings);
        let subscriber = Subscriber {
            address,
            name: name(raw.name, false),
            first_name: name(raw.first_name, false),
            last_name: name(raw.last_name, true),
            language: raw
                .language
                .and_then(|tag| language(&tag, source, findings)),
            tags: self.tags.read(raw.tags, source, findings),
            status: raw
                .status
                .map(|word| status(&word, source, findings))
                .unwrap_or_default(),
            attributes: attributes(raw.attributes, source, findings),
        };
        Some((subscriber.with_parts_of_name(), place))
    }

    /// A single-line name, if it is usable. A blank one is ignored without a finding.
    fn name(
        &mut self,
        value: Option<Spanned<String>>,
        is_family_name: bool,
        source: &Arc<Source>,
        findings: &mut Findings,
    ) -> Option<String> {
        let value = value?;
        let place = Place::new(source, value.span());
        let is_damaged = value.get_ref().contains(char::REPLACEMENT_CHARACTER);
        let cleaned = clean(value, source, findings);
        let problem = null_values::name_problem(&cleaned, is_family_name);
        let Some(problem) = problem.or(is_damaged.then_some(NameProblem::NotAName)) else {
            return Some(cleaned);
        };
        if !cleaned.trim().is_empty() {
            self.unusable_names.note(problem, cleaned, place);
        }
        None
    }
}

fn address(text: &str, place: &Place, findings: &mut Findings) -> Option<Address> {
    let parsed = Address::parse(text).map_err(|why| {
        let message = format!("invalid email address `{}`", escape::terminal(text));
        let finding = Finding::error("bad-address", message).at(place.clone());
        findings.push(finding.hint(why.to_string()));
    });
    parsed.ok()
}

/// A name on one line. A line break in a name is an export error, or an attempt at header injection.
fn clean(value: Spanned<String>, source: &Arc<Source>, findings: &mut Findings) -> String {
    let cleaned = escape::line(value.get_ref());
    if cleaned != *value.get_ref() {
        let place = Place::new(source, value.span());
        findings.push(
            Finding::warning(
                "control-character",
                "a control or invisible character in a name is removed",
            )
            .at(place)
            .hint(
                "write the name in one line, without control, direction and invisible characters",
            ),
        );
    }
    cleaned
}

fn language(
    tag: &Spanned<String>,
    source: &Arc<Source>,
    findings: &mut Findings,
) -> Option<String> {
    let language = Language::parse(tag.get_ref());
    if language.is_none() {
        let place = Place::new(source, tag.span());
        findings.push(no_language(tag.get_ref()).at(place));
    }
    language.map(|language| language.tag().to_owned())
}

fn status(word: &Spanned<String>, source: &Arc<Source>, findings: &mut Findings) -> Status {
    let all = Status::ALL;
    if let Some(status) = all.iter().find(|status| status.as_str() == word.get_ref()) {
        return *status;
    }
    let message = format!("unknown status `{}`", escape::terminal(word.get_ref()));
    let place = Place::new(source, word.span());
    let hint = one_of(word.get_ref(), &all.map(Status::as_str));
    findings.push(Finding::error("bad-status", message).at(place).hint(hint));
    // An unknown status must not lead to mail.
    Status::Pending
}

fn attributes(
    raw: BTreeMap<String, Spanned<toml::Value>>,
    source: &Arc<Source>,
    findings: &mut Findings,
) -> BTreeMap<String, Attribute> {
    let mut attributes = BTreeMap::new();
    for (name, value) in raw {
        let place = Place::new(source, value.span());
        if let Some(attribute) = attribute(value.into_inner()) {
            attributes.insert(name, attribute);
            continue;
        }
        let message = format!("the attribute `{name}` must be a string, a number or a boolean");
        findings.push(Finding::error("wrong-type", message).at(place));
    }
    attributes
}

fn attribute(value: toml::Value) -> Option<Attribute> {
    match value {
        toml::Value::String(text) => Some(Attribute::Text(text)),
        toml::Value::Integer(number) => Some(Attribute::Integer(number)),
        toml::Value::Float(number) => Some(Attribute::Number(number)),
        toml::Value::Boolean(value) => Some(Attribute::Boolean(value)),
        _ => None,
    }
}
