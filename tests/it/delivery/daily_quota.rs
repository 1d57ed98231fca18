//! `[smtp] daily`: the quota of messages in any 24 hours.

use franking::simulator::sink::{AcceptAll, Answer, Script};

use crate::support::campaign::send;
use crate::support::relay::{self, Relay, smtp};

#[test]
fn the_daily_quota_ends_a_run_and_the_next_one_continues() {
    let relay = Relay::start(AcceptAll);
    let smtp = smtp(relay.port, "none", 4);
    let folder = relay::newsletter_for(70, &format!("{smtp}daily = 30\n"));

    let first = send(&folder, "2026-11-30T08:00:00Z");
    assert_eq!(
        (first.code, relay.recipients().len()),
        (75, 30),
        "{}",
        first.stderr
    );
    let said = "error: the daily quota is used up; more can be sent at 2026-12-01T08:00:00Z";
    assert!(first.stderr.contains(said), "{}", first.stderr);
    let same_day = send(&folder, "2026-11-30T20:00:00Z");
    assert_eq!((same_day.code, relay.recipients().len()), (75, 30));
    let next_day = send(&folder, "2026-12-01T08:00:01Z");
    assert_eq!(
        (next_day.code, relay.recipients().len()),
        (75, 60),
        "{}",
        next_day.stderr
    );
    let last = send(&folder, "2026-12-02T08:00:02Z");
    assert_eq!(
        (last.code, relay.recipients().len()),
        (0, 70),
        "{}",
        last.stderr
    );
    let mut recipients = relay.recipients();
    recipients.dedup();
    assert_eq!(recipients.len(), 70, "nobody twice");
}

/// Takes nothing for `r2` at the first try.
struct Greylisting;

impl Script for Greylisting {
    fn recipient(&self, address: &str, attempt: u32) -> Answer {
        if address.starts_with("r2@") && attempt == 1 {
            Answer::Reply(451, "4.7.1 greylisted".to_owned())
        } else {
            Answer::Accept
        }
    }
}

#[test]
fn waiting_for_the_quota_is_not_an_attempt() {
    let relay = Relay::start(Greylisting);
    let smtp = smtp(relay.port, "none", 1);
    let folder = relay::newsletter(&format!("{smtp}daily = 1\n"));
    relay::set_subscribers(&folder, ["r1", "r2"]);
    relay::write_issue(&folder, "a", "");
    assert_eq!(send(&folder, "2026-11-30T08:00:00Z").code, 75);
    // 48 hours after the first try nothing is tried again.
    let patient = ["send", "a", "--yes", "--max-gap", "72h"];
    let greylisted = folder.run_at("2026-12-03T08:00:00Z", &patient);
    let said = "deferred   r2@reader.example: 451 4.7.1 greylisted";
    assert_eq!(greylisted.code, 75, "{}", greylisted.stderr);
    assert!(greylisted.stderr.contains(said), "{}", greylisted.stderr);
    let last = send(&folder, "2026-12-03T09:00:00Z");
    assert_eq!(last.code, 0, "{}", last.stderr);
    assert_eq!(relay.recipients().len(), 2);
}
