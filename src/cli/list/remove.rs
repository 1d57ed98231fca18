//! `franking list remove ADDRESS...`

use clap::Args;
use serde_json::json;

use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::diag::counted;
use crate::roster;
use crate::workspace::{Failure, Workspace, parse_address};

/// Whom to remove.
#[derive(Debug, Args)]
pub(super) struct RemoveArguments {
    /// The addresses.
    #[arg(required = true, value_name = "ADDRESS")]
    addresses: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &RemoveArguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let addresses = arguments.addresses.iter().map(|text| parse_address(text));
    let addresses = addresses.collect::<Result<Vec<_>, _>>()?;
    let mut list = super::open_to_change(workspace)?;
    let removal = list.remove(addresses)?;
    for address in &removal.absent {
        terminal::say(&format!("`{address}` is not on the list"));
    }
    for (send, departures) in &removal.paused {
        terminal::warning(&roster::paused(send, departures));
    }
    let json = json!({ "removed": removal.removed, "absent": removal.absent });
    let message = format!("removed {}", counted(removal.removed.len(), "subscriber"));
    Ok(super::report(arguments.json, &json, &message))
}
