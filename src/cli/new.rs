//! `franking new NAME`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::workspace::{Failure, Workspace, display_path};

/// Which issue is created.
#[derive(Debug, Args)]
pub(super) struct NewArguments {
    /// The issue's name, such as `2026-12`.
    name: String,
}

pub(super) fn execute(arguments: &NewArguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let path = workspace.create_issue(&arguments.name)?;
    terminal::say(&format!(
        "next: edit it, then `franking check {}`",
        arguments.name
    ));
    Ok(super::print(&format!("{}\n", display_path(&path))))
}
