//! `franking resume ISSUE`: continue a campaign that is paused, held or stopped.

use clap::Args;
use jiff::SignedDuration;
use serde_json::json;

use super::{Agreement, JsonReport, LIST_WAIT, report};
use crate::campaign::{self, SendRequest, SendSummary};
use crate::cli::complete;
use crate::cli::exit::Exit;
use crate::cli::values;
use crate::workspace::{Failure, Workspace};

/// Which campaign, from which files, and agreement.
#[derive(Debug, Args)]
pub(in crate::cli) struct Arguments {
    /// The issue, by name or file.
    #[arg(add = complete::unfinished_campaigns())]
    issue: String,
    /// Send the present files to recipients to whom no message may have left; the others keep their edition.
    #[arg(long, conflicts_with = "frozen")]
    corrected: bool,
    /// Send the frozen edition although the issue's file is gone.
    #[arg(long)]
    frozen: bool,
    /// Do not ask for confirmation.
    #[arg(long)]
    yes: bool,
    /// Do not ask, but fail unless there are exactly this many recipients.
    #[arg(long, value_name = "COUNT", value_parser = values::count)]
    confirm: Option<usize>,
    /// Send an issue now although its `send_at` is in the future.
    #[arg(long)]
    now: bool,
    /// How long to wait for a list that cannot be read completely, such as `60s`.
    #[arg(long, value_name = "TIME", value_parser = values::time, default_value = LIST_WAIT)]
    list_wait: SignedDuration,
    /// Accept all refusals, even if the relay refuses one recipient after the other.
    #[arg(long)]
    believe_refusals: bool,
    /// Send without TLS to another machine.
    #[arg(long)]
    allow_plaintext: bool,
    #[command(flatten)]
    accepted: super::LedgerArguments,
    #[command(flatten)]
    output: super::OutputArguments,
}

impl Arguments {
    /// What `send` would be called with.
    fn of_send(&self) -> super::Arguments {
        super::Arguments {
            issue: Some(self.issue.clone()),
            frozen: self.frozen,
            yes: self.yes,
            confirm: self.confirm,
            now: self.now,
            list_wait: self.list_wait,
            believe_refusals: self.believe_refusals,
            allow_plaintext: self.allow_plaintext,
            accepted: self.accepted.clone(),
            ..super::Arguments::default()
        }
    }
}

pub(in crate::cli) fn execute(
    arguments: &Arguments,
    workspace: &Workspace,
) -> Result<Exit, Failure> {
    let output = &arguments.output;
    output.report(|report| resume(arguments, workspace, report))
}

fn resume(
    arguments: &Arguments,
    workspace: &Workspace,
    report: &mut JsonReport,
) -> Result<Exit, Failure> {
    let sources = workspace.load()?;
    let name = workspace.issue_or_campaign_name(&arguments.issue, &sources)?;
    report.add(json!({ "issue": name }));
    let of_send = arguments.of_send();
    let events = arguments.output.events(Agreement::of(&of_send))?;
    let request = SendRequest {
        workspace,
        sources: &sources,
        issue: &name,
        options: &of_send.options()?,
        events: &events,
    };
    let sent = campaign::resume(&request, arguments.corrected)?;
    report.add(SendSummary::from(&sent));
    report::print_sent(sent, workspace)
}
