//! Campaigns that need a person: a timer learns of it once, and `schedule` and `status` show it while it lasts.

use franking::simulator::sink::{AcceptAll, Answer, Script};
use serde_json::Value;

use crate::support::campaign::{NOW, send, status};
use crate::support::relay::{self, Relay, reply, smtp};
use crate::support::{Folder, Run};

const ISSUE: &str = "send_at = 2026-11-30T09:00:00";

/// Defers each recipient once.
struct Later;

impl Script for Later {
    fn recipient(&self, _address: &str, attempt: u32) -> Answer {
        match attempt {
            1 => reply(451, "4.7.1 later"),
            _ => Answer::Accept,
        }
    }
}

/// A campaign of `a` whose four recipients were deferred.
fn deferred() -> (Relay, Folder) {
    let relay = Relay::start(Later);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_numbered(&folder, 4);
    relay::write_issue(&folder, "a", ISSUE);
    let run = due(&folder, NOW);
    assert_eq!(run.code, 75, "{}", run.stderr);
    (relay, folder)
}

fn due(folder: &Folder, now: &str) -> Run {
    folder.run_at(now, &["send", "--due"])
}

/// The first run of a timer at `now` fails with `message`, the next one is silent, and `schedule` fails.
fn assert_reported_once(folder: &Folder, now: &str, message: &str) {
    let first = due(folder, now);
    assert_eq!(first.code, 1, "{}", first.stderr);
    assert!(first.stderr.contains(message), "{}", first.stderr);
    assert_eq!(first.stderr.matches(message).count(), 1, "{}", first.stderr);
    let next = due(folder, now);
    assert_eq!((next.code, next.stderr.as_str()), (0, ""));
    let schedule = folder.run_at(now, &["schedule"]);
    assert_eq!(schedule.code, 1, "{}", schedule.stdout);
    assert!(schedule.stderr.contains(message), "{}", schedule.stderr);
    let rows = folder.run_at(now, &["schedule", "--json"]).stdout;
    let rows: Value = serde_json::from_str(&rows).expect("JSON");
    let reason = rows[0]["reason"].as_str().unwrap_or_default();
    assert!(reason.contains(message), "{rows}");
}

#[test]
fn a_held_campaign_is_reported_once() {
    let (_relay, folder) = deferred();
    let message = "`a` has been held since 2026-12-02T08:00:00Z";
    assert_reported_once(&folder, "2026-12-02T08:00:00Z", message);
}

#[test]
fn a_campaign_that_the_program_has_paused_is_reported_once() {
    let (_relay, folder) = deferred();
    relay::set_numbered(&folder, 1);
    let message = "3 of 4 open recipients are no longer on the list";
    assert_reported_once(&folder, "2026-11-30T09:00:00Z", message);
}

#[test]
fn a_campaign_that_a_person_has_paused_is_not_reported() {
    let (_relay, folder) = deferred();
    let paused = folder.run_at(NOW, &["pause", "a", "--reason", "wrong date"]);
    assert_eq!(paused.code, 0, "{}", paused.stderr);
    let run = due(&folder, "2026-11-30T09:00:00Z");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    let schedule = folder.run_at(NOW, &["schedule", "--json"]);
    assert_eq!(schedule.code, 0, "{}", schedule.stderr);
    assert!(
        schedule.stdout.contains("wrong date"),
        "{}",
        schedule.stdout
    );
}

#[test]
fn a_relay_that_is_unreachable_for_an_hour_is_reported_once() {
    let (relay, folder) = deferred();
    // The port is free again, and nothing listens on it.
    drop(relay);
    for now in ["2026-11-30T09:00:00Z", "2026-11-30T09:59:59Z"] {
        let run = due(&folder, now);
        assert_eq!(run.code, 75, "{}", run.stderr);
        assert_eq!(folder.run_at(now, &["schedule"]).code, 0);
    }
    let report = status(&folder);
    assert_eq!(report["status"], "stopped");
    let stop = &report["campaign"]["last_stop"];
    assert_eq!(stop["kind"], "unreachable");
    assert_eq!(stop["since"], "2026-11-30T09:00:00Z");
    let text = folder.run(&["status", "a"]).stdout;
    assert!(text.contains("\nstopped 2026-11-30T09:59:59Z: "), "{text}");

    let message = "no relay has been reachable since 2026-11-30T09:00:00Z";
    let late = "2026-11-30T10:00:00Z";
    let first = due(&folder, late);
    assert_eq!(first.code, 1, "{}", first.stderr);
    assert!(first.stderr.contains(message), "{}", first.stderr);
    let next = due(&folder, late);
    assert_eq!(next.code, 75, "{}", next.stderr);
    assert!(!next.stderr.contains(message), "{}", next.stderr);
    assert_eq!(folder.run_at(late, &["schedule"]).code, 1);
}

