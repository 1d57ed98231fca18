//! `franking store migrate`

use clap::{Args, Subcommand};
use url::Url;

use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::newsletter::config::{FILE, StoreUrl};
use crate::store::MigratedRows;
use crate::workspace::{Failure, FailureKind, Workspace};

/// The arguments of `franking store`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Move the ledger from a file to a server, or back.
    #[command(
        after_help = "Example:\n  franking store migrate --to postgres://franking@db.example.org/franking"
    )]
    Migrate(Migrate),
}

/// Where to.
#[derive(Debug, Args)]
struct Migrate {
    /// The new store, which must be empty: `postgres://user@host/database`, with the password in `PGPASSWORD`, or `sqlite:PATH`.
    #[arg(long, value_name = "URL")]
    to: String,
}

pub(super) fn execute(arguments: &Arguments, workspace: &Workspace) -> Result<Exit, Failure> {
    match &arguments.command {
        Command::Migrate(arguments) => migrate(&arguments.to, workspace),
    }
}

fn migrate(to: &str, workspace: &Workspace) -> Result<Exit, Failure> {
    let to = place(to)?;
    let sources = workspace.load()?;
    let _lock = workspace.lock("store migrate")?;
    let Some(mut from) = terminal::warned(workspace.ledger_to_read(&sources)?) else {
        return Err(
            Failure::new(FailureKind::Usage, "nothing has been sent yet").hint(format!(
                "there is nothing to move; write the new store into {FILE}"
            )),
        );
    };
    let mut target = workspace.store_at(&to)?;
    let moved = from.move_to(&mut target)?;
    // From now on a backup of the old place is older than the marker.
    target.advance(&workspace.marker(), workspace.now.as_second())?;
    super::print(&account(&moved));
    terminal::say(&format!(
        "moved from `{}` to `{}`",
        from.place(),
        target.place()
    ));
    terminal::say(&format!(
        "now write the new store into {FILE}, as `[store]` `url`; the old one can no longer be opened"
    ));
    Ok(Exit::Done)
}

fn account(moved: &MigratedRows) -> String {
    let rows = [
        ("sends", moved.sends),
        ("deliveries", moved.deliveries),
        ("suppressions", moved.suppressions),
        ("editions", moved.editions),
    ];
    rows.map(|(word, count)| format!("{word:<12} {count:>7}\n"))
        .concat()
}

/// Refuses a password, because every user of the machine can read arguments.
fn place(to: &str) -> Result<StoreUrl, Failure> {
    let has_password = Url::parse(to).is_ok_and(|url| url.password().is_some());
    if has_password {
        return Err(Failure::new(
            FailureKind::Usage,
            "a password is not allowed in an argument",
        )
        .hint("every user of this machine can read arguments; set `PGPASSWORD`"));
    }
    StoreUrl::parse(to).map_err(|why| {
        Failure::new(
            FailureKind::Usage,
            format!("invalid value for `--to`: {why}"),
        )
        .hint(StoreUrl::HINT)
    })
}
