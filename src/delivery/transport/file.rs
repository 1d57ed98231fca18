//! The outbox: letters as files, where there is no relay.

use std::io;
use std::path::PathBuf;

use crate::message::Message;
use crate::util::fs;

/// A folder that takes letters.
#[derive(Debug, Clone)]
pub struct FileTransport {
    /// Where the files go.
    pub folder: PathBuf,
}

impl FileTransport {
    /// Writes delivery number `number`. Its name is that number and the address, so that writing it again
    /// after a crash gives the same file and not a second one.
    ///
    /// # Errors
    /// When the file cannot be written whole.
    pub fn put(&self, number: i64, letter: &Message) -> io::Result<PathBuf> {
        std::fs::create_dir_all(&self.folder)?;
        let name = fs::name_for(&letter.recipient);
        let path = self.folder.join(format!("{number:05}-{name}.eml"));
        fs::write_durably(&path, &letter.bytes())?;
        Ok(path)
    }
}
