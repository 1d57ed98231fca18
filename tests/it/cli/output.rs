//! What a send writes: quiet, verbose, lines for logs, the log of outcomes, and JSON.

use std::os::unix::fs::PermissionsExt;

use franking::simulator::sink::{AcceptAll, Answer, Script};
use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use crate::support::relay::{self, Relay, smtp};
use crate::support::{Folder, Run};

const NOW: &str = "2026-11-30T08:00:00Z";
const LATER: &str = "2026-11-30T09:00:00Z";

/// Refuses `gone` and quotes its address, defers `late` once, and loses the reply for `lost`.
struct Mixed;

impl Script for Mixed {
    fn recipient(&self, address: &str, attempt: u32) -> Answer {
        match address.split('@').next() {
            Some("gone") => Answer::Reply(550, format!("5.1.1 <{address}>: no such mailbox")),
            Some("late") if attempt == 1 => Answer::Reply(451, "4.7.1 later".to_owned()),
            _ => Answer::Accept,
        }
    }
    fn message(&self, address: &str, _attempt: u32) -> Answer {
        match address.starts_with("lost@") {
            true => Answer::Drop,
            false => Answer::Accept,
        }
    }
}

fn newsletter(relay: &Relay, readers: &[&str]) -> Folder {
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, readers.iter().copied());
    relay::write_issue(&folder, "a", "");
    folder
}

fn send(folder: &Folder, arguments: &[&str]) -> Run {
    folder.run_at(NOW, &[&["send", "a", "--yes"], arguments].concat())
}

fn masked(run: &Run, relay: &Relay) -> String {
    let output = format!("{}{}exit {}\n", run.stdout, run.stderr, run.code);
    relay::masked(&output, relay.port)
}

#[test]
fn quiet_prints_nothing_about_a_run_that_needs_no_action() {
    let relay = Relay::start(Mixed);
    let folder = newsletter(&relay, &["ann", "gone", "late"]);
    let run = send(&folder, &["-q"]);
    assert_eq!((run.stderr.as_str(), run.code), ("", 75));
    let run = folder.run_at(LATER, &["send", "--due", "--quiet"]);
    assert_eq!((run.stderr.as_str(), run.code), ("", 0));
    assert_eq!(relay.recipients().len(), 2);
}

