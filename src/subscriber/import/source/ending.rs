//! How a text ends: a file that was cut off usually ends in the middle of a line.

use std::io::{self, Read};

/// A text that remembers whether its last line has an end.
pub(in crate::subscriber::import) struct Ending<'a> {
    text: &'a mut dyn Read,
    last: u8,
}

impl<'a> Ending<'a> {
    pub(in crate::subscriber::import) fn of(text: &'a mut dyn Read) -> Self {
        Self { text, last: b'\n' }
    }

    /// Whether what was read so far ends in the middle of a line.
    pub(in crate::subscriber::import) fn is_open(&self) -> bool {
        !matches!(self.last, b'\n' | b'\r')
    }
}

impl Read for Ending<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.text.read(buffer)?;
        if let Some(last) = buffer[..read].last() {
            self.last = *last;
        }
        Ok(read)
    }
}
