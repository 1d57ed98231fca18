//! Messages of the operating system, without error numbers and function names.

use std::io::{Error, ErrorKind};

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