#[test]
fn work_that_is_left_does_not_hide_another_problem() {
    let relay = Relay::start(Later);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_numbered(&folder, 2);
    relay::write_issue(&folder, "a", ISSUE);
    relay::write_issue(&folder, "b", "send_at = 2026-11-30T09:00:00\nnonsense = [");
    let run = due(&folder, NOW);
    assert!(run.stderr.contains("2 left"), "{}", run.stderr);
    assert_eq!(run.code, 1, "{}", run.stderr);
}

#[test]
fn a_campaign_that_waits_for_a_retry_is_waiting_and_not_stopped() {
    let (_relay, folder) = deferred();
    assert_eq!(status(&folder)["status"], "waiting");
    let list = folder.run(&["status"]).stdout;
    assert!(list.starts_with("waiting   a  0 of 4 accepted"), "{list}");
}

#[test]
fn a_wrong_number_for_a_correction_names_the_command_that_shows_it() {
    let relay = Relay::start(AcceptAll);
    let smtp = smtp(relay.port, "none", 1) + "daily = 2\n";
    let folder = relay::newsletter_for(4, &smtp);
    assert_eq!(send(&folder, NOW).code, 75);
    let report = status(&folder);
    assert_eq!(report["status"], "waiting", "for the quota of the next day");
    assert_eq!(report["campaign"]["last_stop"]["kind"], "quota");
    relay::write_issue(&folder, "a", "number = 7");
    let run = folder.run_at(NOW, &["resume", "a", "--corrected", "--confirm", "99"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    let hint = "hint: nothing was sent; `franking resume a --corrected` shows";
    assert!(run.stderr.contains(hint), "{}", run.stderr);
}

#[test]
fn a_send_warns_if_the_clock_was_set_back() {
    let relay = Relay::start(AcceptAll);
    let folder = relay::newsletter_for(2, &smtp(relay.port, "none", 1));
    relay::write_issue(&folder, "b", "");
    assert_eq!(send(&folder, NOW).code, 0);
    let run = folder.run_at("2026-10-30T08:00:00Z", &["send", "b", "--yes"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let warning = "warning: the clock shows 2026-10-30T08:00:00Z, but the ledger has a send at 2026-11-30T08:00:00Z";
    assert!(run.stderr.contains(warning), "{}", run.stderr);
}

#[test]
fn a_restored_ledger_sends_nothing_before_the_operator_agrees_to_the_number() {
    let (relay, folder) = deferred();
    let state = folder.path().join(".franking");
    let backup = std::fs::read(state.join("store.db")).expect("the ledger");
    let later = "2026-11-30T09:00:00Z";
    assert_eq!(due(&folder, later).code, 0);
    assert_eq!(relay.recipients().len(), 4);
    for beside in ["store.db-wal", "store.db-shm"] {
        let _ = std::fs::remove_file(state.join(beside));
    }
    std::fs::write(state.join("store.db"), backup).expect("the ledger");
    assert_eq!(folder.run_at(later, &["schedule"]).code, 1);

    for command in [
        &["send", "a", "--accept-restored"][..],
        &["send", "--due", "--accept-restored"],
        &["resume", "a", "--accept-restored"],
    ] {
        let run = folder.run_at(later, command);
        assert_eq!(run.code, 2, "{command:?}: {}", run.stderr);
        let said = "4 recipients may have the message already";
        assert!(run.stderr.contains(said), "{command:?}: {}", run.stderr);
        assert_eq!(relay.recipients().len(), 4, "{command:?}");
        assert_eq!(due(&folder, later).code, 65, "it is not accepted yet");
    }
    let agreed = ["send", "a", "--accept-restored", "--confirm", "4"];
    let run = folder.run_at(later, &agreed);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(relay.recipients().len(), 8);
    assert_eq!(due(&folder, later).code, 0, "it is accepted now");
}
