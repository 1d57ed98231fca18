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

/// Creates a directory and those above it. A directory created by root has the owner of the one that contains it, as
/// [`inherit_owner`] has it.
///
/// # Errors
/// If one of them cannot be created.
pub fn create_directories(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    let missing: Vec<&Path> = path
        .ancestors()
        .take_while(|above| !above.as_os_str().is_empty() && !above.exists())
        .collect();
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(mode).create(path)?;
    for directory in missing.into_iter().rev() {
        inherit_owner(&std::fs::File::open(directory)?, directory);
    }
    Ok(())
}

/// Gives a file or directory that root has created at `path` to the owner of the directory that contains it: otherwise
/// the owner of a newsletter could not use what a command run as root has left there.
pub fn inherit_owner(file: &std::fs::File, path: &Path) {
    use std::os::unix::fs::{MetadataExt, fchown};
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    let above = std::fs::metadata(above.unwrap_or(Path::new(".")));
    let (Ok(above), Ok(created)) = (above, file.metadata()) else {
        return;
    };
    // A file with a second name may be one of another directory.
    let is_own = created.is_dir() || created.nlink() == 1;
    if created.uid() == 0 && above.uid() != 0 && is_own {
        // Without the right to do so the file is whole, and its owner root.
        let _ = fchown(file, Some(above.uid()), Some(above.gid()));
    }
}

/// Gives the files directly in `directory` that root has created to the owner of the directory.
pub fn inherit_owners(directory: &Path) {
    let entries = std::fs::read_dir(directory).into_iter().flatten();
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if let Ok(file) = std::fs::File::open(&path) {
            inherit_owner(&file, &path);
        }
    }
}

/// Removes the permissions of other users for a file that is about to be written.
///
/// # Errors
/// If they have some that only its owner may remove. A file that cannot be written is left as it is.
pub fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path)?.permissions().mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let private = std::fs::Permissions::from_mode(mode & 0o700);
    match std::fs::set_permissions(path, private) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            let is_writable = std::fs::OpenOptions::new().append(true).open(path).is_ok();
            let why = format!(
                "other users can read it (mode {mode:04o}); its owner must run `chmod 600` on it"
            );
            if is_writable {
                Err(io::Error::other(why))
            } else {
                Ok(())
            }
        }
        done => done,
    }
}

/// Writes a file whose owner is that of the directory, as [`inherit_owner`] has it.
///
/// # Errors
/// If it cannot be written completely.
pub fn write_owned(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    inherit_owner(&file, path);
    file.write_all(bytes)
}

/// Writes a file atomically: readers never see a part of it.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension("part");
    let mut file = std::fs::File::create(&part)?;
    inherit_owner(&file, &part);
    file.write_all(bytes)?;
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
    inherit_owner(&file, path);
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
