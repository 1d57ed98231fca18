//! One mailbox, several entries on the list: the strictest status counts.

use franking::simulator::sink::{AcceptAll, Answer, Script};
use snapbox::{assert_data_eq, str};

use crate::support::Folder;
use crate::support::relay::{self, Relay, smtp};

/// From the least strict to the strictest.
const STATUSES: [&str; 5] = ["active", "pending", "unsubscribed", "bounced", "complained"];

/// How the second entry spells the mailbox of the first.
const SPELLINGS: [(&str, &str); 4] = [
    ("same@reed.example", "same@reed.example"),
    ("case@reed.example", "Case@REED.Example"),
    ("idn@bücher.example", "idn@xn--bcher-kva.example"),
    ("idn-case@XN--BCHER-KVA.example", "IDN-case@BÜCHER.example"),
];

fn entry(email: &str, status: &str, more: &str) -> String {
    format!("[[subscriber]]\nemail = \"{email}\"\nstatus = \"{status}\"\n{more}\n")
}

fn newsletter(relay: &Relay, keys: &str, list: &str) -> Folder {
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    let publication = folder.read("newsletter.toml");
    let publication = format!("{publication}\n[defaults]\nfirst_name = \"reader\"\n");
    folder.write("newsletter.toml", &publication);
    folder.write("subscribers.toml", list);
    relay::write_issue(&folder, "a", keys);
    folder
}

/// The fate that a dry run gives the first entry of a list.
fn fate(dry_run: &str) -> &str {
    let first = dry_run.lines().next().expect("a line for the first entry");
    first.split_once('\t').expect("an address and a fate").1
}

#[test]
fn the_strictest_status_of_a_mailbox_counts_in_every_order_and_spelling() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay, "", "");
    for (first, second) in SPELLINGS {
        for (strictness, status) in STATUSES.iter().enumerate() {
            for (other_strictness, other) in STATUSES.iter().enumerate() {
                let strictest = STATUSES[strictness.max(other_strictness)];
                let entries = [
                    entry(first, status, ""),
                    entry(second, other, ""),
                    entry("bo@reed.example", "active", ""),
                ];
                folder.write("subscribers.toml", &entries.concat());
                let run = folder.run(&["send", "a", "--dry-run"]);
                let expected = match strictest {
                    "active" => "ready",
                    other => other,
                };
                let case = format!("{first} {status}, {second} {other}: {}", run.stderr);
                assert_eq!(fate(&run.stdout), expected, "{case}");
                let code = if status == other {
                    "warning[duplicate-address]"
                } else {
                    "warning[conflicting-status]"
                };
                assert!(run.stderr.contains(code), "{case}");
            }
        }
    }
}

#[test]
fn a_contradiction_between_two_entries_names_both_lines() {
    let folder = Folder::with("plain");
    let list = [
        entry("ada@plain.example", "active", "tags = [\"members\"]\n"),
        entry("bo@plain.example", "active", ""),
        entry("Ada@plain.example", "unsubscribed", ""),
        entry("ada@Plain.example", "active", ""),
    ];
    folder.write("subscribers.toml", &list.concat());
    let run = folder.run(&["check"]);
    assert_eq!(run.code, 0);
    assert_data_eq!(
        run.stderr,
        str![[r#"
warning[conflicting-status]: `Ada@plain.example` is `unsubscribed` here, but `active` in another entry
  --> subscribers.toml:11:9
   |
11 | email = "Ada@plain.example"
   |         ^^^^^^^^^^^^^^^^^^^
   |
  ::: subscribers.toml:2:9
   |
 2 | email = "ada@plain.example"
   |         ------------------- the same mailbox is `active` here
hint: the stricter status `unsubscribed` applies, so this mailbox gets no mail; remove the outdated entry

warning[conflicting-status]: `ada@Plain.example` is `active` here, but `unsubscribed` in another entry
  --> subscribers.toml:15:9
   |
15 | email = "ada@Plain.example"
   |         ^^^^^^^^^^^^^^^^^^^
   |
  ::: subscribers.toml:11:9
   |
11 | email = "Ada@plain.example"
   |         ------------------- the same mailbox is `unsubscribed` here
hint: the stricter status `unsubscribed` applies, so this mailbox gets no mail; remove the outdated entry

1 issue and 4 subscribers checked: 2 warnings

"#]]
    );
}

/// The rule selects only the active entry of `ada`; of `cy` only one of two that have left.
#[test]
fn an_entry_that_the_audience_does_not_select_still_counts() {
    let relay = Relay::start(AcceptAll);
    let members = "tags = [\"members\"]\n";
    let list = [
        entry("ada@reed.example", "active", members),
        entry("bo@reed.example", "active", members),
        entry("cy@reed.example", "complained", ""),
        entry("Cy@reed.example", "unsubscribed", members),
        entry("ADA@reed.example", "unsubscribed", ""),
    ];
    let folder = newsletter(&relay, "audience = \"tag:members\"", &list.concat());
    let plan = folder.run(&["plan", "a", "--json"]);
    let plan: serde_json::Value = serde_json::from_str(&plan.stdout).expect("JSON");
    assert_eq!(plan["recipients"], 1, "{plan}");
    let dry_run = folder.run(&["send", "a", "--dry-run"]);
    assert_data_eq!(
        dry_run.stdout,
        str![[r#"
ada@reed.example	unsubscribed
bo@reed.example	ready
Cy@reed.example	complained

"#]]
    );
    let send = folder.run(&["send", "a", "--yes"]);
    assert_eq!(send.code, 0, "{}", send.stderr);
    assert_eq!(relay.recipients(), ["bo@reed.example"]);
}

#[test]
fn an_audience_of_people_who_unsubscribed_in_another_entry_is_empty() {
    let folder = Folder::with("plain");
    let list = [
        entry("ada@plain.example", "active", ""),
        entry("ada@Plain.example", "bounced", ""),
    ];
    folder.write("subscribers.toml", &list.concat());
    let run = folder.run(&["check"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stderr.contains("error[empty-audience]"),
        "{}",
        run.stderr
    );
}

/// Defers the first attempt for `ada` and `bo`.
struct DefersTwo;

impl Script for DefersTwo {
    fn recipient(&self, address: &str, attempt: u32) -> Answer {
        match address.split('@').next() {
            Some("ada" | "bo") if attempt == 1 => Answer::Reply(450, "4.2.0 later".to_owned()),
            _ => Answer::Accept,
        }
    }
}

#[test]
fn a_second_entry_that_is_added_between_two_runs_counts_in_the_second() {
    for status in &STATUSES[1..] {
        let relay = Relay::start(DefersTwo);
        let names =
            ["ada", "bo", "cy"].map(|name| entry(&format!("{name}@reed.example"), "active", ""));
        let folder = newsletter(&relay, "", &names.concat());
        let first = folder.run_at("2026-11-30T09:00:00Z", &["send", "a", "--yes"]);
        assert_eq!(first.code, 75, "{}", first.stderr);
        let added = names.concat() + &entry("Ada@reed.example", status, "");
        folder.write("subscribers.toml", &added);
        let second = folder.run_at("2026-11-30T21:00:00Z", &["send", "a", "--yes"]);
        assert_eq!(second.code, 0, "{status}: {}", second.stderr);
        let mut recipients = relay.recipients();
        recipients.sort();
        assert_eq!(
            recipients,
            ["bo@reed.example", "cy@reed.example"],
            "{status}"
        );
    }
}
