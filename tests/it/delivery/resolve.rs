//! Doubts that a person ends: what to look for, what becomes of what was found, what is refused.

use std::process::Stdio;

use franking::simulator::sink::{Answer, Script};
use mail_parser::MessageParser;
use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::postgres::Database;
use crate::support::relay::{self, Relay, smtp};
use crate::support::{Folder, Run};

const NOW: &str = "2026-11-30T08:00:00Z";
const LATER: &str = "2026-11-30T09:00:00Z";

/// Accepts the messages to `ann` and `ben` and closes the connection before the reply; closes it in the middle of the
/// message to `cat`. Each once, so that a repeated message is accepted.
struct HangsUp;

impl Script for HangsUp {
    fn first_line(&self, address: &str, attempt: u32) -> Answer {
        if address.starts_with("cat@") && attempt == 1 {
            Answer::Drop
        } else {
            Answer::Accept
        }
    }
    fn message(&self, address: &str, attempt: u32) -> Answer {
        let is_it = address.starts_with("ann@") || address.starts_with("ben@");
        if is_it && attempt == 1 {
            Answer::Drop
        } else {
            Answer::Accept
        }
    }
}

/// A campaign that has ended with three of four deliveries uncertain.
struct Doubts {
    relay: Relay,
    folder: Folder,
}

impl Doubts {
    fn with(store: &str) -> Self {
        let relay = Relay::start(HangsUp);
        let smtp = smtp(relay.port, "none", 1);
        let folder = relay::newsletter(&format!("{smtp}\n[store]\nurl = \"{store}\"\n"));
        relay::set_subscribers(&folder, ["ann", "ben", "cat", "dan"]);
        relay::write_issue(&folder, "a", "");
        // The Message-IDs of the messages are then always the same.
        folder.write(".franking/key", &"k".repeat(32));
        folder.write(".franking/rehearsed", "");
        let doubts = Self { relay, folder };
        let send = doubts.run(NOW, &["send", "a", "--yes"]);
        assert_eq!(send.code, 1, "{}", send.stderr);
        assert!(
            send.stderr.ends_with("`franking resolve a`\n"),
            "{}",
            send.stderr
        );
        doubts
    }

    fn in_a_file() -> Self {
        Self::with("sqlite:.franking/store.db")
    }

    fn run(&self, now: &str, arguments: &[&str]) -> Run {
        self.folder.run_at(now, arguments)
    }

    /// What `resolve` writes, and how it ends.
    fn resolve(&self, arguments: &[&str]) -> String {
        let run = self.run(LATER, &[&["resolve", "a"], arguments].concat());
        format!("{}{}exit {}\n", run.stdout, run.stderr, run.code)
    }

    fn status(&self) -> Value {
        let run = self.folder.run(&["status", "a", "--json"]);
        let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
        assert_eq!(report["adds_up"], true, "{report}");
        report
    }

    /// The Message-ID of every message that the relay has, by recipient.
    fn identities(&self) -> Vec<(String, String)> {
        let mut identities: Vec<(String, String)> = self
            .relay
            .received()
            .iter()
            .map(|caught| {
                let parsed = MessageParser::default().parse(&caught.bytes);
                let parsed = parsed.expect("a message");
                let identity = parsed.message_id().expect("its identity").to_owned();
                (caught.recipients[0].clone(), identity)
            })
            .collect();
        identities.sort();
        identities
    }
}

#[test]
fn resolve_records_what_the_relays_log_says_in_a_file() {
    doubts_are_ended_one_by_one("sqlite:.franking/store.db");
}

#[test]
fn resolve_records_what_the_relays_log_says_on_postgresql() {
    if let Some(database) = Database::create("resolve on a server") {
        doubts_are_ended_one_by_one(&database.url());
    }
}

