//! `franking store migrate`

use clap::{Args, Subcommand};

use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::newsletter::config::FILE;
use crate::store::MigratedRows;
use crate::workspace::{self, Failure, Workspace};

/// The arguments of `franking store`.
#[derive(Debug, Args)]
pub(super) struct StoreArguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Move the ledger to another file or server.
    #[command(
        after_help = "Example:\n  franking store migrate --to postgres://franking@db.example.org/franking"
    )]
    Migrate(Migrate),
}

/// Where to.
#[derive(Debug, Args)]
struct Migrate {
    /// The new store, which must be empty: `postgres://user@host/database`, with the password in `PGPASSWORD`, or `sqlite:PATH`.
    /// A file that was the ledger before an earlier move is kept under another name.
    #[arg(long, value_name = "URL")]
    to: String,
}

pub(super) fn execute(arguments: &StoreArguments, workspace: &Workspace) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::Migrate(arguments) => migrate(&arguments.to, workspace),
    }
}

fn migrate(to: &str, workspace: &Workspace) -> Result<Exit, Failure> {
    let to = workspace::parse_store(to)?;
    let moved = terminal::warned(workspace.move_ledger(&to)?);
    super::print(&table(&moved.rows));
    terminal::say(&format!("moved from `{}` to `{}`", moved.from, moved.to));
    terminal::say(&format!(
        "now write the new store into {FILE}, as `[store]` `url`; the old one can no longer be opened"
    ));
    Ok(Exit::Done)
}

fn table(moved: &MigratedRows) -> String {
    let rows = [
        ("sends", moved.sends),
        ("deliveries", moved.deliveries),
        ("suppressions", moved.suppressions),
        ("editions", moved.editions),
        ("subscribers", moved.subscribers),
    ];
    rows.map(|(word, count)| format!("{word:<12} {count:>7}\n"))
        .concat()
}
