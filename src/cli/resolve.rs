//! `franking resolve ISSUE`

use clap::Args;

use super::send::report::totals;
use super::status;
use crate::campaign::{self, Decisions, Resolved};
use crate::cli::complete;
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::diag::counted;
use crate::store::{Send, State};
use crate::util::timestamp;
use crate::workspace::{Failure, Workspace};

/// Which campaign, and what was found in the relay's log.
#[derive(Debug, Args)]
pub(super) struct ResolveArguments {
    /// The issue, by name or file.
    #[arg(add = complete::campaigns())]
    issue: String,
    /// The relay accepted the messages to these recipients: record them as accepted.
    #[arg(long, value_name = "ADDRESS", num_args = 1..)]
    arrived: Vec<String>,
    /// The relay did not accept the messages to these recipients: the next run sends them again.
    #[arg(long, value_name = "ADDRESS", num_args = 1..)]
    missing: Vec<String>,
    /// The relay accepted the messages of all other uncertain deliveries.
    #[arg(long, conflicts_with = "all_missing")]
    all_arrived: bool,
    /// The relay did not accept the messages of all other uncertain deliveries.
    #[arg(long)]
    all_missing: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(
    arguments: &ResolveArguments,
    workspace: &Workspace,
) -> Result<Exit, Failure> {
    let others = (arguments.all_arrived || arguments.all_missing).then_some(arguments.all_arrived);
    let decisions = Decisions::parse(&arguments.arrived, &arguments.missing, others)?;
    let sources = workspace.load()?;
    let name = workspace.issue_or_campaign_name(&arguments.issue, &sources)?;
    let resolved = campaign::resolve(workspace, &sources, &name, &decisions)?;
    let resolved = terminal::warned(resolved);
    match arguments.json {
        true => drop(super::print(&format!("{}\n", resolved.json()))),
        false => {
            print(&resolved);
            print_next(&resolved);
        }
    }
    // Without a decision, the command only reports, and a person is still needed.
    let is_report = resolved.resolved.is_empty();
    Ok(match is_report && !resolved.uncertain.is_empty() {
        true => Exit::Findings,
        false => Exit::Done,
    })
}

fn print(resolved: &Resolved) {
    let mut out = String::new();
    for delivery in &resolved.resolved {
        out.push_str(&status::line(delivery));
    }
    if !resolved.resolved.is_empty() {
        out.push_str(&format!("{}\n", totals(&resolved.totals)));
    }
    for (delivery, id) in &resolved.uncertain {
        out.push_str(&status::line(delivery));
        let at = delivery.changed_at.map(timestamp::format);
        out.push_str(&format!("           {}  <{id}>\n", at.unwrap_or_default()));
    }
    super::print(&out);
}

/// Names the commands that come next.
fn print_next(resolved: &Resolved) {
    let issue = &resolved.send.issue;
    let is_open = resolved.send.finished_at.is_none();
    let missing = resolved.resolved.iter();
    let missing = missing.filter(|delivery| delivery.state == State::Ready);
    match missing.count() {
        0 if is_open && !resolved.send.is_cancelled() && !resolved.resolved.is_empty() => {
            terminal::say(&format!("next: `franking send {issue}` continues"));
        }
        0 => {}
        count => terminal::say(&format!(
            "next: `franking send {issue}` sends {} again",
            counted(count, "message")
        )),
    }
    match resolved.uncertain.len() {
        0 if resolved.resolved.is_empty() => terminal::say("no delivery is uncertain"),
        0 => {}
        count => terminal::say(&how_to_resolve(&resolved.send, count)),
    }
}

fn how_to_resolve(send: &Send, count: usize) -> String {
    let issue = &send.issue;
    let missing = match send.is_cancelled() {
        true => {
            "If it is not there (the recipient is then excluded, because the campaign is cancelled)"
        }
        false => "If it is not there (the next run sends it again)",
    };
    format!(
        "{count} uncertain: look for the Message-ID in the relay's log, at about that time. If it is there:\n  \
         franking resolve {issue} --arrived ADDRESS...\n{missing}:\n  \
         franking resolve {issue} --missing ADDRESS..."
    )
}
