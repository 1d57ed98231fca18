//! Files that are whole or not there, and names that stay in their folder.

use std::io::{self, Write};
use std::path::Path;

/// Writes a file so that nobody ever sees half of it.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension("part");
    std::fs::write(&part, bytes)?;
    std::fs::rename(&part, path)
}

/// As [`write_whole`], and on the disk when this returns: for what is said to have been delivered.
pub fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    durably(path, bytes, 0o666)
}

/// As [`write_durably`], readable by its owner alone.
pub fn write_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    durably(path, bytes, 0o600)
}

/// `mode` is what the file may have at most; the umask takes away the rest.
fn durably(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let part = path.with_extension("part");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(mode);
    let mut file = options.open(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&part, path)?;
    match path.parent() {
        Some(folder) => std::fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// An address as a file's name: letters, digits, dots and hyphens.
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
    fn no_address_leaves_its_folder() {
        assert_eq!(name_for("../a/b@c.example"), "_a_b-at-c.example");
    }
}
