//! `franking completions SHELL` and `franking man`

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

use super::complete;
use crate::cli::exit::Exit;
use crate::util::{escape, fs};
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

pub(super) fn completions(arguments: &Completions) -> Result<Exit, Failure> {
    let shell = arguments.shell.to_string();
    let script = complete::registration(&shell).unwrap_or_default();
    Ok(super::print(&String::from_utf8_lossy(&script)))
}

pub(super) fn man(arguments: &Man) -> Result<Exit, Failure> {
    let command = super::shown_command();
    if let Some(out) = &arguments.out {
        let failed = |error| {
            Failure::io(
                format!("no pages in `{}`", escape::terminal(&out.to_string_lossy())),
                &error,
            )
        };
        fs::create_directories(out, 0o777).map_err(failed)?;
        clap_mangen::generate_to(command, out).map_err(failed)?;
        fs::inherit_owners(out);
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