#[test]
fn quiet_prints_warnings_and_errors() {
    let relay = Relay::start(Mixed);
    let folder = newsletter(&relay, &["ann", "lost"]);
    assert_data_eq!(
        masked(&send(&folder, &["-q"]), &relay),
        str![[r#"
warning: `a`: 1 delivery is uncertain
hint: `franking resolve a` shows what to look for in the relay's log
exit 1

"#]]
    );
    assert_data_eq!(
        masked(&folder.run_at(NOW, &["send", "b", "-q"]), &relay),
        str![[r#"
error: there is no issue `b`
hint: did you mean `a`?
exit 2

"#]]
    );
}

#[test]
fn verbose_prints_every_outcome_with_its_relay() {
    let relay = Relay::start(Mixed);
    let folder = newsletter(&relay, &["ann", "gone", "late"]);
    assert_data_eq!(
        masked(&send(&folder, &["--verbose"]), &relay),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to ann  (to ann@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       3 recipients
2026-11-30T08:00:00Z a: 3 messages to try
2026-11-30T08:00:00Z a: accepted   ann@reader.example: 250 2.0.0 kept (127.0.0.1:PORT, attempt 1)
2026-11-30T08:00:00Z a: refused    gone@reader.example: 550 5.1.1 <gone@reader.example>: no such mailbox (127.0.0.1:PORT, attempt 1)
2026-11-30T08:00:00Z a: deferred   late@reader.example: 451 4.7.1 later (127.0.0.1:PORT, attempt 1)
2026-11-30T08:00:00Z a: waiting: 1 accepted, 1 refused, 1 deferred
accepted         1
refused          1
excluded         0
deferred         1
uncertain        0
untried          0
candidates       3  adds up
1 left; the next attempt is due at 2026-11-30T08:05:29Z: run the same command then
exit 75

"#]]
    );
}

#[test]
fn quiet_and_verbose_contradict_each_other() {
    let run = Folder::empty().run(&["status", "-q", "-v"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("cannot be used with"), "{}", run.stderr);
}

#[test]
fn without_a_terminal_each_tenth_part_has_a_line() {
    let folder = relay::newsletter("");
    let readers: Vec<String> = (1..=600).map(|number| format!("r{number}")).collect();
    relay::set_subscribers(&folder, readers.iter().map(String::as_str));
    relay::write_issue(&folder, "a", "");
    let run = send(&folder, &[]);
    let lines = run.stderr.lines();
    let lines: Vec<&str> = lines
        .filter_map(|line| line.strip_prefix("2026-11-30T08:00:00Z a: "))
        .collect();
    let steps = (1..=10).map(|tenth| format!("{} of 600 tried", tenth * 60));
    let mut expected = vec!["600 messages to try".to_owned()];
    expected.extend(steps);
    expected.push("finished: 600 written".to_owned());
    assert_eq!(lines, expected);
}

/// The lines of a log, without what differs from run to run.
fn log(folder: &Folder, relay: &Relay) -> Vec<Value> {
    let log = relay::masked(&folder.read("out.jsonl"), relay.port);
    let lines = log.lines().map(|line| {
        let mut line: Value = serde_json::from_str(line).expect("a line of JSON");
        let duration = line["duration_ms"].take();
        assert!(duration.as_u64().is_some(), "{duration}");
        line
    });
    lines.collect()
}

#[test]
fn the_log_has_a_line_an_outcome_and_no_address() {
    let relay = Relay::start(Mixed);
    let folder = newsletter(&relay, &["ann", "gone", "late"]);
    assert_eq!(send(&folder, &["--log", "out.jsonl"]).code, 75);
    let mode = std::fs::metadata(folder.path().join("out.jsonl")).expect("the log");
    assert_eq!(mode.permissions().mode() & 0o777, 0o600);
    let text = folder.read("out.jsonl");
    assert!(!text.contains("reader.example"), "{text}");
    let first = log(&folder, &relay);
    let hash = |line: &Value| line["address_hash"].as_str().map(str::to_owned);
    assert_eq!(hash(&first[0]).map(|hash| hash.len()), Some(32));
    let gone = json!({
        "time": NOW, "issue": "a", "delivery": 2, "address_hash": hash(&first[1]), "outcome": "refused", "attempt": 1,
        "reply_code": 550, "enhanced_status": "5.1.1", "diagnostic": "550 5.1.1 <ADDRESS>: no such mailbox",
        "relay": "127.0.0.1:PORT", "duration_ms": null,
    });
    assert_eq!(first[1], gone);

    let resumed = folder.run_at(LATER, &["resume", "a", "--log", "out.jsonl"]);
    assert_eq!(resumed.code, 0, "{}", resumed.stderr);
    let both = log(&folder, &relay);
    assert_eq!(both[..3], first[..]);
    let outcomes: Vec<&str> = both
        .iter()
        .filter_map(|line| line["outcome"].as_str())
        .collect();
    assert_eq!(outcomes, ["accepted", "refused", "deferred", "accepted"]);
    assert_eq!(hash(&both[3]), hash(&both[2]), "a mailbox keeps its hash");
    assert_eq!(both[3]["attempt"], 2);
    assert_ne!(hash(&both[0]), hash(&both[1]));
}

#[test]
fn the_log_has_addresses_by_request() {
    let relay = Relay::start(Mixed);
    let folder = newsletter(&relay, &["ann", "gone"]);
    let run = send(&folder, &["--log", "out.jsonl", "--log-addresses"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let lines = log(&folder, &relay);
    assert_eq!(lines[1]["address"], "gone@reader.example");
    assert_eq!(lines[1]["address_hash"], Value::Null);
    let quoted = "550 5.1.1 <gone@reader.example>: no such mailbox";
    assert_eq!(lines[1]["diagnostic"], quoted);
}

#[test]
fn a_log_that_cannot_be_opened_stops_the_send_before_the_first_message() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay, &["ann"]);
    assert_data_eq!(
        masked(&send(&folder, &["--log", "missing/out.jsonl"]), &relay),
        str![[r#"
error: the log `missing/out.jsonl` cannot be opened
caused by: no such file or directory
hint: nothing was sent
exit 2

"#]]
    );
    assert_eq!(relay.recipients().len(), 0);
    assert_eq!(folder.run_at(NOW, &["status"]).stdout, "");
}

#[test]
fn a_log_on_a_full_disk_is_reported_once_and_the_send_continues() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay, &["ann", "ben", "cat"]);
    let run = send(&folder, &["--log", "/dev/full"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let warnings = run
        .stderr
        .lines()
        .filter(|line| line.starts_with("warning"));
    assert_data_eq!(
        warnings.collect::<Vec<_>>().join("\n"),
        str![
            "warning: the log `/dev/full` is incomplete from here on, because it cannot be written: no space left on device; the ledger has all outcomes"
        ]
    );
    assert_eq!(relay.recipients().len(), 3);
}

#[test]
fn a_log_continues_after_a_line_that_was_cut() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay, &["ann"]);
    folder.write("log", "{\"time\":\"2026-11");
    assert_eq!(send(&folder, &["--log", "log"]).code, 0);
    let log = folder.read("log");
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines.len(), 2, "{log}");
    let line: Value = serde_json::from_str(lines[1]).expect("JSON");
    assert_eq!(line["outcome"], "accepted");
}

#[test]
fn a_log_that_others_can_read_becomes_private() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay, &["ann"]);
    folder.write("log", "");
    let path = folder.path().join("log");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).expect("its owner");
    assert_eq!(send(&folder, &["--log", "log"]).code, 0);
    let mode = std::fs::metadata(&path).expect("the log").permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
}

#[test]
fn a_pipe_is_a_log_if_a_program_reads_it() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay, &["ann"]);
    let path = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.expect("mkfifo").success());
    assert_data_eq!(
        masked(&send(&folder, &["--log", "pipe"]), &relay),
        str![[r#"
error: the log `pipe` cannot be opened
caused by: no program reads this pipe or socket; start that program first
hint: nothing was sent
exit 2

"#]]
    );
    let mut options = std::fs::OpenOptions::new();
    let mut reader = options.read(true).write(true).open(&path).expect("it");
    assert_eq!(send(&folder, &["--log", "pipe"]).code, 0);
    let mut line = [0; 4096];
    let length = std::io::Read::read(&mut reader, &mut line).expect("a line");
    let line: Value = serde_json::from_slice(&line[..length]).expect("JSON");
    assert_eq!(line["outcome"], "accepted");
}

#[test]
fn another_file_is_not_used_as_a_log() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay, &["ann", "ben"]);
    let only = ["--only", "ann@reader.example"];
    assert_eq!(send(&folder, &only).code, 0);
    for file in [
        ".franking/key",
        ".franking/store.db",
        "newsletter.toml",
        "subscribers.toml",
        "issues/a.toml",
    ] {
        let before = std::fs::read(folder.path().join(file)).expect(file);
        let run = send(&folder, &["--log", file]);
        assert_eq!(run.code, 2, "{file}: {}", run.stderr);
        assert!(
            run.stderr.contains("is not a log of outcomes"),
            "{}",
            run.stderr
        );
        assert_eq!(
            std::fs::read(folder.path().join(file)).expect(file),
            before,
            "{file}"
        );
    }
    assert_eq!(relay.recipients().len(), 1);
}

