//! Checks one whole message against RFC 5322 and RFC 2045, as a receiver would.

use super::Subject;
use crate::diag::{Finding, Findings};
use crate::message::{self, LONGEST_LINE, MessageOptions};
use crate::subscriber::Subscriber;

/// Header fields that must occur exactly once (RFC 5322 section 3.6). Google rejects repeated ones.
const ONCE: [&str; 9] = [
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "mime-version",
    "content-type",
    "list-id",
    "list-unsubscribe",
];

pub(super) fn check(subject: &Subject<'_>, recipient: &Subscriber, findings: &mut Findings) {
    let options = MessageOptions::specimen(jiff::Timestamp::UNIX_EPOCH);
    let problem = match message::write(subject.edition, recipient, &options) {
        Ok(message) => problem(&message.bytes()),
        Err(error) => Some(error.to_string()),
    };
    if let Some(problem) = problem {
        let message = format!("the message of this issue is malformed: {problem}");
        findings.push(Finding::error("malformed-message", message));
    }
}

fn problem(message: &[u8]) -> Option<String> {
    for line in message.split(|byte| *byte == b'\n') {
        let (content, ends_well) = match line.strip_suffix(b"\r") {
            Some(content) => (content, true),
            None => (line, line.is_empty()),
        };
        if !ends_well || content.contains(&b'\r') {
            return Some("a line does not end in CRLF".to_owned());
        }
        if content.len() > LONGEST_LINE {
            return Some(format!("a line has {} octets", content.len()));
        }
        if content.iter().any(|byte| *byte == 0 || *byte > 126) {
            return Some("a line contains an octet outside seven-bit ASCII".to_owned());
        }
    }
    let text = String::from_utf8_lossy(message);
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    ONCE.iter().find_map(|name| match count(head, name) {
        1 => None,
        n => Some(format!("the header field {name} occurs {n} times")),
    })
}

/// The number of fields with a name.
fn count(head: &str, name: &str) -> usize {
    let names = head.lines().filter_map(|line| line.split_once(':'));
    names
        .filter(|(found, _)| found.eq_ignore_ascii_case(name))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_sees_what_is_wrong() {
        let head = ONCE.map(|name| format!("{name}: x\r\n")).concat();
        assert_eq!(problem(format!("{head}\r\nbody\r\n").as_bytes()), None);
        let long = "x".repeat(999);
        for (message, what) in [
            (format!("{head}\r\nbody\n"), "CRLF"),
            (format!("{head}\r\n{long}\r\n"), "999 octets"),
            (format!("{head}\r\nü\r\n"), "seven-bit"),
            (format!("To: y\r\n{head}\r\nbody\r\n"), "field to occurs 2"),
        ] {
            let told = problem(message.as_bytes()).expect("a problem");
            assert!(told.contains(what), "{told}");
        }
    }
}
