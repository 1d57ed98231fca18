//! Paths of pictures: where they may lead, and which file was meant instead of a missing one.

use std::path::{Component, Path, PathBuf};

use crate::diag::{Finding, nearest};
use crate::util::system;

/// The directory of pictures to which written paths are relative.
#[derive(Debug, Clone, Copy)]
pub struct PictureFolder<'a> {
    /// The newsletter's directory.
    pub newsletter: &'a Path,
    /// The directory below it that contains all pictures of its kind: `issues` or `templates`.
    pub root: &'a str,
    /// The directory below `root` to which written paths are relative; empty for `root` itself.
    pub below: &'a str,
}

/// The limit of files that a search visits.
const MOST_FILES: usize = 5_000;
/// The limit of nested directories that a search enters.
const DEEPEST: usize = 6;

impl PictureFolder<'_> {
    /// The path below `root`, with slashes.
    pub fn src(&self, written: &str) -> String {
        match self.below {
            "" => written.to_owned(),
            below => format!("{below}/{written}"),
        }
    }

    /// The directory to which written paths are relative, as messages call it: `templates/plain/`.
    fn shown(&self) -> String {
        match self.below {
            "" => format!("{}/", self.root),
            below => format!("{}/{below}/", self.root),
        }
    }

    fn base(&self) -> PathBuf {
        self.newsletter.join(self.root).join(self.below)
    }

    /// The path of a picture, which must be below `root` after links are resolved: messages must not contain other
    /// files.
    pub(super) fn path_of(&self, written: &str) -> Result<PathBuf, Finding> {
        let mut components = Path::new(written).components();
        if written.contains("://") || !components.all(|c| matches!(c, Component::Normal(_))) {
            return Err(self.outside(written));
        }
        let unreadable = |error: std::io::Error| self.unreadable(written, &error);
        let real = self.base().join(written).canonicalize();
        let real = real.map_err(unreadable)?;
        let root = self.newsletter.join(self.root).canonicalize();
        match real.starts_with(root.map_err(unreadable)?) {
            true => Ok(real),
            false => Err(self.outside(written)),
        }
    }

    fn outside(&self, written: &str) -> Finding {
        let shown = self.shown();
        let message = format!("the picture `{}` is not in `{shown}`", self.src(written));
        let hint = match self.similar(written) {
            Some(file) => format!("did you mean `{file}`? A path is relative to `{shown}`"),
            None => format!("move it there, and write its path relative to `{shown}`"),
        };
        Finding::error("picture-outside", message).hint(hint)
    }

    pub(super) fn unreadable(&self, written: &str, error: &std::io::Error) -> Finding {
        let picture = format!("the picture `{}/{}`", self.root, self.src(written));
        let missing = |message| Finding::error("missing-picture", message);
        if error.kind() == std::io::ErrorKind::NotFound {
            return missing(format!("{picture} does not exist")).hint(self.path_hint(written));
        }
        missing(format!("cannot read {picture}: {}", system::words(error)))
    }

    /// A path with backslashes comes from Windows; in `"…"` some of them form control characters.
    fn path_hint(&self, written: &str) -> String {
        if written.contains(char::is_control) {
            let hint =
                "a backslash in `\"…\"` starts an escape sequence, such as `\\n` for a line break";
            return format!("{hint}: write `/` in a path");
        }
        if let Some(file) = self.similar(written) {
            return format!("did you mean `{file}`?");
        }
        if written.contains('\\') {
            return format!("write `/` in a path: `{}`", written.replace('\\', "/"));
        }
        format!("write the path relative to `{}`", self.shown())
    }

    /// The existing file that `written` probably means: the same path or name in other capitals, the same name with
    /// another extension, or a similar name.
    fn similar(&self, written: &str) -> Option<String> {
        let mut files = Vec::new();
        collect(&self.base(), "", DEEPEST, &mut files);
        files.sort();
        let path = written.replace('\\', "/").to_lowercase();
        let name = name_of(&path);
        let equal = |part: fn(&str) -> &str, wanted: &str| {
            let found = files
                .iter()
                .filter(|file| part(&file.to_lowercase()) == wanted);
            // Of several, the one in the directory with the most similar name.
            found.min_by_key(|file| strsim::damerau_levenshtein(&file.to_lowercase(), &path))
        };
        let found = equal(name_of, name).or_else(|| equal(stem_of, stem_of(name)));
        let stems = files.iter().map(|file| stem_of(file));
        let similar = || equal(stem_of, &nearest(stem_of(name), stems)?.to_lowercase());
        found.or_else(similar).cloned()
    }
}

/// Adds the picture files in `folder` to `files`, each as a path after `prefix`.
fn collect(folder: &Path, prefix: &str, depth: usize, files: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.filter_map(Result::ok) {
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if name.starts_with('.') || files.len() >= MOST_FILES {
            continue;
        }
        let kind = entry.file_type();
        if kind.as_ref().is_ok_and(std::fs::FileType::is_dir) && depth > 0 {
            collect(&entry.path(), &format!("{prefix}{name}/"), depth - 1, files);
        } else if kind.is_ok_and(|kind| kind.is_file()) && is_picture(&name) {
            files.push(format!("{prefix}{name}"));
        }
    }
}

fn is_picture(name: &str) -> bool {
    let name = name.to_lowercase();
    [".png", ".jpg", ".jpeg", ".gif"]
        .iter()
        .any(|end| name.ends_with(end))
}

/// The last part of a path.
fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// The last part of a path without its extension.
fn stem_of(path: &str) -> &str {
    let name = name_of(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
