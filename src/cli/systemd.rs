//! `franking systemd`: prints units and never installs them.

use std::path::PathBuf;

use clap::Args;

use crate::cli::exit::Exit;
use crate::workspace::{self, Failure, UnitOptions, Workspace};

/// Names and paths in the units.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The path of this program in the service [default: the running program].
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
    /// The name of the units [default: made of the directory's path, so that each newsletter has its own].
    #[arg(long, value_parser = workspace::parse_unit_name)]
    name: Option<String>,
    /// The user of the service [default: the directory's owner].
    #[arg(long, value_parser = workspace::parse_user_name)]
    user: Option<String>,
    /// A unit to start when a run fails, such as one that mails the administrator.
    #[arg(long, value_name = "UNIT", value_parser = workspace::parse_unit)]
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
