//! `franking selftest`

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use crate::campaign::{self, SELFTEST_SENDS, SelftestOptions, SelftestReport, TrialResult};
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::newsletter::issue::OnUncertain;
use crate::util::values;
use crate::workspace::Failure;

/// What is tested, and how the result is printed.
#[derive(Debug, Args)]
pub(super) struct SelftestArguments {
    /// The number of recipients of each send.
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = values::recipients, alias = "readers")]
    recipients: u32,
    /// The seed of all random choices; the same seed kills the sender at the same messages.
    #[arg(long, value_name = "N", value_parser = values::seed)]
    seed: Option<u64>,
    /// Hold uncertain deliveries until they are resolved, or send them again.
    #[arg(long, value_name = "POLICY", value_enum, default_value_t = Policy::Hold)]
    on_uncertain: Policy,
    /// Test another build of this program.
    #[arg(long, value_name = "PROGRAM")]
    sender: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// `on_uncertain` of the issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Policy {
    Hold,
    Resend,
}

pub(super) fn execute(arguments: &SelftestArguments) -> Result<Exit, Failure> {
    let options = arguments.options()?;
    if !arguments.json {
        terminal::say(&format!(
            "{SELFTEST_SENDS} sends to {} recipients each, by a relay with faults on this machine; each sender is killed \
             twice (seed {})",
            options.recipients, options.seed
        ));
    }
    let report = campaign::selftest(&options)?;
    if arguments.json {
        terminal::data(&format!("{}\n", as_json(&report)));
    } else {
        terminal::data(&table(&report));
    }
    Ok(match report.is_good() {
        true => Exit::Done,
        false => Exit::Findings,
    })
}

impl SelftestArguments {
    fn options(&self) -> Result<SelftestOptions, Failure> {
        let sender = match &self.sender {
            Some(program) => std::path::absolute(program),
            None => std::env::current_exe(),
        };
        Ok(SelftestOptions {
            sender: sender.map_err(|error| Failure::io("the sender cannot be found", &error))?,
            recipients: self.recipients as usize,
            seed: self.seed.unwrap_or_else(seed_of_now),
            on_uncertain: match self.on_uncertain {
                Policy::Hold => OnUncertain::Hold,
                Policy::Resend => OnUncertain::Resend,
            },
        })
    }
}

/// Small enough to be typed.
fn seed_of_now() -> u64 {
    jiff::Timestamp::now().as_millisecond().unsigned_abs() % 1_000_000
}

const COLUMNS: [&str; 8] = [
    "recipients",
    "kills",
    "arrived",
    "refused",
    "lost",
    "repeated",
    "falsely sent",
    "uncertain",
];

/// The width of the names of the steps.
const WIDTH: usize = 33;

fn table(report: &SelftestReport) -> String {
    let heads = COLUMNS.map(|head| format!("  {head}")).concat();
    let rows = report.rows.iter().map(|(name, row)| line(name, row));
    let plaintext = match report.is_plaintext_refused {
        true => "a relay that offers no STARTTLS: refused, and nothing was sent",
        false => "a relay that offers no STARTTLS: messages were sent in the clear",
    };
    format!(
        "{:<WIDTH$}{heads}\n{}{}{plaintext}\n{}\n",
        "killed",
        rows.collect::<String>(),
        line("total", &report.totals()),
        report.conclusion()
    )
}

fn line(name: &str, row: &TrialResult) -> String {
    let cells = [
        row.recipients,
        row.kills,
        row.arrived,
        row.refused,
        row.lost,
        row.repeated,
        row.falsely_sent,
        row.uncertain,
    ];
    let cells = cells.iter().zip(COLUMNS);
    let cells = cells.map(|(cell, head)| format!("  {cell:>0$}", head.len()));
    format!("{name:<WIDTH$}{}\n", cells.collect::<String>())
}

fn as_json(report: &SelftestReport) -> Value {
    let steps = report.rows.iter().map(|(name, row)| {
        let mut step = json!(row);
        step["killed"] = json!(name);
        step
    });
    json!({
        "ok": report.is_good(),
        "seed": report.seed,
        "recipients": report.recipients,
        "steps": steps.collect::<Vec<_>>(),
        "totals": report.totals(),
        "starttls_stripped_is_refused": report.is_plaintext_refused,
    })
}
