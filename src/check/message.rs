//! One whole message, looked at as a receiver does: a proof that what is packed keeps the rules of RFC 5322
//! and RFC 2045, whatever the files say.

use super::Subject;
use crate::diag::{Finding, Findings};
use crate::message::{self, LONGEST_LINE, MessageOptions};
use crate::subscriber::Subscriber;

/// Fields of which a message has one and no more (RFC 5322 section 3.6; Google refuses a second).
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

pub(super) fn check(subject: &Subject<'_>, reader: &Subscriber, findings: &mut Findings) {
    let stamp = MessageOptions::specimen(jiff::Timestamp::UNIX_EPOCH);
    let fault = match message::write(subject.edition, reader, &stamp) {
        Ok(letter) => fault(&letter.bytes()),
        Err(error) => Some(error.to_string()),
    };
    if let Some(fault) = fault {
        let message = format!("no good message can be made of this issue: {fault}");
        findings.push(Finding::error("malformed-message", message));
    }
}

fn fault(message: &[u8]) -> Option<String> {
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
            return Some("a line is not in seven bits".to_owned());
        }
    }
    let text = String::from_utf8_lossy(message);
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    ONCE.iter().find_map(|name| match count(head, name) {
        1 => None,
        n => Some(format!("the field {name} stands there {n} times")),
    })
}

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
        assert_eq!(fault(format!("{head}\r\nbody\r\n").as_bytes()), None);
        let long = "x".repeat(999);
        for (message, what) in [
            (format!("{head}\r\nbody\n"), "CRLF"),
            (format!("{head}\r\n{long}\r\n"), "999 octets"),
            (format!("{head}\r\nü\r\n"), "seven bits"),
            (
                format!("To: y\r\n{head}\r\nbody\r\n"),
                "field to stands there 2",
            ),
        ] {
            let told = fault(message.as_bytes()).expect("a fault");
            assert!(told.contains(what), "{told}");
        }
    }
}
