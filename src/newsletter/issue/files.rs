//! The files in `issues/`: which are issues, and which only look like one.

use std::path::Path;

use crate::diag::{Finding, Findings, Place, Source};
use crate::toml_file::{self, LARGEST_FILE};
use crate::util::escape;

/// The depth to which directories are searched for misplaced issues.
const DEPTH: usize = 4;

/// Names of directories that may have been intended as `issues/`, in lower case.
const MEANT: [&str; 2] = ["issues", "issue"];

/// The names of the issues in `folder`, sorted. File names that start with a dot are ignored: Emacs creates a lock
/// `.#NAME.toml`, a dangling symbolic link.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = entries(&folder.join("issues")).into_iter();
    let mut names: Vec<String> = entries
        .filter(|entry| entry.is_utf8)
        .filter_map(|entry| Some(entry.name.strip_suffix(".toml")?.to_owned()))
        .filter(|name| !name.is_empty() && reserved(name).is_none() && !has_controls(name))
        .collect();
    names.sort();
    names
}

/// The path of the issue `name`, relative to the newsletter's directory.
pub fn path_of(name: &str) -> String {
    format!("issues/{name}.toml")
}

/// Reports files that look like issues but are not read: a wrong ending, a reserved ending, a wrong directory.
pub fn report_strays(folder: &Path, findings: &mut Findings) {
    let names = names(folder);
    for entry in entries(&folder.join("issues")) {
        let path = format!("issues/{}", entry.name);
        if entry.is_directory {
            inside(folder, &path, &names, DEPTH, findings);
        } else {
            let stray = stray(&entry);
            findings.extend_some(stray.map(|finding| finding.at(head_of(folder, &path))));
        }
    }
    let beside = entries(folder).into_iter().filter(|entry| {
        let name = entry.name.to_lowercase();
        entry.is_directory && entry.name != "issues" && MEANT.contains(&name.as_str())
    });
    for entry in beside {
        inside(folder, &entry.name, &[], DEPTH, findings);
    }
}

/// Reports the TOML files in the directory `path`, which is not `issues/` itself.
fn inside(folder: &Path, path: &str, names: &[String], depth: usize, findings: &mut Findings) {
    let own = path.strip_prefix("issues/").unwrap_or_default();
    let owner = names.iter().find(|name| name.as_str() == own);
    for entry in entries(&folder.join(path)) {
        let shown = format!("{path}/{}", entry.name);
        if entry.is_directory {
            if depth > 0 {
                inside(folder, &shown, names, depth - 1, findings);
            }
        } else if entry.name.to_lowercase().ends_with(".toml") {
            let finding = match owner {
                Some(owner) => reserved_directory(owner),
                None => Finding::warning("misplaced-issue", "this file is not read as an issue")
                    .hint("move it into `issues/`, or out of the newsletter's directory"),
            };
            findings.push(finding.at(head_of(folder, &shown)));
        }
    }
}

fn reserved_directory(owner: &str) -> Finding {
    let message = format!("the directory `issues/{owner}` is reserved for the issue `{owner}`");
    Finding::warning("reserved-name", message)
        .hint("issues are files directly in `issues/`; this directory is for pictures")
}

/// The finding about a file that is not an issue but may be intended as one.
fn stray(entry: &Entry) -> Option<Finding> {
    let file = entry.name.as_str();
    let Some(name) = file.strip_suffix(".toml") else {
        let meant = file.trim_end().to_lowercase();
        let meant = meant.strip_suffix(".txt").unwrap_or(&meant).trim_end();
        let is_meant = meant.ends_with(".toml");
        return is_meant.then(|| misnamed("the file name of an issue must end in `.toml`"));
    };
    if !entry.is_utf8 {
        return Some(misnamed("the file name is not UTF-8"));
    }
    if has_controls(name) {
        return Some(misnamed(
            "the file name contains line breaks or other control characters",
        ));
    }
    reserved(name).map(|(owner, what)| {
        let message = format!("this file name ending is reserved for {what} of `{owner}`");
        Finding::warning("reserved-name", message)
            .hint("this file is ignored; give the issue another name")
    })
}

fn misnamed(message: &str) -> Finding {
    Finding::warning("misnamed-issue", message)
        .hint("this file is ignored; rename it if it is an issue")
}

/// Whether a name contains control characters, which could break log lines or change a terminal.
fn has_controls(name: &str) -> bool {
    escape::terminal(name) != name
}

/// The issue and the purpose for which `name` (without `.toml`) is reserved.
fn reserved(name: &str) -> Option<(&str, &'static str)> {
    let parts = name.rsplit_once('.');
    let (owner, suffix) = parts.filter(|(owner, _)| !owner.is_empty())?;
    if suffix.eq_ignore_ascii_case("approved") {
        return Some((owner, "the approval"));
    }
    is_language(suffix).then_some((owner, "a translation"))
}

/// Whether `suffix` is a language tag such as `de`, `pt-BR` or `zh-Hant-TW`: a language, then optionally a script and a
/// region (RFC 5646).
fn is_language(suffix: &str) -> bool {
    let all = |part: &str, is: fn(&u8) -> bool| part.bytes().all(|byte| is(&byte));
    let letters = |part: &str| all(part, u8::is_ascii_alphabetic);
    let mut parts = suffix.split('-').peekable();
    if !parts
        .next()
        .is_some_and(|tag| matches!(tag.len(), 2 | 3) && letters(tag))
    {
        return false;
    }
    parts.next_if(|script| script.len() == 4 && letters(script));
    parts.next_if(|region| {
        region.len() == 2 && letters(region) || region.len() == 3 && all(region, u8::is_ascii_digit)
    });
    parts.next().is_none()
}

/// The beginning of a file that is not read, as the location of its finding.
fn head_of(folder: &Path, path: &str) -> Place {
    let mut ignored = Findings::new();
    let source = toml_file::read(folder, path, LARGEST_FILE, &mut ignored);
    Place::new(&source.unwrap_or_else(|| Source::new(path, "")), 0..0)
}

struct Entry {
    /// The file name; bytes that are not UTF-8 are escaped.
    name: String,
    is_utf8: bool,
    is_directory: bool,
}

/// The entries of a directory, sorted by name; links are followed. Names that start with a dot are skipped.
fn entries(directory: &Path) -> Vec<Entry> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    let entries = entries.filter_map(|entry| {
        let path = entry.ok()?.path();
        let name = path.file_name()?;
        let entry = Entry {
            name: escape::file_name(name),
            is_utf8: name.to_str().is_some(),
            is_directory: path.is_dir(),
        };
        (!entry.name.starts_with('.')).then_some(entry)
    });
    let mut entries: Vec<Entry> = entries.collect();
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_and_an_approval_are_reserved_endings() {
        for name in [
            "2026-11.de",
            "2026-11.pt-BR",
            "a.zh-Hant-TW",
            "a.es-419",
            "a.approved",
        ] {
            assert!(reserved(name).is_some(), "{name}");
        }
        for name in [
            "2026-11", "2026.11", "v1.2", "a.final", "a.de-", ".de", "a.v2",
        ] {
            assert!(reserved(name).is_none(), "{name}");
        }
    }
}
