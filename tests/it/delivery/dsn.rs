//! Delivery status notifications (RFC 3461): requested if the relay offers them.

use std::sync::Mutex;

use franking::simulator::sink::{AcceptAll, Answer, Script};

use crate::support::relay::{self, Relay, smtp};
use crate::support::{Folder, Run};

/// Offers notices, or does not, and refuses commands that have a certain word in them.
#[derive(Default)]
struct Peculiar {
    offers: bool,
    refuses: Option<(&'static str, u16, &'static str)>,
    last: Mutex<String>,
}

impl Peculiar {
    fn answer(&self) -> Answer {
        let last = self.last.lock().expect("no panic");
        match self.refuses {
            Some((word, code, text)) if last.contains(word) => Answer::Reply(code, text.to_owned()),
            _ => Answer::Accept,
        }
    }
}

impl Script for Peculiar {
    fn heard(&self, command: &str) {
        *self.last.lock().expect("no panic") = command.to_owned();
    }
    fn dsn(&self) -> bool {
        self.offers
    }
    fn sender(&self, _address: &str) -> Answer {
        self.answer()
    }
    fn recipient(&self, _address: &str, _attempt: u32) -> Answer {
        self.answer()
    }
}

/// Sends to six recipients over one connection; `keys` are further keys of the relay.
fn send(relay: &Relay, keys: &str) -> (Folder, Run) {
    let smtp = smtp(relay.port, "none", 1);
    let folder = relay::newsletter(&format!("{smtp}{keys}\n"));
    relay::set_subscribers(&folder, ["ana+news", "r2", "r3", "r4", "r5", "r6"]);
    relay::write_issue(&folder, "a+b", "");
    let run = folder.run_at("2026-11-30T08:00:00Z", &["send", "a+b", "--yes"]);
    (folder, run)
}

#[test]
fn a_relay_with_dsn_is_asked_for_failure_notifications() {
    for keys in ["", "window = 4"] {
        let relay = Relay::start(AcceptAll);
        let (_folder, run) = send(&relay, keys);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let mail = relay.count_of(|command| {
            command.starts_with("MAIL FROM:<letter@press.example>")
                && command.ends_with(" RET=HDRS ENVID=a+2Bb")
        });
        assert_eq!(mail, 6);
        let command = "RCPT TO:<ana+news@reader.example> NOTIFY=FAILURE \
                       ORCPT=rfc822;ana+2Bnews@reader.example";
        assert_eq!(relay.count_of(|given| given == command), 1);
        assert_eq!(
            relay.count_of(|given| given.contains(" NOTIFY=FAILURE ORCPT=")),
            6
        );
    }
}

#[test]
fn a_relay_without_dsn_gets_no_notify_parameter() {
    for keys in ["", "window = 4"] {
        let relay = Relay::start(Peculiar::default());
        let (_folder, run) = send(&relay, keys);
        assert_eq!(
            (run.code, relay.recipients().len()),
            (0, 6),
            "{}",
            run.stderr
        );
        let asked = ["RET=", "ENVID=", "NOTIFY=", "ORCPT="];
        let is_so = |command: &str| asked.iter().any(|word| command.contains(word));
        assert_eq!(relay.count_of(is_so), 0);
    }
}

/// A relay that offers DSN and rejects its parameters costs neither a recipient nor the campaign.
#[test]
fn a_relay_that_refuses_dsn_parameters_gets_the_messages_without_them() {
    let refusals = [
        ("ENVID=", 555, "5.5.4 unsupported option"),
        ("ENVID=", 455, "not now"),
        ("ORCPT=", 501, "syntax error in parameters"),
        ("ORCPT=", 504, "5.5.4 parameter not implemented"),
    ];
    for refuses in refusals {
        for keys in ["", "window = 4"] {
            let relay = Relay::start(Peculiar {
                offers: true,
                refuses: Some(refuses),
                ..Peculiar::default()
            });
            let (folder, run) = send(&relay, keys);
            let output = format!("{refuses:?} {keys}: {}", run.stderr);
            assert_eq!(run.code, 0, "{output}");
            assert!(relay.copies().values().all(|count| *count == 1), "{output}");
            assert_eq!(relay.recipients().len(), 6, "{output}");
            assert!(!output.contains("refused    r"), "{output}");
            let status = folder.run(&["status", "a+b", "--json"]).stdout;
            let status: serde_json::Value = serde_json::from_str(&status).expect("JSON");
            assert_eq!(status["totals"]["accepted"], 6, "{output}");
        }
    }
}

#[test]
fn a_refusal_without_dsn_parameters_is_classified_as_usual() {
    // It refuses the recipient with and without parameters.
    let relay = Relay::start(Peculiar {
        offers: true,
        refuses: Some(("r3@", 501, "5.1.3 bad address")),
        ..Peculiar::default()
    });
    let (_folder, run) = send(&relay, "");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let said = "refused    r3@reader.example: 501 5.1.3 bad address";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    assert_eq!(relay.count("RCPT TO:<r3@"), 1);

    let relay = Relay::start(Peculiar {
        offers: true,
        refuses: Some(("RCPT", 504, "parameter not implemented")),
        ..Peculiar::default()
    });
    let (_folder, run) = send(&relay, "");
    assert!(relay.recipients().is_empty(), "{}", run.stderr);
    let said = "refused    r3@reader.example: 504 parameter not implemented";
    assert!(run.stderr.contains(said), "{}", run.stderr);
}
