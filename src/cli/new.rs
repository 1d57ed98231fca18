//! `franking new NAME`

use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::newsletter::issue;
use crate::workspace::{Failure, FailureKind, Workspace, display_path};

/// Which issue to begin.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Its name, such as `2026-12`.
    name: String,
}

pub(super) fn execute(arguments: &Arguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let name = &arguments.name;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || !name.chars().all(is_plain) {
        return Err(
            Failure::new(FailureKind::Usage, format!("`{name}` cannot name an issue"))
                .hint("letters, digits, `-` and `_`, such as `2026-12`"),
        );
    }
    let path = workspace.directory.join(issue::path_of(name));
    let folder = workspace.directory.join("issues");
    let text = issue::skeleton(
        name,
        Some(
            workspace
                .now
                .to_string()
                .split_once('T')
                .map_or("", |(day, _)| day),
        ),
    );
    let written = std::fs::create_dir_all(&folder).and_then(|()| {
        use std::io::Write;
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)?;
        file.write_all(text.as_bytes())
    });
    match written {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(Failure::new(
                FailureKind::Usage,
                format!("`{}` is there already", display_path(&path)),
            ));
        }
        Err(error) => {
            return Err(Failure::io(
                format!("`{}` cannot be written", path.display()),
                &error,
            ));
        }
    }
    terminal::say(&format!("next: edit it, then `franking check {name}`"));
    Ok(super::print(&format!("{}\n", display_path(&path))))
}
