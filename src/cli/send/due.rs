//! `franking send --due`: what cron and systemd call.

use std::sync::Arc;

use super::confirm::Agreement;
use super::events::Printer;
use super::{Arguments, report};
use crate::campaign::{Due, Events, RunReport};
use crate::cli::exit::Exit;
use crate::cli::{schedule, terminal};
use crate::workspace::{Failure, FailureKind, Workspace};

/// Sends or continues what is due, once. If another run holds the lock, it does the work, which is not an error.
pub(super) fn execute(arguments: &Arguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let events: Arc<dyn Events> = Arc::new(Printer::new(Agreement::of(arguments)));
    let options = arguments.options()?;
    let mut due = match Due::open(workspace, &options, arguments.max_late, &events) {
        Ok(due) => due,
        Err(failure) if failure.kind == FailureKind::Locked => {
            terminal::say(failure.message());
            return Ok(Exit::Done);
        }
        Err(failure) => return Err(failure),
    };
    due.problems().iter().for_each(schedule::print_problem);
    due.remember_problems()?;
    let mut worst = match due.problems().is_empty() {
        true => Exit::Done,
        false => Exit::Findings,
    };
    while let Some(sent) = due.send_next() {
        let exit = sent.and_then(|sent| print(sent, workspace));
        let exit = exit.unwrap_or_else(|failure| crate::cli::exit::report(&failure));
        // A problem with one issue does not stop the next, but the timer must learn of it.
        if exit != Exit::Done {
            worst = exit;
        }
        if exit == Exit::Interrupted {
            break;
        }
    }
    Ok(worst)
}

fn print(sent: Option<RunReport>, workspace: &Workspace) -> Result<Exit, Failure> {
    let Some(sent) = sent else {
        return Ok(Exit::Done);
    };
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
