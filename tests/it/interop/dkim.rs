//! Letters signed here and verified by two programs that know nothing of the signer.

mod keys;
mod tampering;
pub mod verifiers;

use franking::simulator::sink::AcceptAll;

use crate::support::relay::{self, Relay};
use crate::support::{Folder, has};
use tampering::spoilt;
use verifiers::{Verdicts, verdicts};

/// A newsletter with a key, and what the DNS would say of it: name and text of a record.
struct Signing {
    folder: Folder,
    record: String,
}

/// Its day has passed on every machine, for a signature of tomorrow is none.
const ISSUE: &str = r#"
subject   = "A river that moved, {{ name }}, and — among much else — where to apply by the end of the year"
preheader = "For {{ name }}."
date      = 2024-11-02
intro     = "Dear {{ name }}, this is *yours*."

[[section]]
kind    = "text"
heading = "Où l’eau va"
body    = """
.begins with a dot

From here on, a line begins as an mbox does.  \\
Two spaces  within, and    four.
"""
"#;

/// Names that have to be encoded, quoted, folded.
const NAMES: [&str; 8] = [
    "Ada Plain",
    "Łukasz Żółć",
    "Ελένη Παπαδοπούλου",
    "محمد الهاشمي",
    "Anne-Sophie de la Tour d’Auvergne von und zu Hohenlohe-Schillingsfürst",
    "O'Neill, \"The Dot\" <x@y>",
    "王小明",
    "=?utf-8?q?Mallory?=",
];

impl Signing {
    fn new(smtp: &str, algorithm: &str) -> Self {
        let folder = relay::newsletter(smtp);
        folder.write("issues/a.toml", ISSUE);
        let record = set_up(&folder, algorithm);
        let signing = Self { folder, record };
        signing.set_subscribers(1);
        signing
    }

    fn set_subscribers(&self, count: usize) {
        let names = NAMES.iter().cycle().take(count);
        let entries = names.enumerate().map(|(number, name)| {
            let name = serde_json::to_string(&format!("{name} {number}")).expect("a text");
            format!("[[subscriber]]\nemail = \"r{number}@reader.example\"\nname = {name}\n\n")
        });
        let list: String = entries.collect();
        self.folder.write("subscribers.toml", &list);
    }

