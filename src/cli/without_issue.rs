//! A command without the issue that it needs: the list of those that it accepts.

use std::ffi::OsString;

use clap::CommandFactory;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::campaign::{self, IssueOverview, IssueState};
use crate::cli::{complete, terminal};
use crate::util::escape;
use crate::workspace::{Failure, FailureKind, Workspace};

/// What a command accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Accepted {
    Issues,
    Campaigns,
    UnfinishedCampaigns,
}

/// Prints the issues or campaigns that the command of `given` accepts and returns the error, if `error` is about a
/// missing issue.
pub(super) fn list(error: &clap::Error, given: &[OsString]) -> Option<Failure> {
    let is_about_issue = error.kind() == ErrorKind::MissingRequiredArgument
        && matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::Strings(missing)) if missing == &["<ISSUE>"]);
    if !is_about_issue {
        return None;
    }
    let lenient = super::Arguments::command().ignore_errors(true);
    let matches = lenient.try_get_matches_from(given).ok()?;
    let command = matches.subcommand_name()?;
    let accepted = match command {
        "build" | "plan" | "send" => Accepted::Issues,
        "pause" | "resume" | "cancel" => Accepted::UnfinishedCampaigns,
        "resolve" => Accepted::Campaigns,
        _ => return None,
    };
    let found = super::find(complete::folder(given.to_vec()));
    let printed = found.and_then(|workspace| print(&workspace, accepted));
    Some(match printed {
        Ok(count) => no_issue(command, accepted, count),
        Err(failure) => failure,
    })
}

/// Prints a line for each, and returns how many there are.
fn print(workspace: &Workspace, accepted: Accepted) -> Result<usize, Failure> {
    let sources = workspace.load_to_check()?;
    let store = terminal::warned(workspace.ledger_to_read(&sources)?);
    let mut rows = campaign::overview(workspace, &sources, store.as_ref())?;
    rows.retain(|row| accepted.includes(row));
    let width = rows.iter().map(|row| row.name.chars().count()).max();
    for IssueOverview { name, state } in &rows {
        let name = escape::terminal(name);
        let width = width.unwrap_or_default();
        terminal::say(&format!("  {name:<width$}  {state}"));
    }
    Ok(rows.len())
}

fn no_issue(command: &str, accepted: Accepted, count: usize) -> Failure {
    let hint = match (count, accepted) {
        (0, Accepted::Issues) => "create one with `franking new NAME`".to_owned(),
        (0, Accepted::Campaigns) => "nothing has been sent yet".to_owned(),
        (0, Accepted::UnfinishedCampaigns) => "no campaign is unfinished".to_owned(),
        _ => format!("name one of these: `franking {command} NAME`"),
    };
    Failure::new(FailureKind::Usage, "no issue given").hint(hint)
}

impl Accepted {
    fn includes(self, row: &IssueOverview) -> bool {
        match (self, &row.state) {
            (Self::Issues, _) | (Self::Campaigns, IssueState::Begun(..)) => true,
            (Self::UnfinishedCampaigns, state) => state.is_unfinished(),
            (Self::Campaigns, _) => false,
        }
    }
}
