//! `franking list show ADDRESS`

use clap::Args;

use crate::cli::exit::Exit;
use crate::roster::person;
use crate::workspace::{Failure, Workspace, parse_address};

/// Whom to show.
#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// The address.
    address: String,
    /// Show the history of the address too: consent, changes and suppressions.
    #[arg(long)]
    evidence: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &ShowArguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let address = parse_address(&arguments.address)?;
    let person = person(&super::open(workspace)?, &address, arguments.evidence)?;
    Ok(crate::cli::print(&match arguments.json {
        true => format!("{}\n", person.json()),
        false => person.text(),
    }))
}
