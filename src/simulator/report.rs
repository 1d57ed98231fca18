//! The ledger report: the state of every delivery according to the sender's ledger.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// A campaign as `status ISSUE --json` reports it.
#[derive(Debug)]
pub struct LedgerReport {
    /// Whether the totals are consistent with the number of deliveries.
    pub adds_up: bool,
    /// The state of every delivery, by address.
    pub states: BTreeMap<String, String>,
    /// The number of attempts for every delivery, by address.
    pub attempts: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct Report {
    adds_up: bool,
    deliveries: Vec<ReportRow>,
}

#[derive(Deserialize)]
struct ReportRow {
    address: String,
    state: String,
    attempts: u64,
}

impl LedgerReport {
    /// Parses the output of `status`.
    ///
    /// # Errors
    /// If `json` is not such a report, for example because the campaign has not begun.
    pub fn read(json: &str) -> Result<Self, serde_json::Error> {
        let report: Report = serde_json::from_str(json)?;
        let rows = report.deliveries.iter();
        let attempts = rows.map(|row| (row.address.clone(), row.attempts));
        Ok(Self {
            adds_up: report.adds_up,
            attempts: attempts.collect(),
            states: report
                .deliveries
                .into_iter()
                .map(|row| (row.address, row.state))
                .collect(),
        })
    }

    /// The addresses whose delivery is in one of `states`.
    pub fn in_state(&self, states: &[&str]) -> BTreeSet<String> {
        let is_in = |(_, state): &(&String, &String)| states.contains(&state.as_str());
        let found = self.states.iter().filter(is_in);
        found.map(|(address, _)| address.clone()).collect()
    }
}
