//! `franking pause ISSUE` and `franking cancel ISSUE`: brakes on a campaign, from any terminal or host.
//!
//! Neither needs the lock: a run notices the brake at its next lease or commit, and the messages on their way finish.

use clap::Args;

use super::dispatch::{self, account};
use super::status;
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::diag::counted;
use crate::store::{Brake, CANCELLED, Send, Store};
use crate::workspace::{Failure, FailureKind, Sources, Workspace};

/// Which campaign, and why.
#[derive(Debug, Args)]
pub(super) struct Pause {
    /// The issue, by name or file.
    issue: String,
    /// Why; `status` shows it.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

/// Which campaign, and who has agreed.
#[derive(Debug, Args)]
pub(super) struct Cancel {
    /// The issue, by name or file.
    issue: String,
    /// Do not ask; required without a terminal.
    #[arg(long)]
    yes: bool,
}

pub(super) fn pause(arguments: &Pause, workspace: &Workspace) -> Result<Exit, Failure> {
    let sources = terminal::warned(workspace.load_for_ledger()?);
    let (mut store, send) = begun(&arguments.issue, &sources, workspace)?;
    let why = arguments.reason.as_deref().unwrap_or("by `franking pause`");
    let is_new = store.pull(&send, Brake::Paused, why, workspace.now.as_second())?;
    let Some(send) = store.send_of(&send.issue)? else {
        return Err(status::not_sent(&arguments.issue));
    };
    if !is_new {
        return stopped_before(&send);
    }
    let open = store.sum(&send)?.open();
    terminal::say(&format!(
        "`{}` is paused; {} left, and messages on their way finish",
        send.issue,
        counted(usize::try_from(open).unwrap_or(usize::MAX), "recipient")
    ));
    terminal::say(&match dispatch::has_file(workspace, &send) {
        true => format!("`franking resume {}` continues", send.issue),
        false => format!(
            "its file is gone: `franking resume {} --frozen` continues with the frozen edition",
            send.issue
        ),
    });
    Ok(Exit::Done)
}

/// What is to be said of a campaign that cannot be paused any more, or need not.
fn stopped_before(send: &Send) -> Result<Exit, Failure> {
    match &send.brake {
        Some(braked) if braked.brake != Brake::Cancelled => {
            terminal::say(&format!(
                "`{}` is {} already",
                send.issue,
                braked.brake.as_str()
            ));
            Ok(Exit::Done)
        }
        _ => Err(over(send)),
    }
}

fn over(send: &Send) -> Failure {
    if send.is_cancelled() {
        return dispatch::braked(send);
    }
    let message = format!("`{}` was sent; there is nothing left to stop", send.issue);
    Failure::new(FailureKind::Usage, message)
}

pub(super) fn cancel(arguments: &Cancel, workspace: &Workspace) -> Result<Exit, Failure> {
    let sources = terminal::warned(workspace.load_for_ledger()?);
    let (mut store, send) = begun(&arguments.issue, &sources, workspace)?;
    if send.finished_at.is_some() && !send.is_cancelled() {
        return Err(over(&send));
    }
    if !send.is_cancelled() {
        agree(arguments, store.sum(&send)?.open())?;
    }
    cancelled(&mut store, &send, &sources, workspace)?;
    let sum = store.sum(&send)?;
    terminal::say(&account(&sum));
    let count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    let excluded = sum.reasons.get(CANCELLED).copied().unwrap_or_default();
    let recipients = counted(count(excluded), "recipient");
    terminal::say(&format!(
        "`{}` is cancelled; {recipients} excluded for good",
        send.issue
    ));
    // All that waited is excluded, so what is untried is in the hands of a run.
    if sum.open() > 0 {
        let recipients = counted(count(sum.open()), "recipient");
        terminal::say(&format!(
            "{recipients} in flight (untried above): the run that is sending serves or excludes them"
        ));
    }
    Ok(Exit::Done)
}

/// Cancels the campaign. A run that is at work ends it when it has given back what it has in hand; without one it is
/// ended here.
fn cancelled(
    store: &mut Store,
    send: &Send,
    sources: &Sources,
    workspace: &Workspace,
) -> Result<(), Failure> {
    let now = workspace.now.as_second();
    store.cancel(send, now)?;
    let task = format!("cancel {}", send.issue);
    match workspace.lock_for(&sources.newsletter.store, &task) {
        Ok(_lock) => store.settle_cancelled(send, now)?,
        Err(failure) if failure.kind == FailureKind::Locked => {}
        Err(failure) => return Err(failure),
    }
    Ok(())
}

/// A person has to agree, because nothing takes a cancellation back.
fn agree(arguments: &Cancel, open: u32) -> Result<(), Failure> {
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
        "type {open} to exclude that many recipients for good: "
    ));
    if answer.as_deref() == Some(open.to_string().as_str()) {
        return Ok(());
    }
    Err(Failure::new(FailureKind::Usage, "nothing was cancelled"))
}

fn begun(given: &str, sources: &Sources, workspace: &Workspace) -> Result<(Store, Send), Failure> {
    let name = workspace.issue_or_campaign_name(given, sources)?;
    status::begun(&name, sources, workspace)
}
