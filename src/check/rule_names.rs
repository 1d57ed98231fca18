//! The names in audience rules: tags, attributes and their values, languages, addresses.
//!
//! A misspelt name under `not` selects everybody, and one without `not` selects nobody. So a name has to be
//! known: some entry of the list carries it, of any status, or `[tags]` declares it.

use std::collections::HashSet;

use crate::diag::{Finding, resembles};
use crate::newsletter::issue::{Issue, RuleTestSource};
use crate::subscriber::{Attribute, Rule, Subscriber};

/// The names in the rules of one issue, and what the list has said of each so far.
pub(super) struct RuleNames<'a>(Vec<Name<'a>>);

struct Name<'a> {
    mention: &'a RuleTestSource,
    is_known: bool,
    /// Whether some entry has the attribute, with whatever value.
    has_key: bool,
    /// The known name that it resembles most, with the distance between the two.
    nearest: Option<(usize, String)>,
    /// The first known names with which it was compared: a million entries share a few tags.
    compared: HashSet<String>,
}

/// How many known names are remembered.
const MOST_COMPARED: usize = 1_000;

impl<'a> RuleNames<'a> {
    /// The names in the rules of `issue`; `declared` are those of `[tags]`.
    pub(super) fn of(issue: &'a Issue, declared: impl Iterator<Item = &'a String> + Clone) -> Self {
        let tests = issue.source_map.tests.iter();
        let names = tests.map(|mention| Name::of(mention, declared.clone()));
        Self(names.collect())
    }

    /// Compares the names that are not known yet with an entry, of any status.
    pub(super) fn see(&mut self, reader: &Subscriber, default_language: &str) {
        for name in self.0.iter_mut().filter(|name| !name.is_known) {
            name.see(reader, default_language);
        }
    }

    /// A finding for each name that is not known at the end of the list.
    pub(super) fn findings(&self) -> impl Iterator<Item = Finding> {
        let unknown = self.0.iter().filter(|name| !name.is_known);
        unknown.map(Name::finding)
    }
}

impl<'a> Name<'a> {
    fn of(mention: &'a RuleTestSource, declared: impl Iterator<Item = &'a String>) -> Self {
        let mut name = Self {
            mention,
            is_known: mention.rule == Rule::All,
            has_key: false,
            nearest: None,
            compared: HashSet::new(),
        };
        if let Rule::Tag(tag) = &mention.rule {
            for known in declared {
                name.is_known |= known == tag;
                name.compare(tag, known);
            }
        }
        name
    }

    fn see(&mut self, reader: &Subscriber, default_language: &str) {
        if self.mention.rule.selects(reader, default_language) {
            self.is_known = true;
            return;
        }
        match &self.mention.rule {
            Rule::Tag(tag) => reader
                .tags
                .iter()
                .for_each(|known| self.compare(tag, known)),
            Rule::Lang(tag) => {
                let known = reader.language.as_deref().unwrap_or(default_language);
                self.compare_languages(tag, known);
            }
            Rule::Email(pattern) => self.compare_addresses(pattern, reader),
            Rule::Attr(key, value) => self.see_attribute(key, value, reader),
            _ => {}
        }
    }

    fn see_attribute(&mut self, key: &'a str, value: &'a Attribute, reader: &Subscriber) {
        match (reader.attributes.get(key), value) {
            // A yes or no that some entry has could be the other.
            (Some(Attribute::Boolean(_)), Attribute::Boolean(_)) => self.is_known = true,
            (Some(known), _) => {
                if !self.has_key {
                    (self.has_key, self.nearest) = (true, None);
                    self.compared.clear();
                }
                self.compare(&value.to_string(), &known.to_string());
            }
            (None, _) if self.has_key => {}
            (None, _) => {
                let keys = reader.attributes.keys();
                keys.for_each(|known| self.compare(key, known));
            }
        }
    }

    /// Another region of a known language is a choice, not a slip.
    fn compare_languages(&mut self, given: &str, known: &str) {
        let primary = |tag: &str| tag.split(['-', '_']).next().map(str::to_lowercase);
        if given.contains('_') || primary(given) != primary(known) {
            self.compare(given, known);
        }
    }

