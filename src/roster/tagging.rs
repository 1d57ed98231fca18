//! A tag for every subscriber that a rule selects.

use std::collections::BTreeSet;

use super::change::RosterChange;
use super::values::unacceptable;
use crate::store::{ListChange, StoreError};
use crate::subscriber::{Rule, tag_problem};
use crate::workspace::Failure;

/// A tag that is added or removed.
#[derive(Debug, Clone)]
pub struct Tagging {
    /// The tag.
    pub tag: String,
    /// Whether it is removed.
    pub is_removal: bool,
    /// The rule as it was written.
    pub rule_text: String,
    /// The rule.
    pub rule: Rule,
}

impl Tagging {
    /// The subscribers who change: those selected who lack the tag, or have it if it is removed.
    fn changing(&self) -> Rule {
        let has = Rule::Tag(self.tag.clone());
        let differs = match self.is_removal {
            true => has,
            false => Rule::Not(Box::new(has)),
        };
        Rule::And(Box::new(self.rule.clone()), Box::new(differs))
    }
}

/// How many subscribers a tagging would change.
///
/// # Errors
/// When the tag cannot be named by a rule, or the list cannot be read.
pub fn tagged(roster: &RosterChange, tagging: &Tagging) -> Result<usize, Failure> {
    if let Some(problem) = tag_problem(&tagging.tag).filter(|_| !tagging.is_removal) {
        return Err(unacceptable(problem));
    }
    let counts = roster
        .list
        .store
        .count_selected(&tagging.changing(), &roster.language)?;
    Ok(counts.values().sum())
}

impl RosterChange {
    /// Adds or removes a tag, in one transaction. Returns how many subscribers have changed.
    ///
    /// # Errors
    /// When the store cannot be written; then nothing has changed.
    pub fn tag(&mut self, tagging: &Tagging) -> Result<usize, Failure> {
        let language = self.language.clone();
        let tag_all = |list: &mut ListChange<'_>| tag_all(list, tagging, &language);
        Ok(self.list.store.change_list(self.now, tag_all)?)
    }
}

fn tag_all(
    list: &mut ListChange<'_>,
    tagging: &Tagging,
    language: &str,
) -> Result<usize, StoreError> {
    let (rule, mut after, mut count) = (tagging.changing(), 0, 0);
    loop {
        let page = list.selected_after(&rule, language, after)?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        for (_, mut subscriber) in page {
            retag(&mut subscriber.tags, tagging);
            list.put(&subscriber)?;
            count += 1;
        }
    }
    if count > 0 {
        let action = if tagging.is_removal { "untag" } else { "tag" };
        // Without the rule: it may contain a value of a person, which `forget` could not find here.
        let detail = format!("{} ({count} changed)", tagging.tag);
        list.record(None, action, Some(&detail))?;
    }
    Ok(count)
}

fn retag(tags: &mut BTreeSet<String>, tagging: &Tagging) {
    match tagging.is_removal {
        true => drop(tags.remove(&tagging.tag)),
        false => drop(tags.insert(tagging.tag.clone())),
    }
}
