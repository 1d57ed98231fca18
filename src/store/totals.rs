//! The totals of a campaign: how many deliveries are in each state.

use std::collections::BTreeMap;

use serde::Serialize;

use super::brake::CANCELLED;
use super::model::State;

/// The totals of a campaign.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Frozen recipients, counted when the campaign began.
    pub candidates: u32,
    /// Accepted by the relay.
    pub accepted: u32,
    /// Refused by the relay.
    pub refused: u32,
    /// Excluded.
    pub excluded: u32,
    /// Waiting for another attempt.
    pub deferred: u32,
    /// Uncertain.
    pub uncertain: u32,
    /// Ready, leased or being sent.
    pub untried: u32,
    /// Exclusions by reason.
    pub reasons: BTreeMap<String, u32>,
}

impl Totals {
    /// Whether every candidate has exactly one state.
    pub fn add_up(&self) -> bool {
        self.accepted + self.refused + self.excluded + self.deferred + self.uncertain + self.untried
            == self.candidates
    }

    /// The number of deliveries in each state; their sum is that of the candidates.
    pub fn by_state(&self) -> [(&'static str, u32); 6] {
        [
            ("accepted", self.accepted),
            ("refused", self.refused),
            ("excluded", self.excluded),
            ("deferred", self.deferred),
            ("uncertain", self.uncertain),
            ("untried", self.untried),
        ]
    }

    /// The number of deliveries that counts those in `state`.
    pub(super) fn of_mut(&mut self, state: State) -> &mut u32 {
        match state {
            State::Ready | State::Leased | State::InData => &mut self.untried,
            State::Accepted => &mut self.accepted,
            State::Deferred => &mut self.deferred,
            State::Refused => &mut self.refused,
            State::Excluded => &mut self.excluded,
            State::Uncertain => &mut self.uncertain,
        }
    }

    /// The recipients: candidates who were not excluded, or only by a cancellation.
    pub fn recipients(&self) -> u32 {
        let cancelled = self.reasons.get(CANCELLED).copied().unwrap_or_default();
        (self.candidates + cancelled).saturating_sub(self.excluded)
    }

    /// The totals if no run is active: `in_data` deliveries, which are counted as untried, are uncertain.
    #[must_use]
    pub fn without_runs(mut self, in_data: u32) -> Self {
        let in_data = in_data.min(self.untried);
        self.untried -= in_data;
        self.uncertain += in_data;
        self
    }

    /// The deliveries that remain.
    pub fn open(&self) -> u32 {
        self.deferred + self.untried
    }

    /// Whether no delivery remains.
    pub fn is_finished(&self) -> bool {
        self.deferred == 0 && self.untried == 0
    }
}
