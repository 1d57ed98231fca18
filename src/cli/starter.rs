//! The folder that `init` makes: the samples of this repository, or a bare beginning.

use std::path::Path;

use super::exit::Failure;

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

/// The samples: publication, list and the large issue with its pictures.
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

/// What has no place in version control: state with addresses and a key, passwords of relays, keys that sign. The
/// patterns cover every file that the templates and `dkim keygen` name.
const IGNORED: [&str; 5] = [".franking/", "smtp-password*", "dkim*.pem", "*.key", ".env"];

/// Writes a folder with the samples in it.
pub(super) fn write_samples(folder: &Path) -> Result<(), Failure> {
    write_all(folder, SAMPLES.iter().chain(&TEMPLATES))?;
    ignore_secrets(folder)
}

/// Writes a folder to begin with: `newsletter` and `issue` as given, nobody on the list yet but one.
pub(super) fn write_beginning(
    folder: &Path,
    newsletter: &str,
    subscribers: &str,
    issue: (&str, &str),
) -> Result<(), Failure> {
    write_all(folder, TEMPLATES.iter())?;
    write(folder, "newsletter.toml", newsletter.as_bytes())?;
    write(folder, "subscribers.toml", subscribers.as_bytes())?;
    write(
        folder,
        &crate::newsletter::issue::path_of(issue.0),
        issue.1.as_bytes(),
    )?;
    ignore_secrets(folder)
}

/// Adds the patterns to the `.gitignore` of a repository that is there already.
fn ignore_secrets(folder: &Path) -> Result<(), Failure> {
    let before = std::fs::read_to_string(folder.join(".gitignore")).unwrap_or_default();
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
        folder,
        ".gitignore",
        format!("{before}{gap}{missing}").as_bytes(),
    )
}

fn write_all<'a>(
    folder: &Path,
    files: impl Iterator<Item = &'a (&'static str, &'static [u8])>,
) -> Result<(), Failure> {
    for (path, bytes) in files {
        write(folder, path, bytes)?;
    }
    Ok(())
}

fn write(folder: &Path, path: &str, bytes: &[u8]) -> Result<(), Failure> {
    let path = folder.join(path);
    let parent = path.parent().unwrap_or(folder);
    std::fs::create_dir_all(parent)
        .and_then(|()| std::fs::write(&path, bytes))
        .map_err(|error| Failure::io(format!("`{}` cannot be written", path.display()), &error))
}
