//! Atomic writes, and safe file names.

use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A relative path in its shortest form: in the directory `issues`, `../issues/a.toml` is `a.toml`.
pub fn shortest(path: &Path) -> PathBuf {
    let up = path.components();
    let up = up.take_while(|part| *part == Component::ParentDir).count();
    let Some(here) = std::env::current_dir().ok().filter(|_| up > 0) else {
        return path.to_owned();
    };
    let above = here.components().count().saturating_sub(up);
    let inside = here.components().skip(above);
    let rest = path.components().skip(up);
    let shared = inside.zip(rest.clone()).take_while(|(a, b)| a == b).count();
    let dots = std::iter::repeat_n(Component::ParentDir, up - shared);
    let path: PathBuf = dots.chain(rest.skip(shared)).collect();
    match path.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => path,
    }
}

/// Writes a file atomically: readers never see a part of it.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension("part");
    std::fs::write(&part, bytes)?;
    std::fs::rename(&part, path)
}

/// Like [`write_whole`], and synced to disk, for messages that are recorded as delivered.
pub fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    durably(path, bytes, 0o666)
}

/// Like [`write_durably`], readable by its owner only.
pub fn write_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    durably(path, bytes, 0o600)
}

/// Creates a file durably, readable by its owner only. [`io::ErrorKind::AlreadyExists`] if it exists: the first of several
/// processes creates it.
pub fn create_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let part = path.with_extension(format!("part-{}-{count}", std::process::id()));
    write_synced(&part, bytes, 0o600)?;
    let linked = match std::fs::hard_link(&part, path) {
        // The file system has no hard links.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            return std::fs::rename(&part, path).and_then(|()| sync_directory(path));
        }
        linked => linked,
    };
    std::fs::remove_file(&part)?;
    linked.and_then(|()| sync_directory(path))
}

/// `mode` is the maximum of permissions; the umask reduces them.
fn durably(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let part = path.with_extension("part");
    write_synced(&part, bytes, mode)?;
    std::fs::rename(&part, path)?;
    sync_directory(path)
}

fn write_synced(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(mode);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes a new name of `path` durable.
fn sync_directory(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) => std::fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// A file name for an address: letters, digits, dots and hyphens.
pub fn name_for(address: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '-') {
            c
        } else {
            '_'
        }
    };
    let name: String = address
        .replace('@', "-at-")
        .chars()
        .map(safe)
        .take(100)
        .collect();
    name.trim_start_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_of_addresses_stay_in_their_directory() {
        assert_eq!(name_for("../a/b@c.example"), "_a_b-at-c.example");
    }
}
