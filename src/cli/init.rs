//! `franking init DIR`

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::util::escape;
use crate::workspace::{Failure, starter};

/// Where the newsletter is created.
#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// The directory; it must be empty, or must not exist yet.
    #[arg(id = "folder", value_name = "DIR")]
    directory: PathBuf,
    /// Include the sample newsletter instead of a minimal one.
    #[arg(long)]
    samples: bool,
}

pub(super) fn execute(arguments: &InitArguments) -> Result<Exit, Failure> {
    let directory = &arguments.directory;
    starter::create(directory, arguments.samples)?;
    let shown = escape::terminal(&directory.to_string_lossy());
    terminal::say(&format!("created a newsletter in `{shown}`; next:"));
    if directory != Path::new(".") {
        let word = escape::shell(&shown);
        let option = if word.starts_with('-') { "-- " } else { "" };
        terminal::say(&format!("  cd {option}{word}"));
    }
    terminal::say("  franking check");
    Ok(super::print(&format!("{shown}\n")))
}
