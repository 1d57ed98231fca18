//! `franking plan ISSUE`

mod report;
mod tables;

use std::sync::Arc;

use clap::Args;
use jiff::SignedDuration;

use crate::campaign::{self, Events, Planned, SendOptions, SendRequest};
use crate::cli::complete;
use crate::cli::exit::Exit;
use crate::cli::send::{Agreement, Printer};
use crate::cli::terminal;
use crate::store::Send;
use crate::util::{timestamp, values};
use crate::workspace::{Failure, Workspace, parse_address};
use report::PlanReport;

/// What is planned, and on which assumptions.
#[derive(Debug, Args)]
pub(super) struct PlanArguments {
    /// The issue, by name or file.
    #[arg(add = complete::issues())]
    issue: String,
    /// Assume that the relay takes this long for a message over one connection, such as `80ms` [default: 0].
    #[arg(long, value_name = "TIME", value_parser = values::time, alias = "letter-time")]
    message_time: Option<SignedDuration>,
    /// Plan for this subscriber only, as `send --only` does.
    #[arg(long, value_name = "ADDRESS")]
    only: Option<String>,
    /// Print JSON, with every domain and every day.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &PlanArguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let message_time = arguments.message_time.map(SignedDuration::unsigned_abs);
    let options = SendOptions {
        only: arguments.only.as_deref().map(parse_address).transpose()?,
        frozen: true,
        ..SendOptions::default()
    };
    let sources = workspace.load()?;
    let name = workspace.issue_or_campaign_name(&arguments.issue, &sources)?;
    let events: Arc<dyn Events> = Arc::new(Printer::new(Agreement::default()));
    let request = SendRequest {
        workspace,
        sources: &sources,
        issue: &name,
        options: &options,
        events: &events,
    };
    let plan = match campaign::plan(request, message_time)? {
        Planned::Over(send) => return Ok(finished(&send, arguments.json)),
        Planned::Ahead(plan) => *plan,
    };
    let report = PlanReport {
        issue: &name,
        newsletter: &sources.newsletter,
        plan,
        message_time,
    };
    Ok(super::print(&if arguments.json {
        let newsletter = &sources.newsletter;
        format!("{}\n", report.plan.json(&name, newsletter, message_time))
    } else {
        report.text()
    }))
}

fn finished(send: &Send, as_json: bool) -> Exit {
    if as_json {
        return super::print(&format!("{}\n", campaign::finished_plan(send)));
    }
    if send.is_cancelled() {
        terminal::say(campaign::braked(send).message());
        return Exit::Done;
    }
    let when = send.finished_at.map(timestamp::format).unwrap_or_default();
    terminal::say(&format!(
        "`{}` was sent by {when}; there is nothing to do",
        send.issue
    ));
    Exit::Done
}
