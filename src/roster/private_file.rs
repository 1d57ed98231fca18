//! A file that only its owner can read, and that is complete or not there.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::workspace::{Failure, FailureKind, Workspace};

/// Checks that an output file replaces no file of the newsletter: its state, settings or list.
///
/// # Errors
/// When it would.
pub(super) fn require_foreign(path: &Path, workspace: &Workspace) -> Result<(), Failure> {
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new(".")).canonicalize();
    let (Ok(directory), Some(name)) = (directory, path.file_name()) else {
        return Ok(());
    };
    let target = directory.join(name);
    let is_own = |own: &Path| own.canonicalize().is_ok_and(|own| target.starts_with(own));
    let own = OWN.map(|name| workspace.directory.join(name));
    if own.iter().any(|own| is_own(own)) || is_own(&workspace.state()) {
        let message = format!(
            "`{}` belongs to the newsletter, and would be replaced",
            path.display()
        );
        return Err(Failure::new(FailureKind::Usage, message).hint("choose another file"));
    }
    Ok(())
}

/// The newsletter's files and directories.
const OWN: [&str; 4] = ["newsletter.toml", "subscribers.toml", "issues", "templates"];

/// A file that is written under another name until it is complete. A device or a pipe is written at once, because it would
/// be replaced by a file.
#[derive(Debug)]
pub(super) struct PrivateFile {
    path: PathBuf,
    /// The other name; `None` for a device or a pipe.
    part: Option<PathBuf>,
    out: BufWriter<File>,
}

impl PrivateFile {
    /// Begins a file; one that is at `path` stays until this one is kept.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let is_special = std::fs::metadata(path).is_ok_and(|known| !known.is_file());
        let part = (!is_special).then(|| {
            let mut part = path.as_os_str().to_owned();
            part.push(".part");
            PathBuf::from(part)
        });
        let mut options = OpenOptions::new();
        options
            .write(true)
            .create(!is_special)
            .truncate(!is_special)
            .mode(0o600);
        let file = options.open(part.as_deref().unwrap_or(path))?;
        Ok(Self {
            path: path.to_owned(),
            part,
            out: BufWriter::new(file),
        })
    }

    /// Gives the complete file its name.
    pub(super) fn keep(mut self) -> io::Result<()> {
        self.out.flush()?;
        match &self.part {
            Some(part) => std::fs::rename(part, &self.path),
            None => Ok(()),
        }
    }
}

impl Write for PrivateFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Removes what is left of a file that was not kept.
impl Drop for PrivateFile {
    fn drop(&mut self) {
        if let Some(part) = &self.part {
            // After `keep` there is none.
            let _ = std::fs::remove_file(part);
        }
    }
}
