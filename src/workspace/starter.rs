//! The files of a new newsletter directory: the samples of this repository, or a minimal set.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::{Failure, FailureKind, Workspace, display_path};
use crate::newsletter::issue;
use crate::util::{escape, fs};

/// The files of a template and where they go.
const TEMPLATES: [(&str, &[u8]); 6] = [
    (
        "templates/institute/theme.toml",
        include_bytes!("../../templates/institute/theme.toml"),
    ),
    (
        "templates/institute/style.css",
        include_bytes!("../../templates/institute/style.css"),
    ),
    (
        "templates/institute/logo.png",
        include_bytes!("../../templates/institute/logo.png"),
    ),
    (
        "templates/letter/theme.toml",
        include_bytes!("../../templates/letter/theme.toml"),
    ),
    (
        "templates/letter/style.css",
        include_bytes!("../../templates/letter/style.css"),
    ),
    (
        "templates/letter/logo.png",
        include_bytes!("../../templates/letter/logo.png"),
    ),
];

/// The samples: settings, list, and the large issue with its pictures.
const SAMPLES: [(&str, &[u8]); 5] = [
    ("newsletter.toml", include_bytes!("../../newsletter.toml")),
    ("subscribers.toml", include_bytes!("../../subscribers.toml")),
    (
        "issues/2026-11.toml",
        include_bytes!("../../issues/2026-11.toml"),
    ),
    (
        "issues/2026-11/portrait.png",
        include_bytes!("../../issues/2026-11/portrait.png"),
    ),
    (
        "issues/2026-11/valley.png",
        include_bytes!("../../issues/2026-11/valley.png"),
    ),
];

/// The settings of a new newsletter.
const NEWSLETTER: &str = r#"# The settings of the newsletter: who sends it, how, and with which template.

name      = "Our Newsletter"
list_id   = "letter.example.org"            # never changes: subscribers filter by it
from      = "Our Newsletter <news@example.org>"
language  = "en"
time_zone = "Europe/Brussels"
template  = "institute"                     # or "letter"
unsubscribe_mailto = "leave@example.org"
address   = "Our society, Our street 1, Our town"

[defaults]                                  # for subscribers without the attribute
first_name = "reader"

# Without [smtp], messages become files in .franking/outbox, and nothing leaves the machine.
#
# [smtp]
# host = "smtp.example.org"
# user = "letter"
# password_file = "smtp-password"           # `chmod 600` it, and keep it out of version control
#
# If the relay does not sign messages (DKIM), `franking dkim keygen` prints what to add here.
"#;

/// The list of a new newsletter.
const SUBSCRIBERS: &str = r#"# The subscribers.

[[subscriber]]
email = "you@example.org"
first_name = "You"
tags = ["editors"]
"#;

/// What does not belong in version control: the state with its addresses and key, passwords of relays, signing keys.
/// The patterns cover every file that the templates and `dkim keygen` name.
const IGNORED: [&str; 5] = [".franking/", "smtp-password*", "dkim*.pem", "*.key", ".env"];

/// Creates a newsletter in `directory`, which must be empty but for hidden files; `with_samples`: with the samples.
///
/// # Errors
/// When the directory is not empty, or a file cannot be written.
pub fn create(directory: &Path, with_samples: bool) -> Result<(), Failure> {
    let is_taken = std::fs::read_dir(directory).is_ok_and(|mut entries| {
        entries.any(|e| e.is_ok_and(|e| !e.file_name().to_string_lossy().starts_with('.')))
    });
    if is_taken {
        let shown = escape::terminal(&directory.to_string_lossy());
        return Err(
            Failure::new(FailureKind::Usage, format!("`{shown}` is not empty"))
                .hint("name an empty directory, or one that does not exist yet"),
        );
    }
    if with_samples {
        return write_samples(directory);
    }
    let issue = issue::skeleton("first", None);
    write_minimal(directory, NEWSLETTER, SUBSCRIBERS, ("first", &issue))
}

