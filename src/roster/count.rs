//! How many subscribers a rule selects.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::reading::{Roster, RosterSource};
use crate::subscriber::{Rule, Status};
use crate::workspace::Failure;

/// The number of subscribers with each status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusCounts(BTreeMap<Status, usize>);

/// Counts the subscribers that the rule selects.
///
/// # Errors
/// When the list cannot be read.
pub fn count(roster: &Roster, rule: &Rule) -> Result<StatusCounts, Failure> {
    if let RosterSource::Store(Some(store)) = roster.source() {
        return Ok(StatusCounts(store.count_selected(rule, &roster.language)?));
    }
    let mut counts = BTreeMap::new();
    roster.each(rule, &mut |one| {
        *counts.entry(one.subscriber.status).or_default() += 1;
    })?;
    Ok(StatusCounts(counts))
}

impl StatusCounts {
    /// The number of all subscribers.
    pub fn total(&self) -> usize {
        self.0.values().sum()
    }

    fn of(&self, status: Status) -> usize {
        self.0.get(&status).copied().unwrap_or_default()
    }

    /// The JSON of `list count`.
    pub fn json(&self) -> Value {
        let each = Status::ALL.map(|status| (status.as_str().to_owned(), self.of(status).into()));
        json!({ "total": self.total(), "by_status": Map::from_iter(each) })
    }

    /// A line for each status that occurs, and the total.
    pub fn text(&self) -> String {
        let each = self
            .0
            .iter()
            .map(|(status, count)| (status.as_str(), *count));
        let lines = each.chain([("total", self.total())]);
        lines
            .map(|(word, count)| format!("{word:<13}{count:>9}\n"))
            .collect()
    }
}
