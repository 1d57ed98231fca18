//! Replies about a domain: deliveries to it are suspended, and the others continue.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use franking::simulator::sink::{Answer, Script};
use snapbox::{assert_data_eq, str};

use crate::support::Folder;
use crate::support::campaign::{NOW, send, status_at};
use crate::support::postgres::Database;
use crate::support::relay::{self, Relay, reply, smtp, story};

const CONNECTIONS: usize = 4;

/// A reply of a domain that throttles.
const SLOW: (u16, &str) = (450, "4.7.28 an unusual rate of mail");

/// A relay that throttles one domain until the test lifts it.
#[derive(Clone)]
struct Throttling {
    is_slow: Arc<AtomicBool>,
    says: (u16, &'static str),
}

impl Throttling {
    fn new(says: (u16, &'static str)) -> Self {
        let is_slow = Arc::new(AtomicBool::new(true));
        Self { is_slow, says }
    }
}

impl Script for Throttling {
    fn recipient(&self, address: &str, _attempt: u32) -> Answer {
        if address.ends_with("@slow.example") && self.is_slow.load(Ordering::SeqCst) {
            return reply(self.says.0, self.says.1);
        }
        Answer::Accept
    }
}

/// The number of attempts to recipients at `domain`.
fn tries(relay: &Relay, domain: &str) -> usize {
    relay.count_of(|command| command.starts_with("RCPT") && command.contains(domain))
}

#[test]
fn a_throttling_domain_is_suspended_and_the_others_continue() {
    let script = Throttling::new(SLOW);
    let relay = Relay::start(script.clone());
    let folder = relay::two_domains(&relay, 4, "");
    let run = send(&folder, NOW);
    let status = folder.run_at(NOW, &["status", "a"]).stdout;
    let output = format!("{}exit {}\n\n{status}", run.stderr, run.code);
    assert_data_eq!(
        relay::masked(&output, relay.port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to s1  (to s1@slow.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       8 recipients
2026-11-30T08:00:00Z a: 8 messages to try
2026-11-30T08:00:00Z a: deferred   s1@slow.example: 450 4.7.28 an unusual rate of mail
2026-11-30T08:00:00Z a: deferred   s2@slow.example: 450 4.7.28 an unusual rate of mail
2026-11-30T08:00:00Z a: slow.example is suspended until 2026-11-30T08:15:00Z: 450 4.7.28 an unusual rate of mail
2026-11-30T08:00:00Z a: waiting: 4 accepted, 4 deferred
accepted         4
refused          0
excluded         0
deferred         4
uncertain        0
untried          0
candidates       8  adds up
4 left; the next attempt is due at 2026-11-30T08:05:25Z: run the same command then
exit 75

a waiting, edition DIGEST
accepted         4
refused          0
excluded         0
deferred         4
uncertain        0
untried          0
candidates       8  adds up
suspended slow.example until 2026-11-30T08:15:00Z: 450 4.7.28 an unusual rate of mail
deferred   s1@slow.example (s1): 450 4.7.28 an unusual rate of mail; next try 2026-11-30T08:05:25Z
deferred   s2@slow.example (s2): 450 4.7.28 an unusual rate of mail; next try 2026-11-30T08:15:00Z
deferred   s3@slow.example (s3): slow.example is suspended; next try 2026-11-30T08:15:00Z
deferred   s4@slow.example (s4): slow.example is suspended; next try 2026-11-30T08:15:00Z

"#]]
    );
    assert_eq!(tries(&relay, "slow.example"), 2);

    // One of them falls due, but its domain does not.
    let early = send(&folder, "2026-11-30T08:06:00Z");
    assert_eq!(early.code, 75, "{}", early.stderr);
    assert_eq!(tries(&relay, "slow.example"), 2);

    script.is_slow.store(false, Ordering::SeqCst);
    let late = send(&folder, "2026-11-30T08:15:30Z");
    assert_eq!(late.code, 0, "{}", late.stderr);
    assert_eq!(relay.recipients().len(), 8);
    assert_eq!(tries(&relay, "slow.example"), 2 + 4);
}

#[test]
fn after_each_suspension_one_message_probes_the_domain() {
    let relay = Relay::start(Throttling::new(SLOW));
    let folder = relay::two_domains(&relay, 9, "");
    let runs = [
        NOW,
        "2026-11-30T08:15:01Z",
        "2026-11-30T10:14:00Z",
        "2026-11-30T10:15:02Z",
        "2026-12-01T10:15:01Z",
        "2026-12-01T10:15:03Z",
    ];
    let output = runs.map(|now| {
        let run = send(&folder, now);
        let about = run
            .stderr
            .lines()
            .filter_map(|line| line.split_once("Z a: "))
            .map(|(_, event)| event)
            .filter(|event| event.starts_with("slow.example") || event.starts_with("deferred"));
        let about: Vec<&str> = about.collect();
        let tries = tries(&relay, "slow.example");
        format!(
            "{now} exit {}, {tries} tries\n{}\n",
            run.code,
            about.join("\n")
        )
    });
    assert_data_eq!(
        output.concat(),
        str![[r#"
2026-11-30T08:00:00Z exit 75, 2 tries
deferred   s1@slow.example: 450 4.7.28 an unusual rate of mail
deferred   s2@slow.example: 450 4.7.28 an unusual rate of mail
slow.example is suspended until 2026-11-30T08:15:00Z: 450 4.7.28 an unusual rate of mail
2026-11-30T08:15:01Z exit 75, 3 tries
deferred   s1@slow.example: 450 4.7.28 an unusual rate of mail
slow.example is suspended until 2026-11-30T10:15:01Z: 450 4.7.28 an unusual rate of mail
2026-11-30T10:14:00Z exit 75, 3 tries

2026-11-30T10:15:02Z exit 75, 4 tries
deferred   s1@slow.example: 450 4.7.28 an unusual rate of mail
slow.example is suspended until 2026-12-01T10:15:02Z, suspension number 3: the cause needs attention: 450 4.7.28 an unusual rate of mail
2026-12-01T10:15:01Z exit 75, 4 tries

2026-12-01T10:15:03Z exit 75, 5 tries
deferred   s1@slow.example: 450 4.7.28 an unusual rate of mail
slow.example is suspended until 2026-12-02T10:15:03Z, suspension number 4: the cause needs attention: 450 4.7.28 an unusual rate of mail

"#]]
    );
}

#[test]
fn yahoo_is_suspended_for_the_four_hours_that_it_requires() {
    let says = (421, "[TSS04] Messages temporarily deferred");
    let relay = Relay::start(Throttling::new(says));
    let folder = relay::two_domains(&relay, 3, "");
    let run = send(&folder, NOW);
    let said = "slow.example is suspended until 2026-11-30T12:00:00Z: 421 [TSS04]";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    assert_eq!(relay.recipients().len(), 3, "the others have theirs");
}

#[test]
fn a_suspension_is_shared_by_all_senders_and_survives_a_migration() {
    let Some(database) = Database::create("a domain that wants less") else {
        return;
    };
    let script = Throttling::new(SLOW);
    let relay = Relay::start(script.clone());
    let file = relay::two_domains(&relay, 40, "");
    assert_eq!(send(&file, NOW).code, 75);
    let before = status_at(&file, NOW);
    let moved = file.run(&["store", "migrate", "--to", &database.url()]);
    assert_eq!(moved.code, 0, "{}", moved.stderr);

    let here = relay::two_domains(&relay, 40, &relay::store_at(&database.url()));
    let there = relay::two_domains(&relay, 40, &relay::store_at(&database.url()));
    assert_eq!(status_at(&here, NOW), before);
    for folder in [&here, &there] {
        let run = send(folder, "2026-11-30T08:14:59Z");
        assert_eq!(run.code, 75, "{}", run.stderr);
    }
    assert_eq!(tries(&relay, "slow.example"), 2);
    let first = send(&here, "2026-11-30T08:15:30Z");
    assert_eq!(first.code, 75, "{}", first.stderr);
    let said = "slow.example is suspended until 2026-11-30T10:15:30Z: 450 4.7.28";
    assert!(first.stderr.contains(said), "{}", first.stderr);
    for folder in [&here, &there] {
        assert_eq!(send(folder, "2026-11-30T10:15:00Z").code, 75);
    }
    assert_eq!(tries(&relay, "slow.example"), 3);
    script.is_slow.store(false, Ordering::SeqCst);
    assert_eq!(send(&there, "2026-11-30T10:16:00Z").code, 0);
    assert_eq!(relay.recipients().len(), 80);
}

#[test]
fn with_the_ledger_on_postgresql_the_first_deferral_suspends_the_domain() {
    let Some(database) = Database::create("a domain on a server") else {
        return;
    };
    let relay = Relay::start(Throttling::new(SLOW));
    let folder = relay::two_domains(&relay, 40, &relay::store_at(&database.url()));
    let run = send(&folder, NOW);
    assert_eq!(run.code, 75, "{}", run.stderr);
    assert_eq!(
        (tries(&relay, "slow.example"), relay.recipients().len()),
        (2, 40)
    );
    let report = status_at(&folder, NOW);
    let due = report["deliveries"].as_array().expect("rows").iter();
    let held = due.filter(|row| row["next_try"] == report["domains"][0]["suspended_until"]);
    // All but the first, whose own five minutes are shorter.
    assert_eq!(held.count(), 39);
}

#[test]
fn messages_in_flight_at_a_suspension_do_not_lengthen_it() {
    let database = Database::create("a domain on several connections");
    let stores = [String::new()].into_iter();
    for store in stores.chain(
        database
            .iter()
            .map(|database| relay::store_at(&database.url())),
    ) {
        let relay = Relay::start(Throttling::new(SLOW));
        let smtp = smtp(relay.port, "none", CONNECTIONS);
        let folder = relay::newsletter(&format!("{smtp}{store}"));
        let addresses = (1..=100).map(|number| format!("s{number}@slow.example"));
        relay::set_addresses(&folder, addresses);
        relay::write_issue(&folder, "a", "");
        let run = send(&folder, NOW);
        assert_eq!(run.code, 75, "{}", run.stderr);
        let output = run.stderr.matches("is suspended until").count();
        assert_eq!(output, 1, "{}", run.stderr);
        let tries = tries(&relay, "slow.example");
        assert!((2..=1 + CONNECTIONS).contains(&tries), "{tries}");
        let report = status_at(&folder, NOW);
        assert_eq!(report["domains"][0]["suspensions"], 1);
        assert_eq!(report["totals"]["deferred"], 100);
    }
}

/// Some domains refuse the sender as spam until the test lifts it.
#[derive(Clone, Default)]
struct Blocking {
    is_mended: Arc<AtomicBool>,
}

impl Script for Blocking {
    fn message(&self, address: &str, _attempt: u32) -> Answer {
        if address.contains("@blocks") && !self.is_mended.load(Ordering::SeqCst) {
            return reply(554, "5.7.1 rejected: listed by Spamhaus");
        }
        Answer::Accept
    }
}

/// A newsletter for subscribers of these domains in turn, over one connection.
fn newsletter(relay: &Relay, domains: &[&str], count: usize) -> Folder {
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    let addresses = (1..=count).flat_map(|number| {
        let address = move |domain: &&str| format!("r{number}@{domain}");
        domains.iter().map(address)
    });
    relay::set_addresses(&folder, addresses);
    relay::write_issue(&folder, "a", "");
    folder
}

#[test]
fn a_domain_that_reports_spam_is_suspended_and_no_address_is_suppressed() {
    let relay = Relay::start(Blocking::default());
    let folder = newsletter(&relay, &["blocks.example", "fast.example"], 6);
    let run = send(&folder, NOW);
    let status = folder.run_at(NOW, &["status", "a"]).stdout;
    let output = format!("{}exit {}\n\n{status}", run.stderr, run.code);
    assert_data_eq!(
        relay::masked(&output, relay.port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to r1  (to r1@blocks.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       12 recipients
2026-11-30T08:00:00Z a: 12 messages to try
2026-11-30T08:00:00Z a: refused    r1@blocks.example: 554 5.7.1 rejected: listed by Spamhaus
2026-11-30T08:00:00Z a: refused    r2@blocks.example: 554 5.7.1 rejected: listed by Spamhaus
2026-11-30T08:00:00Z a: refused    r3@blocks.example: 554 5.7.1 rejected: listed by Spamhaus
2026-11-30T08:00:00Z a: blocks.example is suspended until 2026-11-30T08:15:00Z: 554 5.7.1 rejected: listed by Spamhaus
2026-11-30T08:00:00Z a: waiting: 6 accepted, 3 refused, 3 deferred
accepted         6
refused          3
excluded         0
deferred         3
uncertain        0
untried          0
candidates      12  adds up
3 left; the next attempt is due at 2026-11-30T08:15:00Z: run the same command then
exit 75

a waiting, edition DIGEST
accepted         6
refused          3
excluded         0
deferred         3
uncertain        0
untried          0
candidates      12  adds up
suspended blocks.example until 2026-11-30T08:15:00Z: 554 5.7.1 rejected: listed by Spamhaus
refused    r1@blocks.example (r1): 554 5.7.1 rejected: listed by Spamhaus
refused    r2@blocks.example (r2): 554 5.7.1 rejected: listed by Spamhaus
refused    r3@blocks.example (r3): 554 5.7.1 rejected: listed by Spamhaus
deferred   r4@blocks.example (r4): blocks.example is suspended; next try 2026-11-30T08:15:00Z
deferred   r5@blocks.example (r5): blocks.example is suspended: 554 5.7.1 rejected: listed by Spamhaus; next try 2026-11-30T08:15:00Z
deferred   r6@blocks.example (r6): blocks.example is suspended: 554 5.7.1 rejected: listed by Spamhaus; next try 2026-11-30T08:15:00Z

"#]]
    );

    relay::write_issue(&folder, "b", "");
    let next = folder.run_at("2026-12-30T08:00:00Z", &["send", "b", "--yes"]);
    assert!(
        next.stderr.contains("excluded         0"),
        "{}",
        next.stderr
    );
}

#[test]
fn three_domains_that_report_spam_stop_the_send_and_refuse_no_recipient() {
    let script = Blocking::default();
    let relay = Relay::start(script.clone());
    let domains = [
        "blocks1.example",
        "blocks2.example",
        "blocks3.example",
        "fast.example",
    ];
    let folder = newsletter(&relay, &domains, 5);
    let run = send(&folder, NOW);
    assert_data_eq!(
        story(&folder, &run, relay.port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to r1  (to r1@blocks1.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       20 recipients
2026-11-30T08:00:00Z a: 20 messages to try
2026-11-30T08:00:00Z a: refused    r1@blocks1.example: 554 5.7.1 rejected: listed by Spamhaus
2026-11-30T08:00:00Z a: refused    r1@blocks2.example: 554 5.7.1 rejected: listed by Spamhaus
2026-11-30T08:00:00Z a: refused    r1@blocks3.example: 554 5.7.1 rejected: listed by Spamhaus
2026-11-30T08:00:00Z a: refused    r2@blocks1.example: 554 5.7.1 rejected: listed by Spamhaus
2026-11-30T08:00:00Z a: refused    r2@blocks2.example: 554 5.7.1 rejected: listed by Spamhaus
2026-11-30T08:00:00Z a: refused    r2@blocks3.example: 554 5.7.1 rejected: listed by Spamhaus
2026-11-30T08:00:00Z a: refused    r3@blocks1.example: 554 5.7.1 rejected: listed by Spamhaus
2026-11-30T08:00:00Z a: blocks1.example is suspended until 2026-11-30T08:15:00Z: 554 5.7.1 rejected: listed by Spamhaus
2026-11-30T08:00:00Z a: refused    r3@blocks2.example: 554 5.7.1 rejected: listed by Spamhaus
2026-11-30T08:00:00Z a: blocks2.example is suspended until 2026-11-30T08:15:00Z: 554 5.7.1 rejected: listed by Spamhaus
2026-11-30T08:00:00Z a: refused    r3@blocks3.example: 554 5.7.1 rejected: listed by Spamhaus
2026-11-30T08:00:00Z a: blocks3.example is suspended until 2026-11-30T08:15:00Z: 554 5.7.1 rejected: listed by Spamhaus
2026-11-30T08:00:00Z a: stopped: 2 accepted, 18 untried
accepted         2
refused          0
excluded         0
deferred         0
uncertain        0
untried         18
candidates      20  adds up
error: 3 domains treat this message as spam, the last with: 554 5.7.1 rejected: listed by Spamhaus (recipient r3@blocks3.example)
hint: refused addresses are tried again, and none is suppressed; after the cause is corrected, `franking send a` continues; `--believe-refusals` accepts the refusals as they are
exit 69

a stopped, edition DIGEST
stopped 2026-11-30T08:00:00Z: 3 domains treat this message as spam, the last with: 554 5.7.1 rejected: listed by Spamhaus (recipient r3@blocks3.example)
accepted         2
refused          0
excluded         0
deferred         0
uncertain        0
untried         18
candidates      20  adds up
suspended blocks1.example until 2026-11-30T08:15:00Z: 554 5.7.1 rejected: listed by Spamhaus
suspended blocks2.example until 2026-11-30T08:15:00Z: 554 5.7.1 rejected: listed by Spamhaus
suspended blocks3.example until 2026-11-30T08:15:00Z: 554 5.7.1 rejected: listed by Spamhaus

"#]]
    );
    let report = status_at(&folder, NOW);
    assert!(
        report["domains"]
            .as_array()
            .expect("domains")
            .iter()
            .all(|d| d["blocked"] == 0)
    );

    script.is_mended.store(true, Ordering::SeqCst);
    let rest = send(&folder, "2026-11-30T09:00:00Z");
    assert_eq!(rest.code, 0, "{}", rest.stderr);
    assert_eq!(relay.recipients().len(), 20);
}
