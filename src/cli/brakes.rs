//! `franking pause ISSUE` and `franking cancel ISSUE`

use clap::Args;

use super::send::report::totals;
use crate::campaign;
use crate::cli::complete;
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::diag::counted;
use crate::store::{Send, Store};
use crate::workspace::{Failure, FailureKind, Sources, Workspace};

/// Which campaign, and why.
#[derive(Debug, Args)]
pub(super) struct Pause {
    /// The issue, by name or file.
    #[arg(add = complete::unfinished_campaigns())]
    issue: String,
    /// The reason, which `status` shows.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Which campaign, and agreement.
#[derive(Debug, Args)]
pub(super) struct Cancel {
    /// The issue, by name or file.
    #[arg(add = complete::unfinished_campaigns())]
    issue: String,
    /// Do not ask for confirmation; required without a terminal.
    #[arg(long)]
    yes: bool,
}

pub(super) fn pause(arguments: &Pause, workspace: &Workspace) -> Result<Exit, Failure> {
    let sources = terminal::warned(workspace.load_for_ledger()?);
    let (mut store, send) = find(&arguments.issue, &sources, workspace)?;
    let why = arguments.reason.as_deref().unwrap_or("by `franking pause`");
    let paused = campaign::pause(&mut store, &send, why, &sources, workspace)?;
    let issue = &paused.send.issue;
    let Some(left) = paused.left else {
        let brake = paused.send.brake.as_ref();
        let state = brake.map_or("stopped", |braked| braked.brake.as_str());
        terminal::say(&format!("`{issue}` is {state} already"));
        return Ok(Exit::Done);
    };
    terminal::say(&format!(
        "`{issue}` is paused; {} left, and messages in flight finish",
        recipients(left)
    ));
    terminal::say(&match paused.has_file {
        true => format!("`franking resume {issue}` continues"),
        false => format!(
            "its file is gone: `franking resume {issue} --frozen` continues with the frozen edition"
        ),
    });
    Ok(Exit::Done)
}

pub(super) fn cancel(arguments: &Cancel, workspace: &Workspace) -> Result<Exit, Failure> {
    let sources = terminal::warned(workspace.load_for_ledger()?);
    let (mut store, send) = find(&arguments.issue, &sources, workspace)?;
    if let Some(open) = campaign::open_recipients(&store, &send, &sources, workspace)? {
        confirm(arguments, open)?;
    }
    let cancelled = campaign::cancel(&mut store, &send, &sources, workspace)?;
    terminal::say(&totals(&cancelled.totals));
    terminal::say(&format!(
        "`{}` is cancelled; {} excluded permanently",
        send.issue,
        recipients(cancelled.excluded)
    ));
    // All that waited is excluded, so that a run is sending what is untried.
    if cancelled.totals.open() > 0 {
        terminal::say(&format!(
            "{} in flight (untried above): the active run sends or excludes them",
            recipients(cancelled.totals.open())
        ));
    }
    Ok(Exit::Done)
}

fn recipients(count: u32) -> String {
    counted(usize::try_from(count).unwrap_or(usize::MAX), "recipient")
}

/// Asks for agreement, because a cancellation cannot be undone.
fn confirm(arguments: &Cancel, open: u32) -> Result<(), Failure> {
    if arguments.yes {
        return Ok(());
    }
    if !terminal::can_ask() {
        let message = "confirmation required, but standard input is not a terminal";
        return Err(
            Failure::new(FailureKind::Usage, message).hint("nothing was cancelled; use `--yes`")
        );
    }
    let answer = terminal::ask(&format!(
        "type {open} to exclude that many recipients permanently: "
    ));
    if answer.as_deref() == Some(open.to_string().as_str()) {
        return Ok(());
    }
    Err(Failure::new(FailureKind::Usage, "nothing was cancelled"))
}

fn find(given: &str, sources: &Sources, workspace: &Workspace) -> Result<(Store, Send), Failure> {
    let name = workspace.issue_or_campaign_name(given, sources)?;
    Ok(terminal::warned(campaign::find(&name, sources, workspace)?))
}
