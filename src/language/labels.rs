//! The program's own labels in messages, by language; a template may replace each of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Language;

/// The labels in one language. [`Labels::with`] fills `{…}` in them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "each name says what the word stands for; the files show them all"
)]
pub struct Labels {
    pub contents: String,
    pub interview: String,
    pub and: String,
    pub deadline: String,
    pub organiser: String,
    pub place: String,
    pub date: String,
    pub number: String,
    pub more_about: String,
    pub picture: String,
    pub credit: String,
    pub view_online: String,
    pub unsubscribe: String,
    pub sent_to: String,
    pub privacy: String,
}

/// The label files; a language without one falls back to the first.
const FILES: [(&str, &str); 9] = [
    ("en", include_str!("labels/en.toml")),
    ("fr", include_str!("labels/fr.toml")),
    ("de", include_str!("labels/de.toml")),
    ("it", include_str!("labels/it.toml")),
    ("es", include_str!("labels/es.toml")),
    ("pt", include_str!("labels/pt.toml")),
    ("nl", include_str!("labels/nl.toml")),
    ("ar", include_str!("labels/ar.toml")),
    ("he", include_str!("labels/he.toml")),
];

impl Labels {
    /// The labels of `language`, or the English ones, with those of a template.
    pub fn of(language: &Language, own: &BTreeMap<String, String>) -> Self {
        let mut words = words_of(language);
        words.extend(own.iter().map(|(key, word)| (key.clone(), word.clone())));
        let words: toml::Table = words.into_iter().map(|(k, v)| (k, v.into())).collect();
        words
            .try_into()
            .expect("a template's label names are checked when it is read")
    }

    /// The names of all labels.
    pub fn names() -> Vec<&'static str> {
        let (_, english) = FILES[0];
        let names = english.lines().filter_map(|line| line.split_once('='));
        names.map(|(name, _)| name.trim()).collect()
    }

    /// All labels by name.
    pub fn all(&self) -> BTreeMap<String, String> {
        let table = toml::Table::try_from(self).expect("labels are words");
        let words = table.into_iter().filter_map(|(name, word)| match word {
            toml::Value::String(word) => Some((name, word)),
            _ => None,
        });
        words.collect()
    }

    /// `label` with `{value}` replaced.
    pub fn with(label: &str, value: &str) -> String {
        label.replace("{value}", value)
    }
}

/// The labels of `language` in this program, or the English ones.
fn words_of(language: &Language) -> BTreeMap<String, String> {
    let file = FILES.iter().find(|(tag, _)| *tag == language.primary());
    toml::from_str(file.unwrap_or(&FILES[0]).1).expect("the label files are tested")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_word() {
        for (tag, _) in FILES {
            let labels = Labels::of(&Language::parse(tag).unwrap(), &BTreeMap::new());
            for label in [&labels.more_about, &labels.sent_to] {
                assert!(label.contains("{value}"), "{tag}: {label}");
            }
        }
        let finnish = Labels::of(&Language::parse("fi").unwrap(), &BTreeMap::new());
        assert_eq!(finnish.deadline, "Deadline");
    }
}
