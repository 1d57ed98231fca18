//! `franking list history [ADDRESS]`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::terminal::{self, Pages};
use crate::roster;
use crate::workspace::{Failure, Workspace, parse_address};

/// Whose history.
#[derive(Debug, Args)]
pub(super) struct HistoryArguments {
    /// The address [default: all].
    address: Option<String>,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(
    arguments: &HistoryArguments,
    workspace: &Workspace,
) -> Result<Exit, Failure> {
    let address = arguments.address.as_deref().map(parse_address);
    let (address, mut out, mut count) = (address.transpose()?, Pages::default(), 0);
    roster::history(&super::open(workspace)?, address.as_ref(), &mut |event| {
        count += 1;
        match arguments.json {
            true => out.push(&format!("{}\n", roster::event_json(&event))),
            false => out.push(&roster::event_text(&event)),
        }
    })?;
    out.end();
    if count == 0 {
        terminal::say("no change is recorded");
    }
    Ok(Exit::Done)
}