impl Workspace {
    /// Creates the file of a new issue and returns its path.
    ///
    /// # Errors
    /// When the name is not valid, the file exists, or it cannot be written.
    pub fn create_issue(&self, name: &str) -> Result<PathBuf, Failure> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || !name.chars().all(is_plain) {
            let message = format!("`{name}` is not a valid name of an issue");
            return Err(Failure::new(FailureKind::Usage, message)
                .hint("use letters, digits, `-` and `_`, such as `2026-12`"));
        }
        let path = self.directory.join(issue::path_of(name));
        let now = self.now.to_string();
        let today = now.split_once('T').map_or("", |(day, _)| day);
        let text = issue::skeleton(name, Some(today));
        match write_new(&path, text.as_bytes()) {
            Ok(()) => Ok(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let message = format!("`{}` exists already", display_path(&path));
                Err(Failure::new(FailureKind::Usage, message))
            }
            Err(error) => Err(unwritable(&path, &error)),
        }
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let above = path.parent();
    above.map_or(Ok(()), |above| fs::create_directories(above, 0o777))?;
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).open(path)?;
    fs::inherit_owner(&file, path);
    file.write_all(bytes)
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::io(format!("`{}` cannot be written", display_path(path)), error)
}

/// Writes the samples into `directory`.
///
/// # Errors
/// When a file cannot be written.
pub fn write_samples(directory: &Path) -> Result<(), Failure> {
    write_all(directory, SAMPLES.iter().chain(&TEMPLATES))?;
    ignore_secrets(directory)
}

/// The directory of the samples, in the current directory.
const SAMPLE_DIRECTORY: &str = "franking-demo";

/// The newsletter that was found, otherwise one with the samples; and whether its files were written just now.
///
/// # Errors
/// When a file cannot be written.
pub fn or_samples(found: Result<Workspace, Failure>) -> Result<(Workspace, bool), Failure> {
    let mut workspace = match found {
        Ok(workspace) => workspace,
        Err(_) => Workspace {
            directory: PathBuf::from("."),
            now: super::now()?,
        },
    };
    if workspace.require_newsletter().is_ok() {
        return Ok((workspace, false));
    }
    workspace.directory.push(SAMPLE_DIRECTORY);
    let is_missing = workspace.require_newsletter().is_err();
    if is_missing {
        write_samples(&workspace.directory)?;
    }
    Ok((workspace, is_missing))
}

/// Writes the minimal files into `directory`, with the texts of the settings, the list and one issue (name and text).
///
/// # Errors
/// When a file cannot be written.
pub fn write_minimal(
    directory: &Path,
    newsletter: &str,
    subscribers: &str,
    issue: (&str, &str),
) -> Result<(), Failure> {
    write_all(directory, TEMPLATES.iter())?;
    write(directory, "newsletter.toml", newsletter.as_bytes())?;
    write(directory, "subscribers.toml", subscribers.as_bytes())?;
    write(directory, &issue::path_of(issue.0), issue.1.as_bytes())?;
    ignore_secrets(directory)
}

/// Adds the patterns to `.gitignore`, and keeps what it has.
fn ignore_secrets(directory: &Path) -> Result<(), Failure> {
    let before = std::fs::read_to_string(directory.join(".gitignore")).unwrap_or_default();
    let missing = IGNORED
        .into_iter()
        .filter(|pattern| !before.lines().any(|line| line.trim() == *pattern));
    let missing: String = missing.map(|pattern| format!("{pattern}\n")).collect();
    let gap = if before.is_empty() || before.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    write(
        directory,
        ".gitignore",
        format!("{before}{gap}{missing}").as_bytes(),
    )
}

fn write_all<'a>(
    directory: &Path,
    files: impl Iterator<Item = &'a (&'static str, &'static [u8])>,
) -> Result<(), Failure> {
    for (path, bytes) in files {
        write(directory, path, bytes)?;
    }
    Ok(())
}

fn write(directory: &Path, path: &str, bytes: &[u8]) -> Result<(), Failure> {
    let path = directory.join(path);
    let parent = path.parent().unwrap_or(directory);
    fs::create_directories(parent, 0o777)
        .and_then(|()| fs::write_owned(&path, bytes))
        .map_err(|error| unwritable(&path, &error))
}
