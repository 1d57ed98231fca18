//! `franking list`: one subcommand a file

mod add;
mod count;
mod export;
mod find;
mod forget;
mod history;
mod import;
mod remove;
mod show;
mod suppress;
mod tag;
mod update;

use clap::{Args, Subcommand};

use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::roster::{Roster, RosterChange};
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
        after_help = "Examples:\n  franking list import audience.zip --dry-run\n  franking list import crm.csv --map Mail=email --consent-source 'paper form'"
    )]
    Import(import::ImportArguments),
    /// List the subscribers that a rule selects.
    #[command(after_help = "Example:\n  franking list find 'email:*@rivers.example'")]
    Find(find::FindArguments),
    /// Show a subscriber, or why an address is suppressed.
    #[command(after_help = "Example:\n  franking list show ada@rivers.example --evidence")]
    Show(show::ShowArguments),
    /// Add a subscriber.
    #[command(
        after_help = "Example:\n  franking list add ada@rivers.example --tag members --consent 'paper form'"
    )]
    Add(add::AddArguments),
    /// Change values of a subscriber.
    #[command(
        after_help = "Example:\n  franking list update ada@rivers.example --language fr --unset name"
    )]
    Update(update::UpdateArguments),
    /// Remove people from the list. A suppression stays, and so does what the ledger knows of past issues; `forget` removes
    /// the person everywhere.
    #[command(after_help = "Example:\n  franking list remove ada@rivers.example")]
    Remove(remove::RemoveArguments),
    /// Add a tag to the subscribers that a rule selects.
    #[command(after_help = "Example:\n  franking list tag north 'attr.region = \"north\"' --yes")]
    Tag(tag::TagArguments),
    /// Remove a tag from the subscribers that a rule selects.
    #[command(after_help = "Example:\n  franking list untag north all --yes")]
    Untag(tag::TagArguments),
    /// Export the list with the people who left; `list import` reads it back.
    #[command(after_help = "Example:\n  franking list export --format jsonl --out list.jsonl")]
    Export(export::ExportArguments),
    /// Show the changes of the list and of suppressions.
    #[command(after_help = "Example:\n  franking list history ada@rivers.example")]
    History(history::HistoryArguments),
}

pub(super) fn execute(arguments: &ListArguments, workspace: &Workspace) -> Result<Exit, Failure> {
    match &arguments.command {
        ListCommand::Count(arguments) => count::execute(arguments, workspace),
        ListCommand::Suppress(arguments) => suppress::suppress(arguments, workspace),
        ListCommand::Unsuppress(arguments) => suppress::unsuppress(arguments, workspace),
        ListCommand::Forget(arguments) => forget::execute(arguments, workspace),
        ListCommand::Import(arguments) => import::execute(arguments, workspace),
        ListCommand::Find(arguments) => find::execute(arguments, workspace),
        ListCommand::Show(arguments) => show::execute(arguments, workspace),
        ListCommand::Add(arguments) => add::execute(arguments, workspace),
        ListCommand::Update(arguments) => update::execute(arguments, workspace),
        ListCommand::Remove(arguments) => remove::execute(arguments, workspace),
        ListCommand::Tag(arguments) => tag::execute(arguments, false, workspace),
        ListCommand::Untag(arguments) => tag::execute(arguments, true, workspace),
        ListCommand::Export(arguments) => export::execute(arguments, workspace),
        ListCommand::History(arguments) => history::execute(arguments, workspace),
    }
}

fn open(workspace: &Workspace) -> Result<Roster, Failure> {
    Ok(terminal::warned(Roster::open(
        workspace,
        &workspace.load_for_list()?,
    )?))
}

fn open_to_change(workspace: &Workspace) -> Result<RosterChange, Failure> {
    RosterChange::open(
        workspace,
        &workspace.load_for_list()?,
        &mut terminal::warn_once,
    )
}

/// Prints JSON if it is asked for, otherwise a message.
fn report(is_json: bool, json: &serde_json::Value, message: &str) -> Exit {
    match is_json {
        true => return crate::cli::print(&format!("{json}\n")),
        false => terminal::say(message),
    }
    Exit::Done
}
