//! The outbox: messages are written to files instead of being sent to a relay.

use std::io;
use std::path::PathBuf;

use crate::message::Message;
use crate::util::fs;

/// A directory to which messages are written.
#[derive(Debug, Clone)]
pub struct FileTransport {
    /// The directory; it is created if it does not exist.
    pub folder: PathBuf,
}

impl FileTransport {
    /// Writes the message of delivery number `number`. The file is named after that number and the address, so that a
    /// repetition after a crash overwrites it.
    ///
    /// # Errors
    /// If the file cannot be written completely.
    pub fn put(&self, number: i64, message: &Message) -> io::Result<PathBuf> {
        fs::create_directories(&self.folder, 0o700)?;
        let name = fs::name_for(&message.recipient);
        let path = self.folder.join(format!("{number:05}-{name}.eml"));
        fs::write_durably(&path, &message.bytes())?;
        Ok(path)
    }
}
