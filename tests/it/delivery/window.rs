//! Several messages in flight over one connection: `[smtp] window`.

use franking::simulator::sink::{Answer, Script};
use serde_json::Value;

use crate::support::Folder;
use crate::support::campaign::{LATER, NOW, send, totals};
use crate::support::relay::{self, Relay, smtp};

const READERS: usize = 20;
const WINDOW: usize = 8;

/// Refuses some, and hangs up once.
struct Bad {
    /// The unknown recipient.
    unknown: &'static str,
    /// The recipient after whose message it closes the connection, the first time.
    last: &'static str,
}

impl Script for Bad {
    fn recipient(&self, address: &str, _: u32) -> Answer {
        match address == self.unknown {
            true => Answer::Reply(550, "5.1.1 nobody here".to_owned()),
            false => Answer::Accept,
        }
    }
    fn message(&self, address: &str, attempt: u32) -> Answer {
        match address == self.last && attempt == 1 {
            true => Answer::Drop,
            false => Answer::Accept,
        }
    }
}

/// Accepts one message at a time.
struct OneByOne;

impl Script for OneByOne {
    fn chunking(&self) -> bool {
        false
    }
}

fn newsletter(relay: &Relay) -> Folder {
    let smtp = smtp(relay.port, "none", 1);
    relay::newsletter_for(READERS, &format!("{smtp}window = {WINDOW}\n"))
}

#[test]
fn a_refusal_in_the_window_affects_one_recipient() {
    let relay = Relay::start(Bad {
        unknown: "r3@reader.example",
        last: "",
    });
    let folder = newsletter(&relay);
    let run = send(&folder, NOW);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let totals = totals(&folder);
    assert_eq!(
        (&totals["accepted"], &totals["refused"]),
        (&19.into(), &1.into())
    );
    assert_eq!((relay.count("BDAT"), relay.count("DATA")), (READERS, 0));
    assert_eq!(relay.recipients().len(), 19);
}

#[test]
fn a_lost_connection_leaves_only_messages_in_flight_uncertain() {
    let relay = Relay::start(Bad {
        unknown: "",
        last: "r3@reader.example",
    });
    let folder = newsletter(&relay);
    let first = send(&folder, NOW);
    let behind_it = totals(&folder);
    // Replies that were on their way may be lost with the connection.
    let doubts = behind_it["uncertain"].as_u64().expect("a number");
    assert!((1..=WINDOW as u64).contains(&doubts), "{}", first.stderr);
    send(&folder, LATER);
    let totals = totals(&folder);
    assert_eq!(totals["accepted"], READERS as u64 - doubts, "{totals}");
    assert_eq!(totals["uncertain"], doubts);
    let mut recipients = relay.recipients();
    recipients.dedup();
    assert_eq!(recipients.len(), relay.recipients().len(), "nobody twice");
}

#[test]
fn a_relay_without_chunking_gets_one_message_at_a_time() {
    let relay = Relay::start(OneByOne);
    let folder = newsletter(&relay);
    let run = send(&folder, NOW);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!((relay.count("BDAT"), relay.count("DATA")), (0, READERS));
}

/// Replies twice to the message to `r2`, and refuses the one to `r3`.
struct Stammers;

impl Script for Stammers {
    fn message(&self, address: &str, _: u32) -> Answer {
        match address {
            "r2@reader.example" => {
                Answer::Reply(250, "2.0.0 kept\r\n250 2.0.0 as I said".to_owned())
            }
            "r3@reader.example" => Answer::Reply(550, "5.2.0 no".to_owned()),
            _ => Answer::Accept,
        }
    }
}

/// The duplicate reply could be read as that to the next message.
#[test]
fn a_duplicate_reply_does_not_accept_a_refused_message() {
    for window in [1, WINDOW] {
        let relay = Relay::start(Stammers);
        let folder = newsletter(&relay);
        let smtp = smtp(relay.port, "none", 1);
        relay::set_smtp(&folder, &format!("{smtp}window = {window}\n"));
        for now in [NOW, LATER] {
            let run = send(&folder, now);
            assert!([0, 1, 75].contains(&run.code), "{}", run.stderr);
        }
        let status = folder.run(&["status", "a", "--json"]);
        let report: Value = serde_json::from_str(&status.stdout).expect("JSON");
        let kept = relay.recipients();
        for row in report["deliveries"].as_array().expect("rows") {
            let address = row["address"].as_str().expect("a word");
            let copies = kept.iter().filter(|kept| *kept == address).count();
            let expected = match row["state"].as_str() {
                Some("accepted") => 1..=1,
                Some("uncertain") => 0..=1,
                Some("refused") => 0..=0,
                other => panic!("{address} is {other:?}"),
            };
            assert!(
                expected.contains(&copies),
                "window {window}: {row}, {copies} copies"
            );
        }
        // One message at a time: the replies to the next envelope are shifted, and its message is not sent.
        let doubts = if window == 1 { 0 } else { window };
        assert_eq!(report["totals"]["uncertain"], doubts);
    }
}

/// Says to `r2`, before there is a message, that it is kept; what then comes it takes for commands.
struct Hasty;

impl Script for Hasty {
    fn data(&self, address: &str, _: u32) -> Answer {
        match address {
            "r2@reader.example" => Answer::Reply(354, "go on\r\n250 2.0.0 kept already".to_owned()),
            _ => Answer::Accept,
        }
    }
}

#[test]
fn a_reply_sent_before_the_message_does_not_accept_it() {
    let relay = Relay::start(Hasty);
    let folder = newsletter(&relay);
    let smtp = smtp(relay.port, "none", 1);
    relay::set_smtp(&folder, &smtp);
    let run = send(&folder, NOW);
    assert_eq!(run.code, 75, "{}", run.stderr);
    let status = folder.run(&["status", "a", "--json"]);
    let report: Value = serde_json::from_str(&status.stdout).expect("JSON");
    let rows = report["deliveries"].as_array().expect("rows");
    let waiting: Vec<&Value> = rows
        .iter()
        .filter(|row| row["state"] != "accepted")
        .collect();
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    assert_eq!(waiting[0]["address"], "r2@reader.example");
    assert_eq!(waiting[0]["state"], "deferred");
    assert_eq!(
        waiting[0]["diagnostic"],
        "the connection was lost at DATA: a reply to a message that has not been sent"
    );
    assert_eq!(relay.recipients().len(), READERS - 1, "the others have it");
}
