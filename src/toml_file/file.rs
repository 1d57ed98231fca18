//! Reading a file as text, with a finding for each reason why it cannot be read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::encoding;
use crate::diag::{ChunkStart, Finding, Findings, Source};
use crate::util::system;

/// Reads the file `shown` in `folder`, at most `limit` bytes.
///
/// A file that is missing, outside the folder (links followed), too large or not UTF-8 is reported, and `None`. A
/// contributed issue may come with a symbolic link, and a finding would show the file that it leads to: files outside
/// the newsletter's directory are not read.
pub fn read(
    folder: &Path,
    shown: &str,
    limit: u64,
    findings: &mut Findings,
) -> Option<Arc<Source>> {
    match read_text(folder, shown, limit) {
        Ok(text) => Some(Source::new(shown, text)),
        Err(why) => {
            findings.push(why.into_finding(shown));
            None
        }
    }
}

/// The reason why a file could not be read as text.
pub(super) enum ReadError {
    Io(std::io::Error),
    Outside,
    NoFile,
    TooLarge {
        bytes: u64,
        limit: u64,
    },
    NotUtf8 {
        bytes: Vec<u8>,
        offset: usize,
        /// The position of `bytes` in the file.
        before: ChunkStart,
    },
}

impl ReadError {
    pub(super) fn into_finding(self, shown: &str) -> Finding {
        match self {
            Self::Io(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Finding::error("missing-file", format!("the file `{shown}` does not exist"))
            }
            Self::Io(error) => Finding::error(
                "unreadable-file",
                format!("cannot read `{shown}`: {}", system::words(&error)),
            ),
            Self::Outside => {
                let message =
                    format!("`{shown}` is a link to a file outside the newsletter's directory");
                Finding::error("file-outside", message)
                    .hint("replace the link with the file itself")
            }
            Self::NoFile => Finding::error("unreadable-file", format!("`{shown}` is not a file")),
            Self::TooLarge { bytes, limit } => {
                Finding::error("file-too-large", format!("`{shown}` has {bytes} bytes"))
                    .hint(format!("the limit is {limit} bytes"))
            }
            Self::NotUtf8 {
                bytes,
                offset,
                before,
            } => encoding::finding(shown, &bytes, offset, before),
        }
    }
}

/// The path of the file `shown` in `folder`, and its length in bytes. Links are followed, but must not lead outside.
pub(super) fn locate(folder: &Path, shown: &str) -> Result<(PathBuf, u64), ReadError> {
    let root = folder.canonicalize().map_err(ReadError::Io)?;
    let path = folder.join(shown).canonicalize().map_err(ReadError::Io)?;
    if !path.starts_with(root) {
        return Err(ReadError::Outside);
    }
    let found = std::fs::metadata(&path).map_err(ReadError::Io)?;
    // Reading a pipe would block.
    if !found.is_file() {
        return Err(ReadError::NoFile);
    }
    Ok((path, found.len()))
}

fn read_text(folder: &Path, shown: &str, limit: u64) -> Result<String, ReadError> {
    let (path, bytes) = locate(folder, shown)?;
    if bytes > limit {
        return Err(ReadError::TooLarge { bytes, limit });
    }
    let content = std::fs::read(path).map_err(ReadError::Io)?;
    let not_utf8 = |bytes, offset| ReadError::NotUtf8 {
        bytes,
        offset,
        before: ChunkStart::default(),
    };
    if !encoding::is_text(&content) {
        return Err(not_utf8(content, 0));
    }
    String::from_utf8(content).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        not_utf8(error.into_bytes(), offset)
    })
}
