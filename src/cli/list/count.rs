//! `franking list count RULE`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::roster::{self, Roster, parse_rule};
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
    let sources = workspace.load()?;
    let roster = terminal::warned(Roster::open(workspace, &sources)?);
    let counts = roster::count(&roster, &rule)?;
    Ok(super::super::print(&match arguments.json {
        true => format!("{}\n", counts.json()),
        false => counts.text(),
    }))
}
