//! The ledger keeps the codes of the relay's replies, and `status --where` selects by them.

use franking::simulator::sink::{Answer, Script};
use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::support::Folder;
use crate::support::postgres::Database;
use crate::support::relay::{self, Relay, smtp};

const NOW: &str = "2026-11-30T08:00:00Z";
const AFTER_TWO_DAYS: &str = "2026-12-02T09:00:00Z";

/// A relay with another reply for each recipient.
struct Replies;

impl Script for Replies {
    fn recipient(&self, address: &str, _attempt: u32) -> Answer {
        let (code, text) = match address.split('@').next() {
            Some("r2") => (550, "5.1.1 no such mailbox"),
            Some("r3") => (550, "no such mailbox"),
            Some("r4") => (452, "4.2.2 over quota"),
            Some("r5") => (450, "4.2.1 busy"),
            Some("r6") => (550, "5.1.10 null MX"),
            _ => return Answer::Accept,
        };
        Answer::Reply(code, text.to_owned())
    }

    fn message(&self, address: &str, _attempt: u32) -> Answer {
        match address.starts_with("r7@") {
            true => Answer::Drop,
            false => Answer::Accept,
        }
    }
}

fn sent(relay: &Relay, store: &str) -> Folder {
    let smtp = smtp(relay.port, "none", 1);
    let folder = relay::newsletter(&format!("{smtp}\n[store]\nurl = \"{store}\"\n"));
    relay::set_subscribers(&folder, ["r1", "r2", "r3", "r4", "r5", "r6", "r7"]);
    relay::write_issue(&folder, "a", "");
    folder.write(".franking/key", &"k".repeat(32));
    folder.write(".franking/rehearsed", "");
    let run = folder.run_at(NOW, &["send", "a", "--yes"]);
    assert_eq!(run.code, 75, "deliveries are deferred: {}", run.stderr);
    folder
}

/// The local parts of the recipients that `status` lists for these conditions.
fn selected(folder: &Folder, conditions: &[&str]) -> Vec<String> {
    let options = conditions.iter().flat_map(|one| ["--where", one]);
    let arguments: Vec<&str> = ["status", "a", "--json"]
        .into_iter()
        .chain(options)
        .collect();
    let run = folder.run(&arguments);
    let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(report["totals"]["candidates"], 7, "the totals are of all");
    let deliveries = report["deliveries"].as_array().expect("deliveries");
    let addresses = deliveries.iter().filter_map(|row| row["address"].as_str());
    let names = addresses.filter_map(|address| address.split('@').next());
    names.map(str::to_owned).collect()
}

fn are_kept_and_found(relay: &Relay, store: &str) {
    let folder = sent(relay, store);
    for (conditions, expected) in [
        (&["code=550"][..], &["r2", "r3", "r6"][..]),
        (&["code=5"], &["r2", "r3", "r6"]),
        (&["code=45"], &["r4", "r5"]),
        (&["enhanced=5.1.1"], &["r2"]),
        (&["enhanced=5.1"], &["r2", "r6"]),
        (&["enhanced=4.2"], &["r4", "r5"]),
        (&["enhanced=2"], &["r1"]),
        (&["state=uncertain"], &["r7"]),
        (&["state=refused,enhanced=5.1.1"], &["r2"]),
        (&["state=deferred", "code=452"], &["r4"]),
        (&["state=accepted", "code=5"], &[]),
    ] {
        assert_eq!(selected(&folder, conditions), expected, "{conditions:?}");
    }
    assert_data_eq!(
        folder.run(&["status", "a", "--where", "code=5"]).stdout,
        str![[r#"
refused    550 5.1.1    r2@reader.example: 550 5.1.1 no such mailbox
refused    550 -        r3@reader.example: 550 no such mailbox
refused    550 5.1.10   r6@reader.example: 550 5.1.10 null MX

"#]]
    );
    let uncertain = folder.run(&["status", "a", "--where", "state=uncertain"]);
    assert!(
        uncertain.stdout.starts_with("uncertain  -   -        r7@"),
        "{}",
        uncertain.stdout
    );

    // An expired delivery keeps the codes of its last reply.
    let resumed = folder.run_at(AFTER_TWO_DAYS, &["resume", "a", "--yes"]);
    assert_eq!(resumed.code, 1, "r7 is uncertain: {}", resumed.stderr);
    let report = folder.run(&["status", "a", "--json", "--where", "code=452"]);
    let report: Value = serde_json::from_str(&report.stdout).expect("JSON");
    let expired = &report["deliveries"][0];
    assert_eq!(expired["state"], "refused", "{expired}");
    assert_eq!(expired["enhanced_status"], json!("4.2.2"));
    let why = expired["diagnostic"].as_str().expect("a text");
    assert!(why.ends_with(": 452 4.2.2 over quota"), "{why}");
}

#[test]
fn deliveries_are_selected_by_state_and_codes() {
    let relay = Relay::start(Replies);
    are_kept_and_found(&relay, "sqlite:.franking/store.db");
}

#[test]
fn deliveries_on_postgresql_are_selected_by_state_and_codes() {
    let Some(database) = Database::create("replies on a server") else {
        return;
    };
    let relay = Relay::start(Replies);
    are_kept_and_found(&relay, &database.url());
}

#[test]
fn an_unknown_condition_is_an_error_that_names_the_known_ones() {
    let folder = relay::newsletter("");
    for (condition, expected) in [
        (
            "reason=full",
            "unknown key `reason` (expected `state`, `code` or `enhanced`)",
        ),
        ("code", "expected KEY=VALUE, such as `code=550`"),
        ("code=600", "`600` is not a reply code"),
        ("code=5505", "`5505` is not a reply code"),
        ("enhanced=5.x", "`5.x` is not an enhanced status code"),
        ("enhanced=3.1.1", "`3.1.1` is not an enhanced status code"),
        (
            "state=refuse",
            "unknown state `refuse`; did you mean `refused`?",
        ),
        (
            "state=lost",
            "unknown state `lost` (expected one of `ready`, `leased`",
        ),
    ] {
        let run = folder.run(&["status", "a", "--where", condition]);
        assert_eq!(run.code, 2, "{condition}: {}", run.stderr);
        assert!(run.stderr.contains(expected), "{condition}: {}", run.stderr);
    }
    let without_issue = folder.run(&["status", "--where", "code=550"]);
    assert_eq!(without_issue.code, 2, "{}", without_issue.stderr);
}

#[test]
fn no_match_is_reported_and_is_not_an_error() {
    let relay = Relay::start(Replies);
    let folder = sent(&relay, "sqlite:.franking/store.db");
    let run = folder.run(&["status", "a", "--where", "code=421"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
    assert!(run.stderr.contains("no delivery matches"), "{}", run.stderr);
}
