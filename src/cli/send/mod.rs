//! `franking send ISSUE`, `franking send --due` and `franking resume ISSUE`

mod arguments;
mod confirm;
mod dry_run;
mod due;
mod events;
mod json;
pub(super) mod report;
pub(super) mod resume;
mod signals;

use clap::Args;
use jiff::SignedDuration;
use serde_json::json;

use crate::campaign::{self, SendOptions, SendRequest, SendSummary};
use crate::cli::complete;
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::util::values;
use crate::workspace::{Failure, Workspace, parse_address};

use arguments::RunArguments;
pub(super) use confirm::Agreement;
pub(super) use events::Printer;
pub(super) use json::JsonReport;

/// What is sent, to whom, and agreement.
#[derive(Debug, Args)]
pub(in crate::cli) struct SendArguments {
    /// The issue, by name or file.
    #[arg(required_unless_present = "due", add = complete::issues())]
    issue: Option<String>,
    /// Send or continue every issue that is due; for cron and systemd.
    #[arg(long, conflicts_with_all = ["issue", "test", "only", "dry_run", "confirm", "frozen", "now"])]
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
    /// Hold a campaign if its deliveries have been due for longer than this and no run has tried them, such as `24h`;
    /// `franking resume` continues it.
    #[arg(long, value_name = "TIME", value_parser = values::time, default_value = "24h")]
    max_gap: SignedDuration,
    /// List what would be sent, and send nothing.
    #[arg(long, conflicts_with = "log")]
    dry_run: bool,
    /// Send to this subscriber only; the others wait until the issue is sent without this option.
    #[arg(long, value_name = "ADDRESS")]
    only: Option<String>,
    /// Send one copy, marked as a test, to this address, without recording it.
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["only", "dry_run", "log"])]
    test: Option<String>,
    /// Send this issue although the same content was sent before under another name; NAME must be the name of this issue.
    #[arg(long, value_name = "NAME", conflicts_with = "due")]
    again_as: Option<String>,
    #[command(flatten)]
    run: RunArguments,
}

impl SendArguments {
    fn options(&self) -> Result<SendOptions, Failure> {
        Ok(SendOptions {
            only: self.only.as_deref().map(parse_address).transpose()?,
            max_gap: self.max_gap,
            ..self.run.options()
        })
    }
}

pub(super) fn execute(arguments: &SendArguments, workspace: &Workspace) -> Result<Exit, Failure> {
    arguments.run.report(|report| match arguments.due {
        true => due::execute(arguments, workspace, report),
        false => one(arguments, workspace, report),
    })
}

/// Sends one issue, lists its recipients, or sends a test.
fn one(
    arguments: &SendArguments,
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
        let plain = arguments.run.allow_plaintext;
        let sent = campaign::test_send(workspace, &sources, &name, &to, plain)?;
        terminal::findings(&sent.checked.findings);
        terminal::say(&format!("test to {to}: {}", sent.reply));
        report.add(json!({ "address": to.as_str() }));
        report.add(sent.json());
        return Ok(Exit::Done);
    }
    let events = arguments.run.events(Agreement::of(arguments))?;
    let request = SendRequest {
        workspace,
        sources: &sources,
        issue: &name,
        options: &options,
        events: &events,
    };
    if arguments.dry_run {
        return dry_run::execute(&request, arguments.run.json, report);
    }
    let sent = campaign::send(&request, arguments.again_as.is_some())?;
    report.add(SendSummary::from(&sent));
    report::print_sent(sent, workspace)
}
