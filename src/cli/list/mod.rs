//! `franking list`: one subcommand a file

mod count;
mod forget;
mod import;
mod suppress;

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
    /// Suppress an address: it is never mailed again.
    #[command(
        after_help = "Example:\n  franking list suppress ada@example.org --reason 'asked by telephone'"
    )]
    Suppress(suppress::Suppress),
    /// End the suppression of an address.
    #[command(
        after_help = "Example:\n  franking list unsuppress ada@example.org --reason 'asked by mail on 3 May'"
    )]
    Unsuppress(suppress::Unsuppress),
    /// Remove everything that is known about a person, except that the address must not be mailed.
    #[command(after_help = "Example:\n  franking list forget ada@example.org")]
    Forget(forget::ForgetArguments),
    /// Import files of other systems into the list in the store, with their opt-outs and evidence of consent.
    #[command(
        after_help = "Examples:\n  franking list import audience.zip --dry-run\n  franking list import members.csv --map Mail=email --map Consent=consent.at --consent-source 'paper form' --status active"
    )]
    Import(import::ImportArguments),
}

pub(super) fn execute(arguments: &ListArguments, workspace: &Workspace) -> Result<Exit, Failure> {
    match &arguments.command {
        ListCommand::Count(arguments) => count::execute(arguments, workspace),
        ListCommand::Suppress(arguments) => suppress::suppress(arguments, workspace),
        ListCommand::Unsuppress(arguments) => suppress::unsuppress(arguments, workspace),
        ListCommand::Forget(arguments) => forget::execute(arguments, workspace),
        ListCommand::Import(arguments) => import::execute(arguments, workspace),
    }
}