    /// `*@host` is compared by hosts, an address by addresses; other patterns resemble nothing.
    fn compare_addresses(&mut self, pattern: &str, reader: &Subscriber) {
        let Some((local, host)) = pattern
            .rsplit_once('@')
            .filter(|(_, host)| !host.contains('*'))
        else {
            return;
        };
        let key = reader.address.key();
        let unicode = key.contains("xn--").then(|| reader.address.unicode_key());
        for key in std::iter::once(key).chain(unicode) {
            let (known_local, known_host) = key.rsplit_once('@').unwrap_or_default();
            if local == "*" {
                let distance = || host_distance(host, known_host);
                self.note(known_host, distance, || format!("*@{known_host}"));
            } else if local == known_local || host.eq_ignore_ascii_case(known_host) {
                self.compare(pattern, &key);
            }
        }
    }

    fn compare(&mut self, given: &str, known: &str) {
        self.note(known, || resembles(given, known), || known.to_owned());
    }

    /// Takes down `known`, as it is `shown`, if no other known name is nearer.
    fn note(
        &mut self,
        known: &str,
        distance: impl FnOnce() -> Option<usize>,
        shown: impl FnOnce() -> String,
    ) {
        if self.compared.contains(known) {
            return;
        }
        if self.compared.len() < MOST_COMPARED {
            self.compared.insert(known.to_owned());
        }
        let nearest = self
            .nearest
            .as_ref()
            .map_or(usize::MAX, |(nearest, _)| *nearest);
        if let Some(distance) = distance().filter(|distance| *distance < nearest) {
            self.nearest = Some((distance, shown()));
        }
    }

    fn finding(&self) -> Finding {
        let what = self.what();
        let finding = if self.mention.is_negated {
            let message = format!("{what}, and it stands under `not`");
            Finding::error("unknown-audience-name", message)
        } else if self.nearest.is_some() {
            Finding::error("unknown-audience-name", what)
        } else {
            Finding::warning("unmatched-audience-name", what)
        };
        finding.at(self.mention.place.clone()).hint(self.hint())
    }

    fn what(&self) -> String {
        match &self.mention.rule {
            Rule::Tag(tag) => format!("no subscriber has the tag `{tag}`"),
            Rule::Lang(tag) => format!("no subscriber has the language `{tag}`"),
            Rule::Email(pattern) => format!("no subscriber has an address like `{pattern}`"),
            Rule::Attr(key, value) if self.has_key => {
                format!("no subscriber has the value {} for `{key}`", quoted(value))
            }
            Rule::Attr(key, _) => format!("no subscriber has the attribute `{key}`"),
            _ => "no subscriber fits".to_owned(),
        }
    }

    fn hint(&self) -> String {
        if let Some((_, nearest)) = &self.nearest {
            return format!("did you mean `{}`?", self.corrected(nearest));
        }
        match &self.mention.rule {
            Rule::Tag(tag) => format!(
                "correct it, or declare it in newsletter.toml: `[tags]` with `{tag} = \"what it means\"`"
            ),
            _ => "correct it, or remove this test, which fits no subscriber".to_owned(),
        }
    }

    /// The test with the known name in the place of the unknown one.
    fn corrected(&self, known: &str) -> String {
        match &self.mention.rule {
            Rule::Lang(_) => format!("lang:{known}"),
            Rule::Email(_) => format!("email:{known}"),
            Rule::Attr(key, Attribute::Text(text)) if self.has_key && text == known => {
                format!("attr.{key} = {known}")
            }
            Rule::Attr(key, Attribute::Text(_)) if self.has_key => {
                format!("attr.{key} = \"{known}\"")
            }
            Rule::Attr(key, value) if self.has_key => format!(
                "attr.{key} = {}",
                if value.to_string() == known {
                    format!("\"{known}\"")
                } else {
                    known.to_owned()
                }
            ),
            Rule::Attr(_, value) => format!("attr.{known} = {}", quoted(value)),
            _ => format!("tag:{known}"),
        }
    }
}

/// How far two hosts are from each other. Hosts share their last label with many others, so that does not make
/// them alike.
fn host_distance(host: &str, known: &str) -> Option<usize> {
    match (host.rsplit_once('.'), known.rsplit_once('.')) {
        (Some((name, last)), Some((known_name, known_last))) if last == known_last => {
            resembles(name, known_name)
        }
        _ => resembles(host, known),
    }
}

fn quoted(value: &Attribute) -> String {
    match value {
        Attribute::Text(text) => format!("\"{text}\""),
        other => other.to_string(),
    }
}
