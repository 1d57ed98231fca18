//! How the last run of a campaign ended although work was left.

use std::fmt;

use serde::Serialize;

use super::value::Row;
use crate::util::{escape, timestamp};

/// What ended a run early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StopKind {
    /// The relay refused the sender, or all recipients.
    Refused,
    /// No relay was reachable.
    Unreachable,
    /// A quota was used up.
    Quota,
    /// The list could not be read completely.
    List,
    /// The operator stopped the run.
    Interrupted,
}

impl StopKind {
    const ALL: [Self; 5] = [
        Self::Refused,
        Self::Unreachable,
        Self::Quota,
        Self::List,
        Self::Interrupted,
    ];

    /// The word in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Quota => "quota",
            Self::List => "list",
            Self::Interrupted => "interrupted",
        }
    }
}

/// The early end of a campaign's last run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LastStop {
    /// What ended it.
    pub kind: StopKind,
    /// The reason, for people.
    #[serde(rename = "reason")]
    pub why: String,
    /// When it ended, in Unix seconds.
    #[serde(serialize_with = "timestamp::serialize")]
    pub at: i64,
    /// Since when every run has ended in this way, in Unix seconds.
    #[serde(serialize_with = "timestamp::serialize")]
    pub since: i64,
}

/// `stopped 2026-11-30T08:00:00Z: connection refused; the same since 2026-11-30T07:00:00Z`
impl fmt::Display for LastStop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (at, why) = (timestamp::format(self.at), escape::terminal(&self.why));
        write!(f, "stopped {at}: {why}")?;
        match self.since < self.at {
            true => write!(f, "; the same since {}", timestamp::format(self.since)),
            false => Ok(()),
        }
    }
}

/// Reads the last stop of a campaign from four columns, beginning at `column`.
pub(super) fn last_stop(row: &mut Row, column: usize) -> Option<Option<LastStop>> {
    let Some(word) = row.maybe(column, Row::text)? else {
        return Some(None);
    };
    let all = StopKind::ALL;
    Some(Some(LastStop {
        kind: all.into_iter().find(|kind| kind.as_str() == word)?,
        why: row.text(column + 1)?,
        at: row.int(column + 2)?,
        since: row.int(column + 3)?,
    }))
}