fn doubts_are_ended_one_by_one(store: &str) {
    let doubts = Doubts::with(store);
    assert_data_eq!(
        doubts.resolve(&[]),
        str![[r#"
uncertain  ann@reader.example (ann): the connection was lost during the message: [..]
           2026-11-30T08:00:00Z  <f7b1c80896085437dcb39646aba88393@press.example>
uncertain  ben@reader.example (ben): the connection was lost during the message: [..]
           2026-11-30T08:00:00Z  <edcc6ecac2356ed24de16bd3de5628b4@press.example>
uncertain  cat@reader.example (cat): the connection was lost during the message: [..]
           2026-11-30T08:00:00Z  <2d4adc80d30b9534c171223b445e6c99@press.example>
3 uncertain: look for the Message-ID in the relay's log, at about that time. If it is there:
  franking resolve a --arrived ADDRESS...
If it is not there (the next run sends it again):
  franking resolve a --missing ADDRESS...
exit 1

"#]]
    );
    let ann = [
        "--arrived",
        "ANN@reader.example",
        "--missing",
        "cat@reader.example",
    ];
    assert_data_eq!(
        doubts.resolve(&ann),
        str![[r#"
accepted   ann@reader.example (ann): by hand (the connection was lost during the message: [..]
ready      cat@reader.example (cat): by hand (the connection was lost during the message: [..]
accepted         2
refused          0
excluded         0
deferred         0
uncertain        1
untried          1
candidates       4  adds up
uncertain  ben@reader.example (ben): the connection was lost during the message: [..]
           2026-11-30T08:00:00Z  <edcc6ecac2356ed24de16bd3de5628b4@press.example>
next: `franking send a` sends 1 message again
1 uncertain: look for the Message-ID in the relay's log, at about that time. If it is there:
  franking resolve a --arrived ADDRESS...
If it is not there (the next run sends it again):
  franking resolve a --missing ADDRESS...
exit 0

"#]]
    );
    assert_eq!(doubts.status()["campaign"]["finished_at"], Value::Null);
    let send = doubts.run(LATER, &["send", "a"]);
    assert_eq!(send.code, 1, "ben is still in doubt: {}", send.stderr);
    assert_data_eq!(
        doubts.resolve(&["--all-arrived"]),
        str![[r#"
accepted   ben@reader.example (ben): by hand (the connection was lost during the message: [..]
accepted         4
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates       4  adds up
exit 0

"#]]
    );
    assert_data_eq!(
        doubts.resolve(&[]),
        str![[r#"
no delivery is uncertain
exit 0

"#]]
    );
    assert_ne!(doubts.status()["campaign"]["finished_at"], Value::Null);
    let readers = ["ann", "ben", "cat", "dan"].map(|name| format!("{name}@reader.example"));
    assert_eq!(doubts.relay.recipients(), readers, "everybody has it once");
    assert_eq!(doubts.run(LATER, &["send", "a"]).code, 0);
}

#[test]
fn resolve_shows_the_message_id_of_the_message() {
    let doubts = Doubts::in_a_file();
    let listed = doubts.run(LATER, &["resolve", "a", "--json"]);
    let report: Value = serde_json::from_str(&listed.stdout).expect("JSON");
    let rows = report["uncertain"].as_array().expect("rows");
    let output: Vec<(String, String)> = rows
        .iter()
        .map(|row| {
            let word = |value: &Value| value.as_str().expect("a word").to_owned();
            (word(&row["delivery"]["address"]), word(&row["message_id"]))
        })
        .collect();
    assert_eq!(output.len(), 3);
    assert_eq!(report["adds_up"], true);
    assert_eq!(report["resolved"], Value::Array(Vec::new()));
    let named = |names: [&str; 2]| names.map(|name| format!("{name}@reader.example"));
    let sent = doubts.identities();
    for reader in named(["ann", "ben"]) {
        let of = |all: &[(String, String)]| all.iter().find(|(r, _)| *r == reader).cloned();
        assert_eq!(of(&output), of(&sent));
    }
    // The repeated message has the Message-ID that was shown.
    let missing = ["resolve", "a", "--json", "--missing", "cat@reader.example"];
    let missing = doubts.run(LATER, &missing);
    let report: Value = serde_json::from_str(&missing.stdout).expect("JSON");
    assert_eq!(report["resolved"][0]["state"], "ready");
    assert_eq!(report["totals"]["uncertain"], 2);
    doubts.run(LATER, &["send", "a"]);
    assert!(doubts.identities().contains(&output[2]), "{output:?}");
}

#[test]
fn all_remaining_uncertain_deliveries_can_be_resolved_at_once() {
    let doubts = Doubts::in_a_file();
    assert_data_eq!(
        doubts.resolve(&[
            "--all-missing",
            "--arrived",
            "ann@reader.example",
            "ben@reader.example"
        ]),
        str![[r#"
accepted   ann@reader.example (ann): by hand (the connection was lost during the message: [..]
accepted   ben@reader.example (ben): by hand (the connection was lost during the message: [..]
ready      cat@reader.example (cat): by hand (the connection was lost during the message: [..]
accepted         3
refused          0
excluded         0
deferred         0
uncertain        0
untried          1
candidates       4  adds up
next: `franking send a` sends 1 message again
exit 0

"#]]
    );
    assert_eq!(doubts.run(LATER, &["send", "a"]).code, 0);
    assert_eq!(doubts.relay.recipients().len(), 4);
}

#[test]
fn resolving_a_delivery_that_is_not_uncertain_changes_nothing() {
    let doubts = Doubts::in_a_file();
    let before = doubts.status();
    let output: Vec<String> = [
        &[
            "--arrived",
            "ann@reader.example",
            "dan@reader.example",
            "eve@reader.example",
        ] as &[&str],
        &[
            "--missing",
            "ann@reader.example",
            "--arrived",
            "ann@reader.example",
        ],
        &["--missing", "ann"],
        &["--all-missing", "--all-arrived"],
    ]
    .iter()
    .map(|arguments| doubts.resolve(arguments))
    .collect();
    assert_data_eq!(
        output.join("\n"),
        str![[r#"
error: not uncertain: `dan@reader.example` is accepted; `eve@reader.example` is not among the recipients of this issue
hint: nothing was changed; `franking resolve a` lists the uncertain deliveries
exit 2

error: `ann@reader.example` can have arrived or be missing, not both
exit 2

error: `ann` is not an e-mail address
caused by: an address has one `@`, with something on both sides
exit 2

error: the argument '--all-missing' cannot be used with '--all-arrived'

Usage: franking resolve --all-missing <ISSUE>

For more information, try '--help'.
exit 2

"#]]
    );
    assert_eq!(doubts.status(), before);
    let unsent = doubts.run(LATER, &["resolve", "b"]);
    assert_eq!(unsent.code, 2, "{}", unsent.stderr);
    relay::write_issue(&doubts.folder, "b", "");
    let unsent = doubts.run(LATER, &["resolve", "b", "--all-missing"]);
    assert_eq!(
        (unsent.code, unsent.stderr.as_str()),
        (
            2,
            "error: `b` has not been sent\nhint: send it with `franking send b`\n"
        )
    );
}

/// Never replies to the message to `ann`.
struct Hangs;

impl Script for Hangs {
    fn message(&self, address: &str, _attempt: u32) -> Answer {
        if address.starts_with("ann@") {
            Answer::Stall
        } else {
            Answer::Accept
        }
    }
}

#[test]
fn the_hints_of_a_cancelled_campaign_promise_no_further_message() {
    let relay = Relay::start(HangsUp);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["ann", "ben", "dan"]);
    relay::write_issue(&folder, "a", "");
    for only in ["ann@reader.example", "ben@reader.example"] {
        let one = folder.run_at(NOW, &["send", "a", "--yes", "--only", only]);
        assert_eq!(one.code, 1, "{}", one.stderr);
    }
    let open = folder.run(&["status", "a"]).stdout;
    assert!(open.contains("run `franking send a`"), "{open}");
    let cancelled = folder.run(&["cancel", "a", "--yes"]);
    assert_eq!(cancelled.code, 0, "{}", cancelled.stderr);

    let status = folder.run(&["status", "a"]).stdout;
    assert!(status.contains("nothing is sent again"), "{status}");
    assert!(status.contains("`franking resolve a`"), "{status}");
    let list = folder.run(&["resolve", "a"]);
    let excluded = "If it is not there (the recipient is then excluded, because the campaign is cancelled):\n  franking resolve a --missing";
    assert!(list.stderr.contains(excluded), "{}", list.stderr);
    let missing = folder.run(&["resolve", "a", "--missing", "ann@reader.example"]);
    assert_eq!(missing.code, 0, "{}", missing.stderr);
    assert!(
        missing.stdout.starts_with("excluded   ann"),
        "{}",
        missing.stdout
    );
    for said in [&status, &list.stderr, &missing.stderr] {
        assert!(!said.contains("franking send"), "{said}");
        assert!(!said.contains("next run"), "{said}");
    }
}

#[test]
fn a_message_in_flight_cannot_be_resolved_while_its_sender_runs() {
    let relay = Relay::start(Hangs);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["ann", "ben"]);
    relay::write_issue(&folder, "a", "");
    let mut command = folder.command(&["send", "a", "--yes"]);
    let command = command.env("FRANKING_NOW", NOW).stderr(Stdio::null());
    let mut sender = command.spawn().expect("the program starts");
    relay.wait_for(1);
    let early = folder.run(&["resolve", "a", "--all-arrived"]);
    assert_eq!(early.code, 73, "{}", early.stderr);
    sender.kill().expect("a child of this test");
    sender.wait().expect("a child of this test");

    // The delivery is not recorded as uncertain yet, and it can be resolved all the same.
    let listed = folder.run(&["resolve", "a"]);
    assert!(
        listed.stdout.starts_with("uncertain  ann@reader.example"),
        "{}",
        listed.stdout
    );
    assert_eq!(listed.code, 1, "a person is needed");
    let shown = crate::support::campaign::status(&folder);
    assert_eq!(shown["totals"]["uncertain"], 1);
    assert_eq!(shown["totals"]["untried"], 1);
    assert_eq!(shown["deliveries"][0]["state"], "uncertain");
    let matching = folder.run(&["status", "a", "--where", "state=uncertain"]);
    assert!(matching.stdout.contains("ann@"), "{}", matching.stdout);
    let list = folder.run(&["status"]).stdout;
    let counts = "stopped   a  0 of 2 accepted, 1 uncertain";
    assert!(list.starts_with(counts), "{list}");
    let plan = folder.run_at(NOW, &["plan", "a", "--json"]).stdout;
    let plan: serde_json::Value = serde_json::from_str(&plan).expect("JSON");
    assert_eq!(plan["recipients"], 1, "{plan}");
    let paused = folder.run_at(NOW, &["pause", "a"]);
    let left = "`a` is paused; 1 recipient left";
    assert!(paused.stderr.contains(left), "{}", paused.stderr);
    assert!(
        listed.stdout.contains(NOW),
        "the moment at which to look: {}",
        listed.stdout
    );
    let ended = folder.run(&["resolve", "a", "--arrived", "ann@reader.example"]);
    assert_data_eq!(
        format!("{}{}exit {}\n", ended.stdout, ended.stderr, ended.code),
        str![[r#"
accepted   ann@reader.example (ann): by hand (the sender was stopped before the reply)
accepted         1
refused          0
excluded         0
deferred         0
uncertain        0
untried          1
candidates       2  adds up
next: `franking send a` continues
exit 0

"#]]
    );
    assert_eq!(folder.run_at(NOW, &["resume", "a"]).code, 0);
    assert_eq!(
        relay.recipients(),
        ["ann@reader.example", "ben@reader.example"]
    );
}
