//! `franking init DIR`

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::newsletter::issue;
use crate::util::escape;
use crate::workspace::{Failure, FailureKind, starter};

/// Where the folder is made.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The folder; it must be empty or not there yet.
    folder: PathBuf,
    /// With this repository's samples instead of a bare beginning.
    #[arg(long)]
    samples: bool,
}

const NEWSLETTER: &str = r#"# The publication: who sends it, how, and in which look.

name      = "Our Newsletter"
list_id   = "letter.example.org"            # stays the same for ever: readers filter by it
from      = "Our Newsletter <news@example.org>"
language  = "en"
time_zone = "Europe/Brussels"
template  = "institute"                     # or "letter"
unsubscribe_mailto = "leave@example.org"
address   = "Our society, Our street 1, Our town"

[defaults]                                  # for readers without the attribute
first_name = "reader"

# Without [smtp], letters become files in .franking/outbox and nothing leaves the machine.
#
# [smtp]
# host = "smtp.example.org"
# user = "letter"
# password_file = "smtp-password"           # `chmod 600` it, and keep it out of version control
#
# Where the relay does not sign letters (DKIM), `franking dkim keygen` says what to add here.
"#;

const SUBSCRIBERS: &str = r#"# The readers.

[[subscriber]]
email = "you@example.org"
first_name = "You"
tags = ["editors"]
"#;

pub(super) fn execute(arguments: &Arguments) -> Result<Exit, Failure> {
    let folder = &arguments.folder;
    let is_taken = std::fs::read_dir(folder).is_ok_and(|mut entries| {
        entries.any(|e| e.is_ok_and(|e| !e.file_name().to_string_lossy().starts_with('.')))
    });
    if is_taken {
        let message = format!(
            "`{}` is not empty",
            escape::terminal(&folder.to_string_lossy())
        );
        return Err(Failure::new(FailureKind::Usage, message)
            .hint("name a folder that is, or that is not there yet"));
    }
    if arguments.samples {
        starter::write_samples(folder)?;
    } else {
        let issue = issue::skeleton("first", None);
        starter::write_minimal(folder, NEWSLETTER, SUBSCRIBERS, ("first", &issue))?;
    }
    terminal::say(&format!(
        "created a newsletter in `{}`; next:",
        escape::terminal(&folder.to_string_lossy())
    ));
    if folder != Path::new(".") {
        terminal::say(&format!(
            "  cd {}",
            escape::terminal(&folder.to_string_lossy())
        ));
    }
    terminal::say("  franking check");
    Ok(super::print(&format!(
        "{}\n",
        escape::terminal(&folder.to_string_lossy())
    )))
}
