//! `franking status [ISSUE]`

mod text;

use clap::Args;

use crate::campaign::{self, CampaignList, CampaignStatus, CampaignSummary};
use crate::cli::complete;
use crate::cli::exit::Exit;
use crate::cli::terminal::{self, Pages};
use crate::store::{DeliveryCondition, Store};
use crate::util::timestamp;
use crate::workspace::{Failure, Workspace};

pub(super) use text::line;

/// The arguments of `franking status`.
#[derive(Debug, Args)]
pub(super) struct StatusArguments {
    /// The issue, by name or file [default: all campaigns].
    #[arg(add = complete::campaigns())]
    issue: Option<String>,
    /// List every recipient, including the accepted and the untried.
    #[arg(long, requires = "issue")]
    all: bool,
    /// List only deliveries with this state or code: state=refused, code=550, enhanced=5.1.1; code=5 matches 550, and
    /// conditions separated by commas must all match.
    #[arg(
        long = "where",
        value_name = "KEY=VALUE",
        value_delimiter = ',',
        requires = "issue",
        conflicts_with = "all"
    )]
    conditions: Vec<DeliveryCondition>,
    /// Print JSON, with every recipient or those that match.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &StatusArguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let sources = terminal::warned(workspace.load_for_ledger()?);
    let Some(store) = terminal::warned(workspace.ledger_to_read(&sources)?) else {
        terminal::say("nothing has been sent yet");
        return Ok(if arguments.json {
            super::print("{\"campaigns\":[]}\n")
        } else {
            Exit::Done
        });
    };
    match &arguments.issue {
        Some(given) => {
            let name = workspace.issue_or_campaign_name(given, &sources)?;
            let send = campaign::find_or_rehearsal(&name, &store, &sources, workspace)?;
            let status = campaign::status(&store, send, &sources, workspace)?;
            match (arguments.json, arguments.conditions.as_slice()) {
                (true, conditions) => print_json(&store, &status, conditions)?,
                (false, []) => text::print(&store, &status, arguments.all, workspace)?,
                (false, conditions) => text::print_matching(&store, &status, conditions)?,
            }
            Ok(Exit::Done)
        }
        None => {
            let list = campaign::campaigns(&store, &sources, workspace)?;
            Ok(super::print(&match arguments.json {
                true => format!("{}\n", list.json()),
                false => as_text(&list),
            }))
        }
    }
}

fn uncertain(count: u32) -> String {
    match count {
        0 => String::new(),
        count => format!(", {count} uncertain"),
    }
}

fn print_json(
    store: &Store,
    status: &CampaignStatus,
    conditions: &[DeliveryCondition],
) -> Result<(), Failure> {
    let mut out = Pages::default();
    status.write_json(store, conditions, |part| out.push(part))?;
    out.end();
    Ok(())
}

/// `sent      2026-11  20 of 21 accepted, 1 uncertain  2026-11-30T08:00:00Z`
fn as_text(list: &CampaignList) -> String {
    let all = list.campaigns.iter().chain(&list.rehearsals);
    let lines = all.map(|summary| {
        let CampaignSummary {
            send,
            progress,
            totals,
        } = summary;
        let what = if send.is_rehearsal {
            "written"
        } else {
            "accepted"
        };
        format!(
            "{progress:<9} {}  {} of {} {what}{}  {}\n",
            send.issue,
            totals.accepted,
            totals.recipients(),
            uncertain(totals.uncertain),
            timestamp::format(send.started_at)
        )
    });
    lines.collect()
}
