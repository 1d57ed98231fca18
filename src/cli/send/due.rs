//! `franking send --due`: what cron and systemd call.

use std::io::IsTerminal;

use serde_json::{Value, json};

use super::confirm::Agreement;
use super::{JsonReport, SendArguments, report};
use crate::campaign::{Due, RunReport, SendSummary};
use crate::cli::exit::Exit;
use crate::cli::{schedule, terminal};
use crate::workspace::{Failure, FailureKind, Workspace};

/// Sends or continues what is due, once. If another run holds the lock, it does the work, which is not an error.
pub(super) fn execute(
    arguments: &SendArguments,
    workspace: &Workspace,
    report: &mut JsonReport,
) -> Result<Exit, Failure> {
    report.add(json!({ "problems": [], "runs": [] }));
    let events = arguments.run.events(Agreement::of(arguments))?;
    let options = arguments.options()?;
    let mut due = match Due::open(workspace, &options, arguments.max_late, &events) {
        Ok(due) => due,
        Err(failure) if failure.kind == FailureKind::Locked => {
            // Without a terminal, cron would mail each overlap.
            if std::io::stderr().is_terminal() || terminal::is_verbose() {
                terminal::say(failure.message());
            }
            return Ok(Exit::Done);
        }
        Err(failure) => return Err(failure),
    };
    due.problems().iter().for_each(schedule::print_problem);
    report.add(json!({ "problems": due.problems() }));
    due.remember_problems()?;
    let (exit, runs) = send_all(&mut due, workspace);
    report.add(json!({ "runs": runs }));
    // A run may have paused or held its campaign, which it has reported itself.
    due.remember_problems()?;
    Ok(exit)
}

/// Sends one issue after the other, and returns the worst exit code and the runs as JSON.
fn send_all(due: &mut Due<'_>, workspace: &Workspace) -> (Exit, Vec<Value>) {
    let mut worst = match due.problems().is_empty() {
        true => Exit::Done,
        false => Exit::Findings,
    };
    let mut runs = Vec::new();
    while let Some((issue, sent)) = due.send_next() {
        let mut run = JsonReport::default();
        run.add(json!({ "issue": issue }));
        let done = sent.and_then(|sent| print(sent, workspace, &mut run));
        runs.push(run.value(&done));
        let exit = done.unwrap_or_else(|failure| crate::cli::exit::report(&failure));
        // A problem with one issue does not stop the next, but the timer must learn of it.
        worst = worse(worst, exit);
        if exit == Exit::Interrupted {
            break;
        }
    }
    (worst, runs)
}

/// The code that needs a person more: systemd counts "work is left" and "interrupted" as success. Of two other codes, the
/// later counts.
fn worse(before: Exit, now: Exit) -> Exit {
    let rank = |exit| match exit {
        Exit::Done => 0,
        Exit::WorkLeft => 1,
        Exit::Interrupted => 2,
        _ => 3,
    };
    match rank(now) >= rank(before) {
        true => now,
        false => before,
    }
}

fn print(
    sent: Option<RunReport>,
    workspace: &Workspace,
    run: &mut JsonReport,
) -> Result<Exit, Failure> {
    let Some(sent) = sent else {
        return Ok(Exit::Done);
    };
    run.add(SendSummary::from(&sent));
    let rehearsed = sent.send.is_rehearsal.then(|| sent.send.issue.clone());
    match (report::print(sent, workspace)?, rehearsed) {
        (Exit::Done, Some(issue)) => Err(Failure::new(
            FailureKind::NeedsAttention,
            format!("`{issue}` is due, and nothing was mailed"),
        )
        .hint("newsletter.toml has no [smtp]; with one, the next run mails the issue")),
        (exit, _) => Ok(exit),
    }
}
