//! Errors of the operating system: messages without error numbers and function names, and errors of the disk.

use std::io::{Error, ErrorKind};
use std::path::Path;

/// An error of the disk, whatever was read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskError {
    /// No space, or none within the user's quota.
    Full,
    /// An input/output error.
    Failing,
}

impl DiskError {
    /// The error of the disk that `error` is; `None` if it is another error.
    pub fn of(error: &(dyn std::error::Error + 'static)) -> Option<Self> {
        if let Some(disk) = error.downcast_ref::<Self>() {
            return Some(*disk);
        }
        let error = error.downcast_ref::<Error>()?;
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Some(Self::Full),
            _ if error.raw_os_error() == Some(INPUT_OUTPUT_ERROR) => Some(Self::Failing),
            _ => None,
        }
    }

    /// What to do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Full => "free some space, then run the same command again",
            Self::Failing => {
                "look for errors of the disk in the system's log; back up what can still be read"
            }
        }
    }
}

/// `EIO`, which has no kind of its own.
const INPUT_OUTPUT_ERROR: i32 = 5;

impl std::fmt::Display for DiskError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Full => "the disk is full",
            Self::Failing => "the disk reports an error",
        })
    }
}

impl std::error::Error for DiskError {}

/// How many octets this user may still write to the file system of `directory`.
///
/// # Errors
/// If the file system cannot be queried.
pub fn free_space(directory: &Path) -> std::io::Result<u64> {
    let found = rustix::fs::statvfs(directory)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// The message of an error: `permission denied`, not `Permission denied (os error 13)`.
pub fn words(error: &Error) -> String {
    match error.kind() {
        ErrorKind::ConnectionRefused => {
            "connection refused: nothing listens on this port".to_owned()
        }
        ErrorKind::TimedOut => "it does not answer".to_owned(),
        _ => small(&without_number(&error.to_string())),
    }
}

/// `text` without the numbers of system errors in it.
pub fn without_number(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(" (os error ") {
        // The prefix with which libraries pass on a system error.
        match before.rsplit_once("I/O error: ") {
            Some((context, why)) => out.push_str(&format!("{context}{}", small(why))),
            None => out.push_str(before),
        }
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    match out.strip_prefix("failed to lookup address information: ") {
        Some(why) if why.contains("Temporary") || why.contains("try again") => {
            "the host name cannot be resolved now: no DNS server answers".to_owned()
        }
        Some(_) => "the host name does not exist".to_owned(),
        None => out,
    }
}

/// With a lower-case first letter, except for abbreviations.
fn small(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(chars).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn system_errors_have_no_numbers() {
        assert_eq!(words(&Error::from_raw_os_error(13)), "permission denied");
        assert_eq!(
            words(&Error::from_raw_os_error(28)),
            "no space left on device"
        );
        assert_eq!(words(&Error::other("I/O is off")), "I/O is off");
        assert_eq!(
            without_number("`a`: Not a directory (os error 20); `b`: x (os error 1)"),
            "`a`: Not a directory; `b`: x"
        );
        assert_eq!(
            without_number("`a` cannot be used: I/O error: No such file (os error 2)"),
            "`a` cannot be used: no such file"
        );
        let unknown = "failed to lookup address information: Name or service not known";
        assert_eq!(
            words(&Error::other(unknown)),
            "the host name does not exist"
        );
    }
}
