//! `franking list`: one subcommand a file

mod count;

use clap::{Args, Subcommand};

use crate::cli::exit::Exit;
use crate::workspace::{Failure, Workspace};

/// The arguments of `franking list`.
#[derive(Debug, Args)]
pub(super) struct ListArguments {
    #[command(subcommand)]
    command: ListCommand,
}

#[derive(Debug, Subcommand)]
enum ListCommand {
    /// Count the subscribers that a rule selects, by status.
    #[command(after_help = "Example:\n  franking list count 'tag:members and not lang:fr'")]
    Count(count::CountArguments),
}

pub(super) fn execute(arguments: &ListArguments, workspace: &Workspace) -> Result<Exit, Failure> {
    match &arguments.command {
        ListCommand::Count(arguments) => count::execute(arguments, workspace),
    }
}
