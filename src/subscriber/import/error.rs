//! Why a file is not imported at all.

use std::fmt;
use std::io;

use crate::util::{escape, system};

/// Why nothing of a file is imported: the line and the remedy.
#[derive(Debug)]
pub struct ImportError {
    file: String,
    line: Option<u64>,
    message: String,
    hint: Option<String>,
}

impl ImportError {
    pub(super) fn new(file: &str, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: None,
            message: message.into(),
            hint: None,
        }
    }

    pub(super) fn line(self, line: u64) -> Self {
        let line = Some(line);
        Self { line, ..self }
    }

    pub(super) fn help(self, hint: impl Into<String>) -> Self {
        let hint = Some(hint.into());
        Self { hint, ..self }
    }

    pub(super) fn unreadable(file: &str, error: &io::Error) -> Self {
        match error.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(TooLarge { message, hint }) => Self::new(file, message).help(*hint),
            None => Self::new(file, format!("cannot be read: {}", system::words(error))),
        }
    }

    /// Adds a remedy to the one that is known.
    pub(super) fn or(self, remedy: &str) -> Self {
        let hint = self
            .hint
            .as_ref()
            .map_or_else(|| remedy.to_owned(), |hint| format!("{hint}; or {remedy}"));
        self.help(hint)
    }

    /// The end of a reading whose caller has failed: the caller reports its own error.
    pub fn stopped() -> Self {
        Self::new("", "stopped")
    }

    /// The remedy, if one is known.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&escape::terminal(&self.file))?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for ImportError {}

/// A limit that a file exceeds, with the remedy.
#[derive(Debug)]
struct TooLarge {
    message: String,
    hint: &'static str,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for TooLarge {}

/// The error of a reader whose file exceeds a limit: see [`ImportError::unreadable`].
pub(super) fn too_large(message: String, hint: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, TooLarge { message, hint })
}
