//! `[smtp] warm_up`: the quotas of the first days of a relay.

use franking::simulator::sink::AcceptAll;
use snapbox::{assert_data_eq, str};

use crate::support::Folder;
use crate::support::relay::{self, Relay, masked, smtp};

/// A relay, and a newsletter with `readers` subscribers and a warm-up.
fn newsletter(readers: usize, keys: &str) -> (Relay, Folder) {
    let relay = Relay::start(AcceptAll);
    let smtp = smtp(relay.port, "none", 4);
    let folder = relay::newsletter_for(readers, &format!("{smtp}{keys}\n"));
    (relay, folder)
}

/// The exit code and the error of a send at `now`, and the number of messages that have arrived by then.
fn send(folder: &Folder, relay: &Relay, now: &str) -> (i32, usize, String) {
    let run = folder.run_at(now, &["send", "a", "--yes"]);
    let error = run.stderr.lines().find(|line| line.starts_with("error: "));
    let error = error.unwrap_or_default().to_owned();
    (run.code, relay.recipients().len(), error)
}

#[test]
fn a_warm_up_raises_the_quota_each_day_up_to_the_daily_quota() {
    let (relay, folder) = newsletter(70, "warm_up = [5, 12]\ndaily = 20");
    let send = |now| send(&folder, &relay, now);
    let spent = |code, count, what: &str, again: &str| {
        let error = format!("error: {what} is used up; more can be sent at {again}");
        (code, count, error)
    };
    let (first, second) = ("the warm-up quota of day 1", "the warm-up quota of day 2");
    assert_eq!(
        send("2026-11-30T08:00:00Z"),
        spent(75, 5, first, "2026-12-01T08:00:00Z")
    );
    assert_eq!(
        send("2026-12-01T07:59:59Z"),
        spent(75, 5, first, "2026-12-01T08:00:00Z")
    );
    // The second day has its own quota, independent of the last hours of the first.
    assert_eq!(
        send("2026-12-01T09:00:00Z"),
        spent(75, 17, second, "2026-12-02T08:00:00Z")
    );
    // 12 of the 20 messages of the quota were sent within the last 24 hours.
    assert_eq!(
        send("2026-12-02T08:00:00Z"),
        spent(75, 25, "the daily quota", "2026-12-02T09:00:00Z")
    );
    assert_eq!(send("2026-12-03T08:00:01Z").1, 45);
    assert_eq!(send("2026-12-04T08:00:02Z").1, 65);
    assert_eq!(send("2026-12-05T08:00:03Z"), (0, 70, String::new()));
    let mut recipients = relay.recipients();
    recipients.dedup();
    assert_eq!(recipients.len(), 70, "nobody twice");
}

#[test]
fn another_relay_starts_its_own_warm_up_and_the_outbox_has_none() {
    let (relay, folder) = newsletter(3, "warm_up = [5]");
    let smtp = folder.read("newsletter.toml");
    relay::set_smtp(&folder, "");
    relay::write_issue(&folder, "before", "");
    let outbox = folder.run_at("2026-11-01T08:00:00Z", &["send", "before", "--yes"]);
    assert_eq!(outbox.code, 0, "{}", outbox.stderr);

    folder.write("newsletter.toml", &smtp);
    assert_eq!(send(&folder, &relay, "2026-11-30T08:00:00Z").0, 0);
    relay::write_issue(&folder, "b", "");
    let second = folder.run_at("2026-11-30T09:00:00Z", &["send", "b", "--yes"]);
    assert_eq!((second.code, relay.recipients().len()), (75, 5));

    let other = Relay::start(AcceptAll);
    let port = format!("port = {}", relay.port);
    let moved = smtp.replace(&port, &format!("port = {}", other.port));
    folder.write("newsletter.toml", &moved);
    let third = folder.run_at("2026-11-30T10:00:00Z", &["send", "b", "--yes"]);
    assert_eq!((third.code, other.recipients().len()), (0, 1));

    let status = folder.run(&["status", "b", "--json"]).stdout;
    let status: serde_json::Value = serde_json::from_str(&status).expect("JSON");
    let deliveries = status["deliveries"].as_array().expect("deliveries");
    let mut relays: Vec<&str> = deliveries
        .iter()
        .map(|delivery| delivery["relay"].as_str().expect("a relay"))
        .collect();
    relays.sort_unstable();
    let mut expected = [&relay, &relay, &other].map(|relay| format!("127.0.0.1:{}", relay.port));
    expected.sort_unstable();
    assert_eq!(relays, expected);
}

#[test]
fn an_invalid_warm_up_is_reported() {
    let (relay, folder) = newsletter(1, "warm_up = [0, 50, 20, 5000]\ndaily = 1000");
    let check = folder.run(&["check"]);
    assert_eq!(check.code, 1, "{}", check.stderr);
    assert_data_eq!(
        masked(&(check.stdout + &check.stderr), relay.port),
        str![[r#"
error[bad-value]: `warm_up` must be between 1 and 10000000, not 0
  --> newsletter.toml:15:12
   |
15 | warm_up = [0, 50, 20, 5000]
   |            ^

error[bad-value]: `warm_up` falls from 50 to 20
  --> newsletter.toml:15:19
   |
15 | warm_up = [0, 50, 20, 5000]
   |                   ^^
hint: each day must allow at least as many messages as the day before

error[bad-value]: day 4 of `warm_up` allows 5000 messages, but `daily` only 1000
  --> newsletter.toml:15:23
   |
15 | warm_up = [0, 50, 20, 5000]
   |                       ^^^^
hint: end the list before it reaches `daily`, which applies after the list

1 issue and 1 subscriber checked: 3 errors

"#]]
    );
}
