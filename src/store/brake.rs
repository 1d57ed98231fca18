//! The brake of a campaign, which stops it, and the signal that a running sender reads.

use serde::{Deserialize, Serialize};

use super::value::Row;
use crate::util::timestamp;

/// Why deliveries of a cancelled campaign are excluded.
pub const CANCELLED: &str = "cancelled";

/// What stops a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Brake {
    /// `franking pause`, or a condition that the operator has to check.
    Paused,
    /// Deliveries were due, and no run worked on them for too long.
    Held,
    /// `franking cancel`; it cannot be undone.
    Cancelled,
}

impl Brake {
    /// The word in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Held => "held",
            Self::Cancelled => "cancelled",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Paused, Self::Held, Self::Cancelled];
        all.into_iter().find(|brake| brake.as_str() == word)
    }
}

/// A brake that is set, with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Braked {
    /// The kind of brake.
    pub brake: Brake,
    /// The reason.
    #[serde(rename = "reason")]
    pub why: String,
    /// When it was set, in Unix seconds.
    #[serde(serialize_with = "timestamp::serialize")]
    pub at: i64,
    /// Whether the program set it, so that a person may not know of it.
    pub is_automatic: bool,
}

/// Reads the brake of a campaign from three columns, beginning at `column`, and from `is_automatic`.
pub(super) fn braked(row: &mut Row, column: usize, is_automatic: usize) -> Option<Option<Braked>> {
    let Some(word) = row.maybe(column, Row::text)? else {
        return Some(None);
    };
    Some(Some(Braked {
        brake: Brake::from_word(&word)?,
        why: row.maybe(column + 1, Row::text)?.unwrap_or_default(),
        at: row
            .maybe(column + 2, |row, column| row.int(column))?
            .unwrap_or_default(),
        is_automatic: row.truth(is_automatic)?,
    }))
}

/// Why a run leases no more deliveries of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// A brake is set.
    Brake(Brake),
    /// The campaign was corrected after the run began.
    Corrected,
}

/// The state of a campaign that a run checks before each lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signal {
    pub(super) brake: Option<Brake>,
    pub(super) edition: i64,
}

impl Signal {
    /// The brake and the number of the edition, read from columns 0 and 1.
    pub(super) fn read(row: &mut Row) -> Option<Self> {
        let brake = row.maybe(0, Row::text)?;
        let brake = brake.map(|word| Brake::from_word(&word).ok_or(()));
        Some(Self {
            brake: brake.transpose().ok()?,
            edition: row.int(1)?,
        })
    }

    /// What halts a run that began with the edition of this number.
    pub(super) fn halts(self, edition: i64) -> Option<Halt> {
        let corrected = (self.edition != edition).then_some(Halt::Corrected);
        self.brake.map(Halt::Brake).or(corrected)
    }
}
