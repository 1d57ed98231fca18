//! The names in audience rules: tags, attributes and their values, languages, addresses.
//!
//! A misspelt name selects no subscriber, or every subscriber if it is negated. So each name must be known: an entry of
//! the list, of any status, has it, or `[tags]` declares it.

use std::collections::HashSet;

use crate::diag::{Finding, resembles};
use crate::newsletter::issue::{Issue, RuleTestSource};
use crate::subscriber::{Attribute, Rule, Subscriber};

/// The names in the rules of one issue, compared with the subscribers read so far.
pub(super) struct RuleNames<'a>(Vec<Name<'a>>);

struct Name<'a> {
    mention: &'a RuleTestSource,
    is_known: bool,
    /// Whether some entry has the attribute, with any value.
    has_key: bool,
    /// The most similar known name, with its distance.
    nearest: Option<(usize, String)>,
    /// The known names that were compared, so that each tag of a long list is compared once.
    compared: HashSet<String>,
}

/// The most known names that are remembered.
const MOST_COMPARED: usize = 1_000;

impl<'a> RuleNames<'a> {
    /// The names in the rules of `issue`; `declared` are those of `[tags]`.
    pub(super) fn of(issue: &'a Issue, declared: impl Iterator<Item = &'a String> + Clone) -> Self {
        let tests = issue.source_map.tests.iter();
        let names = tests.map(|mention| Name::of(mention, declared.clone()));
        Self(names.collect())
    }

    /// The tests that name something.
    pub(super) fn tests(&self) -> impl Iterator<Item = &'a Rule> {
        self.0.iter().map(|name| &name.mention.rule)
    }

    /// Compares the unknown names with an entry of any status.
    pub(super) fn see(&mut self, subscriber: &Subscriber, default_language: &str) {
        for name in self.0.iter_mut().filter(|name| !name.is_known) {
            name.see(subscriber, default_language);
        }
    }

    /// A finding for each name that is unknown at the end of the list.
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

    fn see(&mut self, subscriber: &Subscriber, default_language: &str) {
        if self.mention.rule.selects(subscriber, default_language) {
            self.is_known = true;
            return;
        }
        match &self.mention.rule {
            Rule::Tag(tag) => subscriber
                .tags
                .iter()
                .for_each(|known| self.compare(tag, known)),
            Rule::Lang(tag) => {
                let known = subscriber.language.as_deref().unwrap_or(default_language);
                self.compare_languages(tag, known);
            }
            Rule::Email(pattern) => self.compare_addresses(pattern, subscriber),
            Rule::Attr(key, value) => self.see_attribute(key, value, subscriber),
            _ => {}
        }
    }

    fn see_attribute(&mut self, key: &'a str, value: &'a Attribute, subscriber: &Subscriber) {
        match (subscriber.attributes.get(key), value) {
            // The other boolean value is valid too.
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
                let keys = subscriber.attributes.keys();
                keys.for_each(|known| self.compare(key, known));
            }
        }
    }

    /// Compares language tags. Another region of a known language is intended.
    fn compare_languages(&mut self, given: &str, known: &str) {
        let primary = |tag: &str| tag.split(['-', '_']).next().map(str::to_lowercase);
        if given.contains('_') || primary(given) != primary(known) {
            self.compare(given, known);
        }
    }

    /// Compares the host of `*@host`, or a whole address. Other patterns are not compared.
    fn compare_addresses(&mut self, pattern: &str, subscriber: &Subscriber) {
        let Some((local, host)) = pattern
            .rsplit_once('@')
            .filter(|(_, host)| !host.contains('*'))
        else {
            return;
        };
        let key = subscriber.address.key();
        let unicode = key
            .contains("xn--")
            .then(|| subscriber.address.unicode_key());
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

    /// Keeps `known`, displayed as `shown`, if it is the most similar name so far.
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
            let message = format!("{what}, and the test is negated by `not`");
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
            _ => "no subscriber matches".to_owned(),
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
            _ => "correct it, or remove this test, which matches no subscriber".to_owned(),
        }
    }

    /// The test with the known name instead of the unknown one.
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

/// The distance of two hosts. A common top-level domain does not make them similar.
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
