//! Tags of entries: trimmed, and doubtful ones reported once for each spelling.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use toml::Spanned;

use crate::diag::{Finding, Findings, Place, Source};
use crate::util::characters;

/// How many spellings are compared, to limit memory. A list with more does not use tags to select subscribers.
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
            let flaws = [problem(tag.get_ref()), self.other_case(&trimmed)];
            let mut flaws = flaws.into_iter().flatten().peekable();
            if flaws.peek().is_some() && self.is_new(tag.get_ref()) {
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
        let Some(first) = self.first.get(&folded) else {
            if self.first.len() < MOST_SPELLINGS && !tag.is_empty() {
                self.first.insert(folded, tag.to_owned());
            }
            return None;
        };
        let message = format!("the tags `{tag}` and `{first}` differ only in case");
        let hint = "a rule that names one does not select the other; write one of them everywhere";
        (first != tag).then(|| doubtful(message).hint(hint))
    }

    /// Whether a doubtful spelling is reported for the first time: a million entries may share one.
    fn is_new(&mut self, tag: &str) -> bool {
        self.reported.len() < MOST_SPELLINGS && self.reported.insert(tag.to_owned())
    }
}

/// The finding about a tag, independent of other tags.
pub fn problem(tag: &str) -> Option<Finding> {
    let trimmed = characters::trimmed(tag);
    if trimmed.is_empty() {
        let finding = doubtful("an empty tag is ignored".to_owned());
        return Some(finding.hint("remove it"));
    }
    if trimmed != tag {
        let message = format!("the tag `{tag}` has spaces at its ends, which are removed");
        return Some(doubtful(message).hint(format!("write `{trimmed}`")));
    }
    separated(trimmed).or_else(|| unnameable(trimmed))
}

/// The finding about a tag with a separator, which is probably a list of tags.
fn separated(tag: &str) -> Option<Finding> {
    let separator = tag.chars().find(|c| [',', ';', '|'].contains(c))?;
    let message = format!("`{tag}` is one tag with a `{separator}` in it");
    let parts = tag.split(separator);
    let parts: Vec<String> = parts.map(|part| format!("\"{}\"", part.trim())).collect();
    Some(doubtful(message).hint(format!("write several tags: [{}]", parts.join(", "))))
}

/// The finding about a tag that cannot be written in an audience rule.
fn unnameable(tag: &str) -> Option<Finding> {
    let ends_a_name = |c: char| c.is_whitespace() || ['(', ')', '=', '\u{22}'].contains(&c);
    if !tag.contains(ends_a_name) && characters::unwanted(tag).next().is_none() {
        return None;
    }
    let message = format!("no audience rule can name the tag `{tag}`");
    let hint = "write it without spaces, brackets, quotes, `=` and invisible characters";
    Some(doubtful(message).hint(hint))
}

fn doubtful(message: String) -> Finding {
    Finding::warning("doubtful-tag", message)
}
