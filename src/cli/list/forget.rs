//! `franking list forget ADDRESS`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::roster::{self, ForgetReport};
use crate::workspace::{Failure, FailureKind, Workspace, parse_address};

/// Whom.
#[derive(Debug, Args)]
pub(super) struct ForgetArguments {
    /// The address.
    address: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &ForgetArguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let sources = workspace.load_for_list()?;
    let address = parse_address(&arguments.address)?;
    let report = roster::forget(workspace, &sources, &address, &mut terminal::warn_once)?;
    if arguments.json {
        crate::cli::print(&format!("{}\n", report.json()));
    } else {
        report.lines().iter().for_each(|line| terminal::say(line));
    }
    if report.is_done() {
        return Ok(Exit::Done);
    }
    Err(unfinished(&report))
}

fn unfinished(report: &ForgetReport) -> Failure {
    let message = "the person is not forgotten yet";
    let left = report.what_is_left();
    Failure::new(FailureKind::NeedsAttention, message)
        .hint(format!("{}; then run the command again", left.join("; ")))
}