/// The JSON of a run, without digests.
fn report(run: &Run, relay: &Relay) -> String {
    let mut report: Value = serde_json::from_str(&run.stdout).expect("one JSON object");
    mask_digests(&mut report);
    let text = serde_json::to_string_pretty(&report).expect("it was JSON");
    relay::masked(&format!("{text}\nexit {}\n", run.code), relay.port)
}

fn mask_digests(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members
                .iter_mut()
                .for_each(|(key, value)| match key == "digest" && value.is_string() {
                    true => *value = json!("DIGEST"),
                    false => mask_digests(value),
                })
        }
        Value::Array(values) => values.iter_mut().for_each(mask_digests),
        _ => {}
    }
}

#[test]
fn json_of_a_send_and_of_what_is_left() {
    let relay = Relay::start(Mixed);
    let folder = newsletter(&relay, &["ann", "gone", "late"]);
    let run = send(&folder, &["--json"]);
    assert!(run.stderr.contains("Z a: waiting: "), "{}", run.stderr);
    assert_data_eq!(
        report(&run, &relay),
        str![[r#"
{
  "adds_up": true,
  "began_at": "2026-11-30T08:00:00Z",
  "campaign": {
    "brake": null,
    "digest": "DIGEST",
    "finished_at": null,
    "is_held": false,
    "issue": "a",
    "last_stop": null,
    "on_uncertain": "hold",
    "started_at": "2026-11-30T08:00:00Z",
    "subject": "a: a word to {{ first_name }}"
  },
  "ended_at": "2026-11-30T08:00:00Z",
  "error": null,
  "exit": "work_left",
  "exit_code": 75,
  "issue": "a",
  "next_try": "2026-11-30T08:05:29Z",
  "stop_reason": "waiting",
  "totals": {
    "accepted": 1,
    "candidates": 3,
    "deferred": 1,
    "excluded": 0,
    "reasons": {},
    "refused": 1,
    "uncertain": 0,
    "untried": 0
  }
}
exit 75

"#]]
    );
    let dry = folder.run_at(NOW, &["send", "a", "--dry-run", "--json"]);
    assert_data_eq!(
        report(&dry, &relay),
        str![[r#"
{
  "adds_up": true,
  "campaign": {
    "brake": null,
    "digest": "DIGEST",
    "finished_at": null,
    "is_held": false,
    "issue": "a",
    "last_stop": null,
    "on_uncertain": "hold",
    "started_at": "2026-11-30T08:00:00Z",
    "subject": "a: a word to {{ first_name }}"
  },
  "digest": "DIGEST",
  "error": null,
  "exit": "done",
  "exit_code": 0,
  "issue": "a",
  "recipients": [
    {
      "address": "late@reader.example",
      "diagnostic": null,
      "next_try": "2026-11-30T08:05:29Z",
      "state": "deferred"
    }
  ],
  "totals": {
    "accepted": 1,
    "candidates": 3,
    "deferred": 1,
    "excluded": 0,
    "reasons": {},
    "refused": 1,
    "uncertain": 0,
    "untried": 0
  }
}
exit 0

"#]]
    );
    let resumed = folder.run_at(LATER, &["resume", "a", "--json"]);
    assert_data_eq!(
        report(&resumed, &relay),
        str![[r#"
{
  "adds_up": true,
  "began_at": "2026-11-30T09:00:00Z",
  "campaign": {
    "brake": null,
    "digest": "DIGEST",
    "finished_at": "2026-11-30T09:00:00Z",
    "is_held": false,
    "issue": "a",
    "last_stop": null,
    "on_uncertain": "hold",
    "started_at": "2026-11-30T08:00:00Z",
    "subject": "a: a word to {{ first_name }}"
  },
  "ended_at": "2026-11-30T09:00:00Z",
  "error": null,
  "exit": "done",
  "exit_code": 0,
  "issue": "a",
  "next_try": null,
  "stop_reason": "finished",
  "totals": {
    "accepted": 2,
    "candidates": 3,
    "deferred": 0,
    "excluded": 0,
    "reasons": {},
    "refused": 1,
    "uncertain": 0,
    "untried": 0
  }
}
exit 0

"#]]
    );
}

#[test]
fn json_of_a_dry_run_lists_the_recipients() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay, &["ann"]);
    let list = folder.read("subscribers.toml");
    let gone = "[[subscriber]]\nemail = \"gone@reader.example\"\nstatus = \"unsubscribed\"\n";
    folder.write("subscribers.toml", &format!("{list}{gone}"));
    let dry = folder.run_at(NOW, &["send", "a", "--dry-run", "--json"]);
    assert_data_eq!(
        report(&dry, &relay),
        str![[r#"
{
  "digest": "DIGEST",
  "error": null,
  "exit": "done",
  "exit_code": 0,
  "issue": "a",
  "recipients": [
    {
      "address": "ann@reader.example",
      "diagnostic": null,
      "next_try": null,
      "state": "ready"
    },
    {
      "address": "gone@reader.example",
      "diagnostic": "unsubscribed",
      "next_try": null,
      "state": "excluded"
    }
  ]
}
exit 0

"#]]
    );
}

#[test]
fn json_of_what_is_due() {
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay, &["ann"]);
    relay::write_issue(&folder, "a", "send_at = 2026-11-30T09:00:00");
    relay::write_issue(&folder, "b", "send_at = \"soon\"");
    let due = folder.run_at(LATER, &["send", "--due", "--json"]);
    assert_data_eq!(
        report(&due, &relay),
        str![[r#"
{
  "error": null,
  "exit": "findings",
  "exit_code": 1,
  "problems": [
    {
      "about": "b",
      "hint": "write `send_at` like `2026-12-31T09:00:00`, above the first section; the time zone is Europe/Brussels",
      "message": "`send_at` of `b` is not a valid date and time; the issue will not be sent"
    }
  ],
  "runs": [
    {
      "adds_up": true,
      "began_at": "2026-11-30T09:00:00Z",
      "campaign": {
        "brake": null,
        "digest": "DIGEST",
        "finished_at": "2026-11-30T09:00:00Z",
        "is_held": false,
        "issue": "a",
        "last_stop": null,
        "on_uncertain": "hold",
        "started_at": "2026-11-30T09:00:00Z",
        "subject": "a: a word to {{ first_name }}"
      },
      "ended_at": "2026-11-30T09:00:00Z",
      "error": null,
      "exit": "done",
      "exit_code": 0,
      "issue": "a",
      "next_try": null,
      "stop_reason": "finished",
      "totals": {
        "accepted": 1,
        "candidates": 1,
        "deferred": 0,
        "excluded": 0,
        "reasons": {},
        "refused": 0,
        "uncertain": 0,
        "untried": 0
      }
    }
  ]
}
exit 1

"#]]
    );
}

#[test]
fn json_of_a_test_and_of_an_error() {
    let relay = Relay::start(Mixed);
    let folder = newsletter(&relay, &["ann"]);
    let test = |to: &str| folder.run_at(NOW, &["send", "a", "--test", to, "--json"]);
    assert_data_eq!(
        report(&test("ann@reader.example"), &relay),
        str![[r#"
{
  "address": "ann@reader.example",
  "diagnostic": "250 2.0.0 kept",
  "enhanced_status": "2.0.0",
  "error": null,
  "exit": "done",
  "exit_code": 0,
  "issue": "a",
  "reply_code": 250
}
exit 0

"#]]
    );
    assert_data_eq!(
        report(&test("gone@reader.example"), &relay),
        str![[r#"
{
  "error": {
    "causes": [],
    "hint": null,
    "message": "the test to gone@reader.example was not accepted: 550 5.1.1 <gone@reader.example>: no such mailbox"
  },
  "exit": "findings",
  "exit_code": 1,
  "issue": "a"
}
exit 1

"#]]
    );
}
