//! `franking keys rotate`

use clap::{Args, Subcommand};
use serde_json::json;

use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::workspace::{Failure, Workspace, display_path};

/// The arguments of `franking keys`.
#[derive(Debug, Args)]
pub(super) struct KeysArguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Add a key for the unsubscribe links of new campaigns; links in mailed messages still work.
    #[command(after_help = "Example:\n  franking keys rotate")]
    Rotate {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn execute(arguments: &KeysArguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let sources = workspace.load()?;
    let Command::Rotate { json } = arguments.command;
    let file = display_path(&workspace.rotate_token_key(&sources)?);
    if json {
        return Ok(super::print(&format!("{}\n", json!({ "key": file }))));
    }
    terminal::say(&format!(
        "new campaigns use the key `{file}`; keep the old keys, back up the new one, and copy it to every machine that sends"
    ));
    Ok(Exit::Done)
}
