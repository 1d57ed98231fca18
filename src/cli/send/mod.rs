//! `franking send ISSUE`, `franking send --due` and `franking resume ISSUE`

mod confirm;
mod dry_run;
mod due;
mod events;
mod json;
pub(super) mod report;
pub(super) mod resume;
mod signals;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use jiff::SignedDuration;
use serde_json::json;

use super::values;
use crate::campaign::{self, Events, OutcomeLog, SendOptions, SendRequest, SendSummary};
use crate::cli::complete;
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::workspace::{Failure, LedgerPolicy, Workspace, parse_address};

pub(super) use confirm::Agreement;
pub(super) use events::Printer;
use json::JsonReport;

/// How long work may be due without a run, by default.
const MAX_GAP: &str = "24h";
/// How long a run waits for a list that cannot be read, by default.
pub(super) const LIST_WAIT: &str = "60s";

/// What the operator accepts of a ledger or key that is not the one of the last run.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct LedgerArguments {
    /// Begin a new ledger although another one was used: issues that were sent can be sent again. A damaged one is
    /// renamed.
    #[arg(long)]
    new_ledger: bool,
    /// Use this ledger although it is older than the last run, or another one: deliveries that it does not have are sent again.
    #[arg(long, conflicts_with = "new_ledger")]
    accept_restored: bool,
    /// Use another key than before, or generate one if it is lost: unsubscribe links in mailed messages stop working.
    #[arg(long)]
    new_key: bool,
}

impl LedgerArguments {
    fn policy(&self) -> LedgerPolicy {
        LedgerPolicy {
            new_ledger: self.new_ledger,
            accept_restored: self.accept_restored,
            new_key: self.new_key,
        }
    }
}

/// What is written about a run.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct OutputArguments {
    /// Append each outcome to this file as a line of JSON, with hashes of the addresses.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
    /// Write addresses to the log instead of their hashes.
    #[arg(long, requires = "log")]
    log_addresses: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl OutputArguments {
    /// Opens the log, before anything is sent.
    fn events(&self, agreement: Agreement) -> Result<Arc<dyn Events>, Failure> {
        let printer = Arc::new(Printer::new(agreement));
        Ok(match &self.log {
            Some(path) => Arc::new(OutcomeLog::open(path, self.log_addresses, printer)?),
            None => printer,
        })
    }

    /// Runs a command, and prints what it reports if JSON is wanted.
    fn report(
        &self,
        command: impl FnOnce(&mut JsonReport) -> Result<Exit, Failure>,
    ) -> Result<Exit, Failure> {
        let mut report = JsonReport::default();
        let done = command(&mut report);
        if self.json {
            report.print(&done);
        }
        done
    }
}

/// What is sent, to whom, and agreement.
#[derive(Debug, Default, Args)]
pub(in crate::cli) struct Arguments {
    /// The issue, by name or file.
    #[arg(required_unless_present = "due", add = complete::issues())]
    issue: Option<String>,
    /// Send or continue every issue that is due; for cron and systemd.
    #[arg(long, conflicts_with_all = ["issue", "test", "only", "dry_run", "confirm"])]
    due: bool,
    /// How late a scheduled issue may begin, such as `6h` or `90m`.
    #[arg(
        long,
        value_name = "TIME",
        value_parser = values::time,
        default_value = "6h",
        requires = "due",
        conflicts_with = "issue"
    )]
    max_late: SignedDuration,
    /// Hold a campaign whose work has been due for longer than this without a run, such as `24h`; `franking resume`
    /// continues it.
    #[arg(long, value_name = "TIME", value_parser = values::time, default_value = MAX_GAP)]
    max_gap: SignedDuration,
    /// How long to wait for a list that cannot be read completely, such as `60s`.
    #[arg(long, value_name = "TIME", value_parser = values::time, default_value = LIST_WAIT)]
    list_wait: SignedDuration,
    /// Send the frozen edition although the issue's file is gone.
    #[arg(long, conflicts_with = "due")]
    frozen: bool,
    /// List what would be sent, and send nothing.
    #[arg(long, conflicts_with = "log")]
    dry_run: bool,
    /// Send to this subscriber only; the others wait until the issue is sent without this option.
    #[arg(long, value_name = "ADDRESS")]
    only: Option<String>,
    /// Send one copy, marked as a test, to this address, without recording it.
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["only", "dry_run", "log"])]
    test: Option<String>,
    /// Send an issue now although its `send_at` is in the future.
    #[arg(long, conflicts_with = "due")]
    now: bool,
    /// Send an issue although the same was sent before under another name; NAME repeats the name of this issue.
    #[arg(long, value_name = "NAME", conflicts_with = "due")]
    again_as: Option<String>,
    /// Do not ask for confirmation.
    #[arg(long)]
    yes: bool,
    /// Do not ask, but fail unless there are exactly this many recipients.
    #[arg(long, value_name = "COUNT", value_parser = values::count)]
    confirm: Option<usize>,
    /// Accept all refusals, even if the relay refuses one recipient after the other.
    #[arg(long)]
    believe_refusals: bool,
    /// Send without TLS to another machine.
    #[arg(long)]
    allow_plaintext: bool,
    #[command(flatten)]
    accepted: LedgerArguments,
    #[command(flatten)]
    output: OutputArguments,
}

impl Arguments {
    fn options(&self) -> Result<SendOptions, Failure> {
        Ok(SendOptions {
            only: self.only.as_deref().map(parse_address).transpose()?,
            max_gap: self.max_gap,
            list_wait: self.list_wait,
            frozen: self.frozen,
            now: self.now,
            believe_refusals: self.believe_refusals,
            allow_plaintext: self.allow_plaintext,
            ledger: self.accepted.policy(),
        })
    }
}

pub(super) fn execute(arguments: &Arguments, workspace: &Workspace) -> Result<Exit, Failure> {
    arguments.output.report(|report| match arguments.due {
        true => due::execute(arguments, workspace, report),
        false => one(arguments, workspace, report),
    })
}

/// Sends one issue, lists its recipients, or sends a test.
fn one(
    arguments: &Arguments,
    workspace: &Workspace,
    report: &mut JsonReport,
) -> Result<Exit, Failure> {
    // Before anything is done with the rest of the arguments.
    let options = arguments.options()?;
    let test = arguments.test.as_deref().map(parse_address).transpose()?;
    let sources = workspace.load()?;
    let given = arguments.issue.as_deref().unwrap_or_default();
    let name = workspace.issue_or_campaign_name(given, &sources)?;
    report.add(json!({ "issue": name }));
    confirm::name_again(arguments, &name)?;
    if let Some(to) = test {
        let plain = arguments.allow_plaintext;
        let sent = campaign::test_send(workspace, &sources, &name, &to, plain)?;
        terminal::findings(&sent.checked.findings);
        terminal::say(&format!("test to {to}: {}", sent.reply));
        report.add(json!({ "address": to.as_str() }));
        report.add(sent.json());
        return Ok(Exit::Done);
    }
    let events = arguments.output.events(Agreement::of(arguments))?;
    let request = SendRequest {
        workspace,
        sources: &sources,
        issue: &name,
        options: &options,
        events: &events,
    };
    if arguments.dry_run {
        return dry_run::execute(&request, arguments.output.json, report);
    }
    let sent = campaign::send(&request, arguments.again_as.is_some())?;
    report.add(SendSummary::from(&sent));
    report::print_sent(sent, workspace)
}
