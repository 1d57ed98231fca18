//! The files of a new newsletter directory: the samples of this repository, or a minimal set.

use std::path::Path;

use super::Failure;

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

/// What does not belong into version control: the state with its addresses and key, passwords of relays, signing keys.
/// The patterns cover every file that the templates and `dkim keygen` name.
const IGNORED: [&str; 5] = [".franking/", "smtp-password*", "dkim*.pem", "*.key", ".env"];

/// Writes the samples into `directory`.
///
/// # Errors
/// When a file cannot be written.
pub fn write_samples(directory: &Path) -> Result<(), Failure> {
    write_all(directory, SAMPLES.iter().chain(&TEMPLATES))?;
    ignore_secrets(directory)
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
    write(
        directory,
        &crate::newsletter::issue::path_of(issue.0),
        issue.1.as_bytes(),
    )?;
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
    std::fs::create_dir_all(parent)
        .and_then(|()| std::fs::write(&path, bytes))
        .map_err(|error| Failure::io(format!("`{}` cannot be written", path.display()), &error))
}
