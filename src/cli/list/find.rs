//! `franking list find RULE`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::terminal::{self, Pages};
use crate::roster::{parse_rule, record_json, record_line};
use crate::workspace::{Failure, Workspace};

/// Whom to list.
#[derive(Debug, Args)]
pub(super) struct FindArguments {
    /// The audience rule.
    rule: String,
    /// Print one JSON object a line.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &FindArguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let rule = parse_rule(&arguments.rule)?;
    let (mut out, mut count) = (Pages::default(), 0);
    super::open(workspace)?.each(&rule, &mut |one| {
        count += 1;
        match arguments.json {
            true => out.push(&format!("{}\n", record_json(&one))),
            false => out.push(&record_line(&one)),
        }
    })?;
    out.end();
    if count == 0 {
        terminal::say("the rule selects no subscriber");
    }
    Ok(Exit::Done)
}
