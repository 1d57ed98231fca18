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

/// State holds addresses and a key; what signs letters is a key. They have no place in version control.
const IGNORED: &[u8] = b".franking/\ndkim*.pem\n";

/// Writes a folder with the samples in it.
pub(super) fn write_samples(folder: &Path) -> Result<(), Failure> {
    write_all(folder, SAMPLES.iter().chain(&TEMPLATES))?;
    write(folder, ".gitignore", IGNORED)
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
    write(folder, &crate::issue::path_of(issue.0), issue.1.as_bytes())?;
    write(folder, ".gitignore", IGNORED)
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
