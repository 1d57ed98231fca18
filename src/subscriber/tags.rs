//! Tags of entries: trimmed, and doubtful ones reported once for each spelling.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use toml::Spanned;

use crate::diag::{Finding, Findings, Place, Source};
use crate::util::characters;

/// The limit of spellings that are compared: a list with more uses tags for another purpose, and memory is bounded.
const MOST_SPELLINGS: usize = 10_000;

/// The spellings of all tags of a list.
#[derive(Debug, Default)]
pub(super) struct Tags {
    /// The first spelling of each tag, by the tag in lower case.
    first: BTreeMap<String, String>,
    reported: BTreeSet<String>,
}

impl Tags {
    /// The tags that `newsletter.toml` declares.
    pub(super) fn declared<'a>(names: impl Iterator<Item = &'a String>) -> Self {
        Self {
            first: names
                .map(|name| (name.to_lowercase(), name.clone()))
                .collect(),
            reported: BTreeSet::new(),
        }
    }

    /// The trimmed tags of one entry.
    pub(super) fn read(
        &mut self,
        raw: Vec<Spanned<String>>,
        source: &Arc<Source>,
        findings: &mut Findings,
    ) -> BTreeSet<String> {
        let mut tags = BTreeSet::new();
        for tag in raw {
            let trimmed = characters::trimmed(tag.get_ref()).to_owned();
            let flaws = [flaw(tag.get_ref()), self.other_case(&trimmed)];
            let mut flaws = flaws.into_iter().flatten().peekable();
            if flaws.peek().is_some() && self.is_news(tag.get_ref()) {
                let place = Place::new(source, tag.span());
                flaws.for_each(|finding| findings.push(finding.at(place.clone())));
            }
            if !trimmed.is_empty() {
                tags.insert(trimmed);
            }
        }
        tags
    }

    fn other_case(&mut self, tag: &str) -> Option<Finding> {
        let folded = tag.to_lowercase();
        match self.first.get(&folded) {
            Some(first) if first == tag => None,
            Some(first) => Some(
                doubtful(format!(
                    "the tags `{tag}` and `{first}` differ only in case"
                ))
                .hint(
                    "a rule that names one does not select the other; write one of them everywhere",
                ),
            ),
            None => {
                if self.first.len() < MOST_SPELLINGS && !tag.is_empty() {
                    self.first.insert(folded, tag.to_owned());
                }
                None
            }
        }
    }

    /// Whether a doubtful spelling is reported for the first time: a million entries may share one.
    fn is_news(&mut self, tag: &str) -> bool {
        self.reported.len() < MOST_SPELLINGS && self.reported.insert(tag.to_owned())
    }
}

/// The finding about one tag by itself.
pub fn flaw(tag: &str) -> Option<Finding> {
    let trimmed = characters::trimmed(tag);
    if trimmed.is_empty() {
        let finding = doubtful("an empty tag is ignored".to_owned());
        return Some(finding.hint("remove it"));
    }
    if trimmed != tag {
        let message = format!("the tag `{tag}` has spaces at its ends, which are removed");
        return Some(doubtful(message).hint(format!("write `{trimmed}`")));
    }
    if let Some(separator) = trimmed.chars().find(|c| [',', ';', '|'].contains(c)) {
        let message = format!("`{tag}` is one tag with a `{separator}` in it");
        let parts = trimmed
            .split(separator)
            .map(|part| format!("\"{}\"", part.trim()));
        let parts: Vec<String> = parts.collect();
        return Some(doubtful(message).hint(format!("write several tags: [{}]", parts.join(", "))));
    }
    let ends_a_name = |c: char| c.is_whitespace() || ['(', ')', '=', '\u{22}'].contains(&c);
    if trimmed.contains(ends_a_name) || characters::unwanted(trimmed).next().is_some() {
        let message = format!("no audience rule can name the tag `{tag}`");
        return Some(
            doubtful(message)
                .hint("write it without spaces, brackets, quotes, `=` and invisible characters"),
        );
    }
    None
}

fn doubtful(message: String) -> Finding {
    Finding::warning("doubtful-tag", message)
}
