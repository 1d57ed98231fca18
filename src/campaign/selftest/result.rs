//! The results of the sends, by recipient.

use serde::Serialize;

use crate::diag::counted;

/// The recipients of one send. `arrived`, `refused` and `lost` add up to all of them.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct TrialResult {
    /// How many recipients the send has.
    pub recipients: usize,
    /// How often the sender was killed.
    pub kills: usize,
    /// Recipients who have the message.
    pub arrived: usize,
    /// Recipients who were refused by the relay and recorded so in the ledger.
    pub refused: usize,
    /// Recipients who were not refused and have nothing.
    pub lost: usize,
    /// Second and further copies of a message.
    pub repeated: usize,
    /// Repeated copies for deliveries that the ledger had reported as uncertain.
    pub announced: usize,
    /// Deliveries that the ledger has as accepted and the relay does not have.
    pub falsely_sent: usize,
    /// Deliveries that the ledger reported as uncertain after a kill or a lost connection.
    pub uncertain: usize,
}

impl TrialResult {
    fn add(&mut self, other: &Self) {
        self.recipients += other.recipients;
        self.kills += other.kills;
        self.arrived += other.arrived;
        self.refused += other.refused;
        self.lost += other.lost;
        self.repeated += other.repeated;
        self.announced += other.announced;
        self.falsely_sent += other.falsely_sent;
        self.uncertain += other.uncertain;
    }

    fn is_good(&self) -> bool {
        self.lost == 0
            && self.falsely_sent == 0
            && self.repeated == self.announced
            && self.arrived + self.refused == self.recipients
    }
}

/// The result of the self-test.
#[derive(Debug)]
pub struct SelftestReport {
    /// The seed of all random choices.
    pub seed: u64,
    /// How many recipients each send had.
    pub recipients: usize,
    /// The result of each step, by its name.
    pub rows: Vec<(&'static str, TrialResult)>,
    /// Whether nothing was sent to a relay without STARTTLS.
    pub is_plaintext_refused: bool,
}

impl SelftestReport {
    /// All sends together.
    pub fn totals(&self) -> TrialResult {
        let mut totals = TrialResult::default();
        for (_, row) in &self.rows {
            totals.add(row);
        }
        totals
    }

    /// Whether no message was lost, sent twice without an announcement, or recorded falsely.
    pub fn is_good(&self) -> bool {
        self.is_plaintext_refused && self.rows.iter().all(|(_, row)| row.is_good())
    }

    /// The result in one line: `0 lost, 0 repeated, 0 falsely sent of 640 recipients: the ledger matches the relay`.
    pub fn conclusion(&self) -> String {
        let totals = self.totals();
        let unannounced = totals.repeated - totals.announced;
        let repeated = match (unannounced, totals.announced) {
            (0, 0) => "0 repeated".to_owned(),
            (0, announced) => format!("{announced} repeated as announced"),
            (unannounced, _) => format!("{unannounced} repeated unannounced"),
        };
        let conclusion = match self.is_good() {
            true => "the ledger matches the relay",
            false => "this sender is not reliable",
        };
        format!(
            "{} lost, {repeated}, {} falsely sent of {}: {conclusion}",
            totals.lost,
            totals.falsely_sent,
            counted(totals.recipients, "recipient")
        )
    }
}
