//! `franking list count RULE`

use clap::Args;

use crate::cli::exit::Exit;
use crate::roster::{self, parse_rule};
use crate::workspace::{Failure, Workspace};

/// Whom to count.
#[derive(Debug, Args)]
pub(super) struct CountArguments {
    /// The audience rule.
    #[arg(default_value = "all")]
    rule: String,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &CountArguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let rule = parse_rule(&arguments.rule)?;
    let counts = roster::count(&super::open(workspace)?, &rule)?;
    Ok(crate::cli::print(&match arguments.json {
        true => format!("{}\n", counts.json()),
        false => counts.text(),
    }))
}
