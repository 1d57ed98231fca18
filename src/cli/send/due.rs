//! `franking send --due`: what cron and systemd call.

use super::super::schedule;
use super::Arguments;
use super::sending::Sending;
use crate::campaign::schedule::{Problem, Reports, Slot, Standing};
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::diag::Findings;
use crate::store::{Send, Store};
use crate::workspace::{
    self, Failure, FailureKind, Workspace, create_private_directory, display_path,
};

/// Takes the lock, sends or goes on with whatever is due, once, and ends. Where another run holds the lock
/// the work is being done, which is no fault of this one.
pub(super) fn execute(arguments: &Arguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let late = arguments.max_late;
    let sources = match workspace::read(workspace.require_newsletter()?) {
        Ok(sources) => sources,
        Err(gaps) => return report_settings(&gaps.findings, workspace),
    };
    let mut lock = match workspace.lock("send --due") {
        Ok(lock) => lock,
        Err(failure) if failure.kind == FailureKind::Locked => {
            terminal::say(failure.message());
            return Ok(Exit::Done);
        }
        Err(failure) => return Err(failure),
    };
    let store =
        terminal::warned(workspace.ledger_to_resume(&sources, arguments.accepted.policy())?);
    let view = schedule::view(workspace, &sources, store.as_ref(), late);
    let survey = view.survey()?;
    let is_due = |slot: &&Slot| matches!(slot.standing, Standing::Due | Standing::Begun);
    let due = survey.slots.iter().filter(is_due);
    let due: Vec<Slot> = due.cloned().collect();
    let mut worst = report(&view.problems(survey), workspace)?;
    drop(store);
    for slot in due {
        let sending = Sending {
            arguments,
            workspace,
            sources: &sources,
            issue: &slot.issue,
        };
        // The caller gets the status; if that cannot be written, nothing else can.
        let _ = lock.set_issue(&slot.issue);
        let exit =
            send(&sending, &slot).unwrap_or_else(|failure| crate::cli::exit::report(&failure));
        // One issue in trouble does not hold up the next, but the timer has to hear of it.
        if exit != Exit::Done {
            worst = exit;
        }
        if exit == Exit::Interrupted {
            break;
        }
    }
    Ok(worst)
}

/// Reports a `newsletter.toml` that cannot be used. Of the other problems nothing is known, so that they are reported
/// again afterwards.
fn report_settings(findings: &Findings, workspace: &Workspace) -> Result<Exit, Failure> {
    create_private_directory(&workspace.state())?;
    let problem = crate::campaign::schedule::settings_problem(findings);
    report(problem.as_slice(), workspace)
}

/// Reports the problems that are new, have changed, come near or are reported daily; the others fail no run.
fn report(problems: &[Problem], workspace: &Workspace) -> Result<Exit, Failure> {
    let path = workspace.state().join("reported.json");
    let mut reports = Reports::read(&path);
    let before = reports.clone();
    let is_new = reports.note(problems, workspace.now);
    let news = problems.iter().zip(is_new).filter(|(_, is_new)| *is_new);
    let news: Vec<&Problem> = news.map(|(problem, _)| problem).collect();
    news.iter().for_each(|problem| schedule::tell(problem));
    if reports != before {
        reports.write(&path).map_err(|error| {
            let message = format!("`{}` cannot be written", display_path(&path));
            Failure::new(FailureKind::LedgerUnavailable, message).caused_by(&error)
        })?;
    }
    Ok(if news.is_empty() {
        Exit::Done
    } else {
        Exit::Findings
    })
}

fn send(sending: &Sending<'_>, slot: &Slot) -> Result<Exit, Failure> {
    let policy = sending.arguments.accepted.policy();
    let mut store = terminal::warned(sending.workspace.ledger_to_send(sending.sources, policy)?);
    let Some(send) = store.send_of(sending.issue)? else {
        if sending.is_rehearsal() {
            return rehearse(sending, slot, store);
        }
        return sending.begin(store, None);
    };
    // Nothing to do until the next try is due: cron may call every minute.
    if !is_due(&store, &send, sending.workspace)? {
        return Ok(Exit::Done);
    }
    sending.require_no_gap(&mut store, &send)?;
    if sending.is_renewable(&store, &send)? {
        return sending.begin(store, Some(&send));
    }
    let send = sending.with_policy_of_today(send)?;
    sending.resume(store, send, false)
}

/// A timer without a relay: once per slot the messages become files, and the timer reports that nothing is mailed.
fn rehearse(sending: &Sending<'_>, slot: &Slot, store: Store) -> Result<Exit, Failure> {
    let since = slot.at.as_ref().map(|at| at.instant.as_second());
    let rehearsal = store.rehearsal_of(sending.issue)?;
    let is_whole = |send: &Send| send.finished_at.is_some() && Some(send.started_at) >= since;
    if rehearsal.as_ref().is_some_and(is_whole) {
        return Ok(Exit::Done);
    }
    match sending.begin(store, None)? {
        Exit::Done => Err(Failure::new(
            FailureKind::NeedsAttention,
            format!("`{}` is due, and nothing was mailed", sending.issue),
        )
        .hint("newsletter.toml has no [smtp]; with one, the next run mails the issue")),
        exit => Ok(exit),
    }
}

fn is_due(store: &Store, send: &Send, workspace: &Workspace) -> Result<bool, Failure> {
    let sum = store.sum(send)?;
    let next = store.next_due(send)?;
    Ok(sum.untried > 0 || next.is_none_or(|next| next <= workspace.now.as_second()))
}
