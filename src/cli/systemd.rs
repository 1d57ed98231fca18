//! `franking systemd`: prints units, or writes them into a directory. It does not enable them.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::workspace::{self, Failure, SystemdUnits, UnitOptions, Workspace, display_path};

/// Names and paths in the units.
#[derive(Debug, Args)]
pub(super) struct SystemdArguments {
    /// The path of this program in the service [default: the running program].
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
    /// The name of the units [default: derived from the directory's path, so that each newsletter has its own].
    #[arg(long, value_parser = workspace::parse_unit_name)]
    name: Option<String>,
    /// The user of the service [default: the directory's owner, or `franking` if that is root].
    #[arg(long, value_parser = workspace::parse_user_name)]
    user: Option<String>,
    /// A unit to start when a run fails, such as one that mails the administrator.
    #[arg(long, value_name = "UNIT", value_parser = workspace::parse_unit)]
    on_failure: Option<String>,
    /// Write both units into this directory, such as `/etc/systemd/system`, instead of printing them.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn execute(
    arguments: &SystemdArguments,
    workspace: &Workspace,
) -> Result<Exit, Failure> {
    let units = workspace.systemd_units(&UnitOptions {
        program: arguments.program.clone(),
        name: arguments.name.clone(),
        user: arguments.user.clone(),
        on_failure: arguments.on_failure.clone(),
    })?;
    if let Some(warning) = &units.warning {
        terminal::warning(&warning.message);
        warning.hint.as_deref().into_iter().for_each(terminal::hint);
    }
    match &arguments.out {
        Some(directory) => write(&units, directory),
        None => Ok(super::print(&units.to_string())),
    }
}

/// Writes both units, and says what to do next.
fn write(units: &SystemdUnits, directory: &Path) -> Result<Exit, Failure> {
    let files = units.write(directory)?;
    terminal::say(&format!(
        "the service runs as `{}`; enable the timer with `systemctl daemon-reload` and `systemctl enable --now {}`",
        units.user, units.timer.name
    ));
    let lines = files.iter().map(|file| format!("{}\n", display_path(file)));
    Ok(super::print(&lines.collect::<String>()))
}
