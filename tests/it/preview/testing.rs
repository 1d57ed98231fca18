//! A test message from the page: confirmed, sent once; a refusal is shown.

use franking::simulator::sink::{AcceptAll, Answer, Script};

use super::Preview;
use crate::support::Folder;
use crate::support::relay::{self, Relay, smtp};

fn newsletter(relay: &Relay) -> Folder {
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["ann", "bo"]);
    relay::write_issue(&folder, "a", "");
    folder
}

#[test]
fn a_test_message_is_confirmed_and_sent_once() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    let preview = Preview::open(&folder);
    let asked = preview.post("/test/a", "address=ed%40press.example");
    assert_eq!(asked.status, 200);
    assert_eq!(asked.words("h1"), ["Send a test of “a”?"]);
    assert!(
        asked
            .words("main p")
            .concat()
            .contains("franking send a --test ed@press.example")
    );
    assert_eq!(relay.recipients(), [""; 0]);
    let output = preview.post("/test/a", "address=ed%40press.example&sure=true");
    assert_eq!(output.words("h1"), ["Test sent"]);
    let caught = relay.received();
    assert_eq!(relay.recipients(), ["ed@press.example"]);
    let message = String::from_utf8_lossy(&caught[0].bytes).into_owned();
    assert!(
        message.contains("\r\nSubject: [TEST] a: a word to"),
        "{message}"
    );
    // The ledger does not record it.
    assert!(!folder.path().join(".franking/store.db").exists());
}

/// Whoever has left, or has no mailbox, is refused by the relay in its own words.
struct Refusing;

impl Script for Refusing {
    fn recipient(&self, _: &str, _: u32) -> Answer {
        Answer::Reply(550, "5.7.1 <b>not today</b>".to_owned())
    }
}

#[test]
fn a_refusal_of_the_relay_is_quoted() {
    let relay = Relay::start(Refusing);
    let preview = Preview::of(newsletter(&relay));
    let output = preview.post("/test/a", "address=ed%40press.example&sure=true");
    assert_eq!(output.words("h1"), ["The test was not sent"]);
    let why = output.words("main pre").concat();
    assert!(why.contains("550 5.7.1 <b>not today</b>"), "{why}");
    assert_eq!(relay.recipients(), [""; 0]);
    let output = preview.post("/test/a", "address=nobody&sure=true");
    let why = output.words("main pre").concat();
    assert!(why.contains("`nobody` is not an e-mail address"), "{why}");
    assert_eq!(
        preview
            .post("/test/b", "address=ed%40press.example&sure=true")
            .status,
        404
    );
}

#[test]
fn no_test_message_is_sent_while_there_are_errors() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay);
    let faulty = folder.read("issues/a.toml").replace("body", "bdoy");
    folder.write("issues/b.toml", &faulty);
    let preview = Preview::open(&folder);
    let output = preview.post("/test/b", "address=ed%40press.example&sure=true");
    assert_eq!(output.words("h1"), ["The test was not sent"]);
    assert_eq!(relay.recipients(), [""; 0]);
    let page = preview.get("/issue/b");
    assert_eq!(page.words("#strip button[disabled]"), ["Test…"]);
}
