//! `franking completions SHELL` and `franking man`

use std::path::PathBuf;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::exit::Exit;
use crate::util::escape;
use crate::workspace::Failure;

/// Which shell.
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell.
    shell: Shell,
}

/// Where the pages go.
#[derive(Debug, Args)]
pub(super) struct Man {
    /// Write a page for each command into this directory.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// The script is built in memory, because clap's generator panics when a pipe is closed.
pub(super) fn completions(arguments: &Completions) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    let mut command = super::Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "franking", &mut script);
    Ok(super::print(&String::from_utf8_lossy(&script)))
}

pub(super) fn man(arguments: &Man) -> Result<Exit, Failure> {
    let command = super::Arguments::command();
    if let Some(out) = &arguments.out {
        let failed = |error| {
            Failure::io(
                format!("no pages in `{}`", escape::terminal(&out.to_string_lossy())),
                &error,
            )
        };
        std::fs::create_dir_all(out).map_err(failed)?;
        clap_mangen::generate_to(command, out).map_err(failed)?;
        return Ok(super::print(&format!(
            "{}\n",
            escape::terminal(&out.to_string_lossy())
        )));
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut page)
        .map_err(|error| Failure::io("no page", &error))?;
    Ok(super::print(&String::from_utf8_lossy(&page)))
}
