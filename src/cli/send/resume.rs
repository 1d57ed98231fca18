//! `franking resume ISSUE`: continue a campaign that is paused, held or stopped.

use clap::Args;
use serde_json::json;

use super::{Agreement, RunArguments, report};
use crate::campaign::{self, SendRequest, SendSummary};
use crate::cli::complete;
use crate::cli::exit::Exit;
use crate::workspace::{Failure, Workspace};

/// Which campaign, from which files, and agreement.
#[derive(Debug, Args)]
pub(in crate::cli) struct ResumeArguments {
    /// The issue, by name or file.
    #[arg(add = complete::unfinished_campaigns())]
    issue: String,
    /// Send the current files to recipients to whom certainly no message was sent; the others keep their edition.
    #[arg(long, conflicts_with = "frozen")]
    corrected: bool,
    #[command(flatten)]
    run: RunArguments,
}

pub(in crate::cli) fn execute(
    arguments: &ResumeArguments,
    workspace: &Workspace,
) -> Result<Exit, Failure> {
    arguments.run.report(|report| {
        let sources = workspace.load()?;
        let name = workspace.issue_or_campaign_name(&arguments.issue, &sources)?;
        report.add(json!({ "issue": name }));
        let agreement =
            Agreement::new(&arguments.run, &arguments.issue).correcting(arguments.corrected);
        let events = arguments.run.events(agreement)?;
        let request = SendRequest {
            workspace,
            sources: &sources,
            issue: &name,
            options: &arguments.run.options(),
            events: &events,
        };
        let sent = campaign::resume(&request, arguments.corrected)?;
        report.add(SendSummary::from(&sent));
        report::print_sent(sent, workspace)
    })
}