    fn send(&self, count: usize) {
        let run = self
            .folder
            .run(&["send", "a", "--confirm", &count.to_string()]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(
            run.stderr.contains(", signed for press.example\n"),
            "{}",
            run.stderr
        );
    }

    /// The message of the one copy that `build` writes.
    fn built(&self) -> Vec<u8> {
        let run = self.folder.run(&["build", "a", "--out", "built"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        std::fs::read(self.folder.path().join("built/a.eml")).expect("the message")
    }

    /// Writes messages into files of their own, and has both verifiers look at them.
    fn verified<'a>(
        &self,
        test: &str,
        messages: impl IntoIterator<Item = (String, &'a [u8])>,
    ) -> Option<Verdicts> {
        let mail = self.folder.path().join("mail");
        std::fs::create_dir(&mail).expect("a folder for mail");
        for (name, bytes) in messages {
            std::fs::write(mail.join(name), bytes).expect("a message");
        }
        verdicts(test, &mail, &self.record)
    }
}

/// Gives the newsletter a new key as `keygen` says; its record in the DNS, name and text.
pub fn set_up(folder: &Folder, algorithm: &str) -> String {
    let run = folder.run(&["dkim", "keygen", "--algorithm", algorithm]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let (zone, lines) = run.stdout.split_once("\n\n").expect("a record and lines");
    let settings = folder.read("newsletter.toml");
    folder.write("newsletter.toml", &format!("{settings}\n{lines}"));
    record(zone)
}

/// `name text`, from a line of a zone file.
fn record(zone: &str) -> String {
    let (name, strings) = zone.split_once(". IN TXT ( ").expect("a TXT record");
    let strings: Vec<&str> = strings.split('"').skip(1).step_by(2).collect();
    assert!(strings.iter().all(|string| string.len() <= 255), "{zone}");
    format!("{name} {}", strings.concat())
}

/// Nobody found fault with any of them.
pub fn all_good(verdicts: &Verdicts) {
    let bad = verdicts.iter().filter(|(_, said)| **said != (true, true));
    let bad: Vec<_> = bad.take(5).collect();
    assert!(bad.is_empty(), "{bad:?} and perhaps more");
}

/// The fields of the head, in their order: name and value, folds included.
fn fields(message: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(message);
    let (head, _) = text.split_once("\r\n\r\n").expect("a head and a body");
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in head.split("\r\n") {
        match (line.split_once(':'), fields.last_mut()) {
            (_, Some(last)) if line.starts_with([' ', '\t']) => {
                last.1.push_str(&format!("\r\n{line}"));
            }
            (Some((name, value)), _) => fields.push((name.to_owned(), value.to_owned())),
            _ => panic!("no field: {line}"),
        }
    }
    fields
}

/// A tag of a signature, without white space.
fn tag(signature: &str, name: &str) -> String {
    let mut tags = signature
        .split(';')
        .filter_map(|tag| tag.trim().split_once('='));
    let (_, value) = tags.find(|(found, _)| *found == name).expect("the tag");
    value.split_whitespace().collect()
}

#[test]
fn five_hundred_messages_verify_after_a_relay() {
    if !has("openssl", "dkim rsa") {
        return;
    }
    let relay = Relay::start(AcceptAll);
    let signing = Signing::new(&relay::smtp(relay.port, "none", 4), "rsa");
    signing.set_subscribers(500);
    signing.send(500);
    let caught = relay.received();
    assert_eq!(caught.len(), 500);
    let messages = caught.iter().map(|caught| {
        let name = format!("{}.eml", caught.recipients[0]);
        (name, caught.bytes.as_slice())
    });
    let Some(verdicts) = signing.verified("dkim rsa", messages) else {
        return;
    };
    assert_eq!(verdicts.len(), 500);
    all_good(&verdicts);
}

#[test]
fn five_hundred_messages_verify_in_the_outbox() {
    let signing = Signing::new("", "ed25519");
    signing.set_subscribers(500);
    signing.send(500);
    let mail = signing.folder.path().join(".franking/outbox/a");
    let Some(verdicts) = verdicts("dkim ed25519", &mail, &signing.record) else {
        return;
    };
    assert_eq!(verdicts.len(), 500);
    all_good(&verdicts);
}

#[test]
fn a_change_of_any_signed_byte_breaks_the_signature() {
    let signing = Signing::new("", "ed25519");
    let message = signing.built();
    let mut messages = spoilt(&message);
    let count = messages.len();
    assert!(count > 100, "{:?}", messages.keys());
    messages.insert("whole".to_owned(), message.clone());
    let relayed = String::from_utf8(message).expect("ASCII");
    let relayed = relayed
        .replacen("\r\nSubject: ", "\r\nSUBJECT:\t ", 1)
        .replacen("Precedence: bulk", "Precedence: list", 1);
    let relayed = format!("Received: by press.example\r\n{relayed}\r\n\r\n");
    messages.insert("relayed".to_owned(), relayed.into_bytes());
    let messages = messages
        .iter()
        .map(|(name, bytes)| (name.clone(), bytes.as_slice()));
    let Some(verdicts) = signing.verified("dkim changed", messages) else {
        return;
    };
    let good: Vec<_> = verdicts
        .iter()
        .filter(|(_, said)| **said != (false, false))
        .collect();
    let both = (true, true);
    assert_eq!(
        good,
        [(&"relayed".to_owned(), &both), (&"whole".to_owned(), &both)]
    );
    assert_eq!(verdicts.len(), count + 2);
}

#[test]
fn a_signature_covers_the_fields_required_of_bulk_senders() {
    let signing = Signing::new("", "ed25519");
    let message = signing.built();
    assert_eq!(
        signing.built(),
        message,
        "the same files, the same signature"
    );
    let fields = fields(&message);
    let (name, signature) = &fields[0];
    assert_eq!(name, "DKIM-Signature");
    assert!(
        signature.split("\r\n").all(|line| line.len() <= 78),
        "{signature}"
    );
    let output = ["v", "a", "c", "d", "t"].map(|name| tag(signature, name));
    // Midnight of the issue's day in Brussels, as its Date says.
    let expected = [
        "1",
        "ed25519-sha256",
        "relaxed/relaxed",
        "press.example",
        "1730502000",
    ];
    assert_eq!(output, expected);
    assert_eq!(
        tag(signature, "h"),
        "From:From:To:To:Subject:Subject:Date:Date:Message-ID:Reply-To:MIME-Version:Content-Type:\
         Content-Type:List-Id:List-Unsubscribe:List-Unsubscribe:List-Unsubscribe-Post:\
         List-Unsubscribe-Post"
    );
}
