//! What became of every reader, step by step, and the verdict.

use serde::Serialize;
use serde_json::{Value, json};

use crate::diag::counted;

/// What became of the readers of one send. Who has arrived, was refused or is lost adds up to all of them.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub(super) struct Row {
    pub(super) readers: usize,
    /// How often the sender was killed.
    pub(super) kills: usize,
    /// Who has the letter.
    pub(super) arrived: usize,
    /// Whom the relay refused, and the ledger says so.
    pub(super) refused: usize,
    /// Who has nothing, and was not refused.
    pub(super) lost: usize,
    /// Letters that somebody had already.
    pub(super) repeated: usize,
    /// Of the repeated, those of whom the ledger had said that nobody can know.
    pub(super) foretold: usize,
    /// Whom the ledger calls accepted, and the relay has nothing for.
    pub(super) falsely_sent: usize,
    /// Of whom the ledger has said that nobody can know, behind a kill or a lost connection.
    pub(super) uncertain: usize,
}

impl Row {
    fn add(&mut self, other: &Self) {
        self.readers += other.readers;
        self.kills += other.kills;
        self.arrived += other.arrived;
        self.refused += other.refused;
        self.lost += other.lost;
        self.repeated += other.repeated;
        self.foretold += other.foretold;
        self.falsely_sent += other.falsely_sent;
        self.uncertain += other.uncertain;
    }

    fn is_good(&self) -> bool {
        self.lost == 0
            && self.falsely_sent == 0
            && self.repeated == self.foretold
            && self.arrived + self.refused == self.readers
    }

    fn line(&self, name: &str) -> String {
        let cells = [
            self.readers,
            self.kills,
            self.arrived,
            self.refused,
            self.lost,
            self.repeated,
            self.falsely_sent,
            self.uncertain,
        ];
        let cells = cells.iter().zip(COLUMNS);
        let cells = cells.map(|(cell, head)| format!("  {cell:>0$}", head.len()));
        format!("{name:<WIDTH$}{}\n", cells.collect::<String>())
    }
}

const COLUMNS: [&str; 8] = [
    "readers",
    "kills",
    "arrived",
    "refused",
    "lost",
    "repeated",
    "falsely sent",
    "uncertain",
];

/// Of the names of the steps.
const WIDTH: usize = 33;

/// All steps.
#[derive(Debug)]
pub(super) struct Table {
    seed: u64,
    readers: usize,
    rows: Vec<(&'static str, Row)>,
    /// Whether a relay without STARTTLS was told nothing.
    pub(super) is_plain_refused: bool,
}

impl Table {
    pub(super) fn new(seed: u64, readers: usize) -> Self {
        Self {
            seed,
            readers,
            rows: Vec::new(),
            is_plain_refused: false,
        }
    }

    pub(super) fn push(&mut self, name: &'static str, row: Row) {
        self.rows.push((name, row));
    }

    fn sum(&self) -> Row {
        let mut sum = Row::default();
        for (_, row) in &self.rows {
            sum.add(row);
        }
        sum
    }

    pub(super) fn is_good(&self) -> bool {
        self.is_plain_refused && self.rows.iter().all(|(_, row)| row.is_good())
    }

    pub(super) fn lines(&self) -> String {
        let heads = COLUMNS.map(|head| format!("  {head}")).concat();
        let rows = self.rows.iter().map(|(name, row)| row.line(name));
        let plain = match self.is_plain_refused {
            true => "a relay that offers no STARTTLS: refused, and nothing left",
            false => "a relay that offers no STARTTLS: it was sent letters in the clear",
        };
        format!(
            "{:<WIDTH$}{heads}\n{}{}{plain}\n{}\n",
            "killed",
            rows.collect::<String>(),
            self.sum().line("sum"),
            self.verdict()
        )
    }

    fn verdict(&self) -> String {
        let sum = self.sum();
        let unforetold = sum.repeated - sum.foretold;
        let repeated = match (unforetold, sum.foretold) {
            (0, 0) => "0 repeated".to_owned(),
            (0, foretold) => format!("{foretold} repeated as foretold"),
            (unforetold, _) => format!("{unforetold} repeated without a word"),
        };
        let judgement = match self.is_good() {
            true => "the ledger knows who has the letter",
            false => "this sender is not to be trusted",
        };
        format!(
            "{} lost, {repeated}, {} falsely sent of {}: {judgement}",
            sum.lost,
            sum.falsely_sent,
            counted(sum.readers, "reader")
        )
    }

    pub(super) fn json(&self) -> Value {
        let steps = self.rows.iter().map(|(name, row)| {
            let mut step = json!(row);
            step["killed"] = json!(name);
            step
        });
        json!({
            "ok": self.is_good(),
            "seed": self.seed,
            "readers": self.readers,
            "steps": steps.collect::<Vec<_>>(),
            "sum": self.sum(),
            "starttls_stripped_is_refused": self.is_plain_refused,
        })
    }
}
