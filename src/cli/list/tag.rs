//! `franking list tag TAG RULE` and `franking list untag TAG RULE`

use clap::Args;
use serde_json::json;

use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::diag::counted;
use crate::roster::{Tagging, parse_rule, tagged};
use crate::workspace::{Failure, FailureKind, Workspace};

/// Which tag, and for whom.
#[derive(Debug, Args)]
pub(super) struct TagArguments {
    /// The tag.
    tag: String,
    /// The audience rule.
    rule: String,
    /// Do not ask for confirmation; required without a terminal.
    #[arg(long)]
    yes: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(
    arguments: &TagArguments,
    is_removal: bool,
    workspace: &Workspace,
) -> Result<Exit, Failure> {
    let tagging = Tagging {
        tag: arguments.tag.clone(),
        is_removal,
        rule_text: arguments.rule.clone(),
        rule: parse_rule(&arguments.rule)?,
    };
    let mut roster = super::open_to_change(workspace)?;
    let expected = tagged(&roster, &tagging)?;
    if expected > 0 && !arguments.yes {
        confirm(expected)?;
    }
    let changed = roster.tag(&tagging)?;
    let json = json!({ "tag": tagging.tag, "changed": changed });
    let message = format!("{} changed", counted(changed, "subscriber"));
    Ok(super::report(arguments.json, &json, &message))
}

fn confirm(count: usize) -> Result<(), Failure> {
    if !terminal::can_ask() {
        let message = "confirmation required, but standard input is not a terminal";
        let hint = "nothing was changed; use `--yes`";
        return Err(Failure::new(FailureKind::Usage, message).hint(hint));
    }
    let subscribers = counted(count, "subscriber");
    let answer = terminal::ask(&format!("type {count} to change {subscribers}: "));
    match answer.as_deref() == Some(count.to_string().as_str()) {
        true => Ok(()),
        false => Err(Failure::new(FailureKind::Usage, "nothing was changed")),
    }
}
