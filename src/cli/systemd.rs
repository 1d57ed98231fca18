//! `franking systemd`: prints units and never installs them.

use std::path::PathBuf;

use clap::Args;

use crate::cli::exit::Exit;
use crate::workspace::{Failure, UnitOptions, Workspace};

/// Names and paths in the units.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The path of this program in the service [default: the running program].
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
    /// The name of the units [default: made of the directory's path, so that each newsletter has its own].
    #[arg(long, value_parser = unit_name)]
    name: Option<String>,
    /// The user of the service [default: the directory's owner].
    #[arg(long, value_parser = user_name)]
    user: Option<String>,
    /// A unit to start when a run fails, such as one that mails the administrator.
    #[arg(long, value_name = "UNIT", value_parser = unit)]
    on_failure: Option<String>,
}

pub(super) fn execute(arguments: &Arguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let [timer, service] = workspace.systemd_units(&UnitOptions {
        program: arguments.program.clone(),
        name: arguments.name.clone(),
        user: arguments.user.clone(),
        on_failure: arguments.on_failure.clone(),
    })?;
    Ok(super::print(&format!("{timer}\n{service}")))
}

fn unit_name(text: &str) -> Result<String, String> {
    let is_known = |c: char| c.is_ascii_alphanumeric() || "_.-:".contains(c);
    let is_name = !text.is_empty() && text.len() <= 200 && text.chars().all(is_known);
    let why = "use letters, digits, `.`, `_`, `:` and `-`";
    is_name
        .then(|| text.to_owned())
        .ok_or_else(|| why.to_owned())
}

fn user_name(text: &str) -> Result<String, String> {
    let is_known = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let is_name = !text.is_empty() && text.chars().all(is_known) && !text.starts_with(['-', '.']);
    let why = "use the name or the number of a user";
    is_name
        .then(|| text.to_owned())
        .ok_or_else(|| why.to_owned())
}

/// A unit's name with its type; specifiers such as `%n` are expanded by systemd.
fn unit(text: &str) -> Result<String, String> {
    const KINDS: [&str; 6] = ["service", "target", "socket", "path", "timer", "mount"];
    let is_known = |c: char| c.is_ascii_alphanumeric() || "_.-:@%\\".contains(c);
    let kind = text.rsplit_once('.').map(|(_, kind)| kind);
    let is_unit = text.chars().all(is_known) && kind.is_some_and(|kind| KINDS.contains(&kind));
    let why = "write the whole name of a unit, such as `mail-alert@%n.service`";
    is_unit
        .then(|| text.to_owned())
        .ok_or_else(|| why.to_owned())
}
