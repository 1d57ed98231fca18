//! Replies that are not about one reader: about a domain, about the relay, about us all.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use franking::simulator::sink::{Answer, Script};
use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::postgres::Database;
use crate::support::relay::{self, Relay, smtp, story};
use crate::support::{Folder, Run};

const NOW: &str = "2026-11-30T08:00:00Z";

fn reply(code: u16, words: &str) -> Answer {
    Answer::Reply(code, words.to_owned())
}

/// One that does not want to be asked again and again.
const SLOW: (u16, &str) = (450, "4.7.28 an unusual rate of mail");

/// A relay of which one domain wants less, until it is told otherwise.
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

/// Readers of two domains by turns, the issue `a`, and one connection, so that the order is always the same.
fn two_domains(relay: &Relay, count: usize, store: &str) -> Folder {
    let smtp = smtp(relay.port, "none", 1);
    let folder = relay::newsletter(&format!("{smtp}{store}"));
    let addresses = (1..=count).flat_map(|number| {
        [
            format!("s{number}@slow.example"),
            format!("f{number}@fast.example"),
        ]
    });
    relay::set_addresses(&folder, addresses);
    relay::write_issue(&folder, "a", "");
    folder.write(".franking/key", &"k".repeat(32));
    folder.write(".franking/rehearsed", "");
    folder
}

fn store_at(url: &str) -> String {
    format!("\n[store]\nurl = \"{url}\"\n")
}

fn send_at(folder: &Folder, now: &str) -> Run {
    folder.run_at(now, &["send", "a", "--yes"])
}

fn status(folder: &Folder) -> Value {
    let status = folder.run_at(NOW, &["status", "a", "--json"]);
    let report: Value = serde_json::from_str(&status.stdout).expect("JSON");
    assert_eq!(report["adds_up"], true, "{}", report["totals"]);
    report
}

/// How often a reader at `domain` was to be written to.
fn tries(relay: &Relay, domain: &str) -> usize {
    relay.count_of(|command| command.starts_with("RCPT") && command.contains(domain))
}

#[test]
fn a_domain_that_wants_less_is_left_alone_while_the_others_go_on() {
    let script = Throttling::new(SLOW);
    let relay = Relay::start(script.clone());
    let folder = two_domains(&relay, 4, "");
    let run = send_at(&folder, NOW);
    let status = folder.run_at(NOW, &["status", "a"]).stdout;
    let told = format!("{}exit {}\n\n{status}", run.stderr, run.code);
    assert_data_eq!(
        relay::masked(&told, relay.port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to s1  (to s1@slow.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       8 recipients
deferred   s1@slow.example: 450 4.7.28 an unusual rate of mail
deferred   s2@slow.example: 450 4.7.28 an unusual rate of mail
slow.example is suspended until 2026-11-30T08:15:00Z: 450 4.7.28 an unusual rate of mail
accepted         4
refused          0
excluded         0
deferred         4
uncertain        0
untried          0
candidates       8  adds up
4 left; the next attempt is due at 2026-11-30T08:05:25Z: run the same command then
exit 75

a stopped, edition DIGEST
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
    let early = send_at(&folder, "2026-11-30T08:06:00Z");
    assert_eq!(early.code, 75, "{}", early.stderr);
    assert_eq!(tries(&relay, "slow.example"), 2);

    script.is_slow.store(false, Ordering::SeqCst);
    let late = send_at(&folder, "2026-11-30T08:15:30Z");
    assert_eq!(late.code, 0, "{}", late.stderr);
    assert_eq!(relay.recipients().len(), 8);
    assert_eq!(tries(&relay, "slow.example"), 2 + 4);
}

#[test]
fn behind_each_rest_one_letter_tries_whether_the_domain_is_better() {
    let relay = Relay::start(Throttling::new(SLOW));
    let folder = two_domains(&relay, 9, "");
    let runs = [
        NOW,
        "2026-11-30T08:15:01Z",
        "2026-11-30T10:14:00Z",
        "2026-11-30T10:15:02Z",
        "2026-12-01T10:15:01Z",
        "2026-12-01T10:15:03Z",
    ];
    let told = runs.map(|now| {
        let run = send_at(&folder, now);
        let about = run
            .stderr
            .lines()
            .filter(|line| line.starts_with("slow.example") || line.starts_with("deferred   s"));
        let about: Vec<&str> = about.collect();
        let tries = tries(&relay, "slow.example");
        format!(
            "{now} exit {}, {tries} tries\n{}\n",
            run.code,
            about.join("\n")
        )
    });
    assert_data_eq!(
        told.concat(),
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
fn yahoo_has_the_four_hours_that_it_asks_for() {
    let says = (421, "[TSS04] Messages temporarily deferred");
    let relay = Relay::start(Throttling::new(says));
    let folder = two_domains(&relay, 3, "");
    let run = send_at(&folder, NOW);
    let said = "slow.example is suspended until 2026-11-30T12:00:00Z: 421 [TSS04]";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    assert_eq!(relay.recipients().len(), 3, "the others have theirs");
}

#[test]
fn what_a_domain_has_said_every_sender_of_a_server_knows_and_a_move_keeps_it() {
    let Some(database) = Database::create("a domain that wants less") else {
        return;
    };
    let script = Throttling::new(SLOW);
    let relay = Relay::start(script.clone());
    let file = two_domains(&relay, 40, "");
    assert_eq!(send_at(&file, NOW).code, 75);
    let before = status(&file);
    let moved = file.run(&["store", "migrate", "--to", &database.url()]);
    assert_eq!(moved.code, 0, "{}", moved.stderr);

    let here = two_domains(&relay, 40, &store_at(&database.url()));
    let there = two_domains(&relay, 40, &store_at(&database.url()));
    assert_eq!(status(&here), before);
    for folder in [&here, &there] {
        let run = send_at(folder, "2026-11-30T08:14:59Z");
        assert_eq!(run.code, 75, "{}", run.stderr);
    }
    assert_eq!(tries(&relay, "slow.example"), 2);
    let first = send_at(&here, "2026-11-30T08:15:30Z");
    assert_eq!(first.code, 75, "{}", first.stderr);
    let said = "slow.example is suspended until 2026-11-30T10:15:30Z: 450 4.7.28";
    assert!(first.stderr.contains(said), "{}", first.stderr);
    for folder in [&here, &there] {
        assert_eq!(send_at(folder, "2026-11-30T10:15:00Z").code, 75);
    }
    assert_eq!(tries(&relay, "slow.example"), 3);
    script.is_slow.store(false, Ordering::SeqCst);
    assert_eq!(send_at(&there, "2026-11-30T10:16:00Z").code, 0);
    assert_eq!(relay.recipients().len(), 80);
}

#[test]
fn a_domain_is_left_alone_from_the_first_on_where_the_ledger_is_on_a_server() {
    let Some(database) = Database::create("a domain on a server") else {
        return;
    };
    let relay = Relay::start(Throttling::new(SLOW));
    let folder = two_domains(&relay, 40, &store_at(&database.url()));
    let run = send_at(&folder, NOW);
    assert_eq!(run.code, 75, "{}", run.stderr);
    assert_eq!(
        (tries(&relay, "slow.example"), relay.recipients().len()),
        (2, 40)
    );
    let report = status(&folder);
    let due = report["deliveries"].as_array().expect("rows").iter();
    let held = due.filter(|row| row["next_try"] == report["domains"][0]["suspended_until"]);
    // All but the first, whose own five minutes are shorter.
    assert_eq!(held.count(), 39);
}

#[test]
fn what_was_on_its_way_when_a_domain_was_left_alone_does_not_count_again() {
    let database = Database::create("a domain on several connections");
    let stores = [String::new()].into_iter();
    for store in stores.chain(database.iter().map(|database| store_at(&database.url()))) {
        let relay = Relay::start(Throttling::new(SLOW));
        let smtp = smtp(relay.port, "none", CONNECTIONS);
        let folder = relay::newsletter(&format!("{smtp}{store}"));
        let addresses = (1..=100).map(|number| format!("s{number}@slow.example"));
        relay::set_addresses(&folder, addresses);
        relay::write_issue(&folder, "a", "");
        let run = send_at(&folder, NOW);
        assert_eq!(run.code, 75, "{}", run.stderr);
        let told = run.stderr.matches("is suspended until").count();
        assert_eq!(told, 1, "{}", run.stderr);
        let tries = tries(&relay, "slow.example");
        assert!((2..=1 + CONNECTIONS).contains(&tries), "{tries}");
        let report = status(&folder);
        assert_eq!(report["domains"][0]["suspensions"], 1);
        assert_eq!(report["totals"]["deferred"], 100);
    }
}

/// Some domains take us for a sender of spam, until somebody has mended it.
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

/// A newsletter for readers of these domains by turns.
fn newsletter(relay: &Relay, connections: usize, domains: &[&str], count: usize) -> Folder {
    let folder = relay::newsletter(&smtp(relay.port, "none", connections));
    let addresses = (1..=count).flat_map(|number| {
        let address = move |domain: &&str| format!("r{number}@{domain}");
        domains.iter().map(address)
    });
    relay::set_addresses(&folder, addresses);
    relay::write_issue(&folder, "a", "");
    folder
}

#[test]
fn a_domain_that_takes_us_for_spam_is_left_alone_and_nobody_is_suppressed() {
    let relay = Relay::start(Blocking::default());
    let folder = newsletter(&relay, 1, &["blocks.example", "fast.example"], 6);
    let run = send_at(&folder, NOW);
    let status = folder.run_at(NOW, &["status", "a"]).stdout;
    let told = format!("{}exit {}\n\n{status}", run.stderr, run.code);
    assert_data_eq!(
        relay::masked(&told, relay.port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to r1  (to r1@blocks.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       12 recipients
refused    r1@blocks.example: 554 5.7.1 rejected: listed by Spamhaus
refused    r2@blocks.example: 554 5.7.1 rejected: listed by Spamhaus
refused    r3@blocks.example: 554 5.7.1 rejected: listed by Spamhaus
blocks.example is suspended until 2026-11-30T08:15:00Z: 554 5.7.1 rejected: listed by Spamhaus
accepted         6
refused          3
excluded         0
deferred         3
uncertain        0
untried          0
candidates      12  adds up
3 left; the next attempt is due at 2026-11-30T08:15:00Z: run the same command then
exit 75

a stopped, edition DIGEST
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
fn three_domains_that_take_us_for_spam_stop_the_send_and_touch_nobody() {
    let script = Blocking::default();
    let relay = Relay::start(script.clone());
    let domains = [
        "blocks1.example",
        "blocks2.example",
        "blocks3.example",
        "fast.example",
    ];
    let folder = newsletter(&relay, 1, &domains, 5);
    let run = send_at(&folder, NOW);
    assert_data_eq!(
        story(&folder, &run, relay.port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to r1  (to r1@blocks1.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       20 recipients
refused    r1@blocks1.example: 554 5.7.1 rejected: listed by Spamhaus
refused    r1@blocks2.example: 554 5.7.1 rejected: listed by Spamhaus
refused    r1@blocks3.example: 554 5.7.1 rejected: listed by Spamhaus
refused    r2@blocks1.example: 554 5.7.1 rejected: listed by Spamhaus
refused    r2@blocks2.example: 554 5.7.1 rejected: listed by Spamhaus
refused    r2@blocks3.example: 554 5.7.1 rejected: listed by Spamhaus
refused    r3@blocks1.example: 554 5.7.1 rejected: listed by Spamhaus
blocks1.example is suspended until 2026-11-30T08:15:00Z: 554 5.7.1 rejected: listed by Spamhaus
refused    r3@blocks2.example: 554 5.7.1 rejected: listed by Spamhaus
blocks2.example is suspended until 2026-11-30T08:15:00Z: 554 5.7.1 rejected: listed by Spamhaus
refused    r3@blocks3.example: 554 5.7.1 rejected: listed by Spamhaus
blocks3.example is suspended until 2026-11-30T08:15:00Z: 554 5.7.1 rejected: listed by Spamhaus
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
    let report = status(&folder);
    assert!(
        report["domains"]
            .as_array()
            .expect("domains")
            .iter()
            .all(|d| d["blocked"] == 0)
    );

    script.is_mended.store(true, Ordering::SeqCst);
    let rest = send_at(&folder, "2026-11-30T09:00:00Z");
    assert_eq!(rest.code, 0, "{}", rest.stderr);
    assert_eq!(relay.recipients().len(), 20);
}

/// Refuses everybody, at RCPT or behind the dot, until it is told otherwise.
#[derive(Clone)]
struct RefusesAll {
    is_mended: Arc<AtomicBool>,
    behind_the_dot: bool,
    refused: Arc<Mutex<BTreeSet<String>>>,
}

impl RefusesAll {
    fn new(behind_the_dot: bool) -> Self {
        Self {
            is_mended: Arc::default(),
            behind_the_dot,
            refused: Arc::default(),
        }
    }

    fn answer(&self, address: &str, is_here: bool) -> Answer {
        if !is_here || self.is_mended.load(Ordering::SeqCst) {
            return Answer::Accept;
        }
        let mut refused = self.refused.lock().expect("no panic");
        refused.insert(address.to_owned());
        reply(550, "5.1.1 no such mailbox")
    }
}

impl Script for RefusesAll {
    fn recipient(&self, address: &str, _attempt: u32) -> Answer {
        self.answer(address, !self.behind_the_dot)
    }
    fn message(&self, address: &str, _attempt: u32) -> Answer {
        self.answer(address, self.behind_the_dot)
    }
}

const MANY: usize = 2_000;
const CONNECTIONS: usize = 4;

#[test]
fn a_relay_that_refuses_everybody_stops_the_send_and_nobody_is_taken_for_dead() {
    for behind_the_dot in [false, true] {
        let script = RefusesAll::new(behind_the_dot);
        let relay = Relay::start(script.clone());
        let folder = newsletter(&relay, CONNECTIONS, &["reader.example"], MANY);
        let run = send_at(&folder, NOW);
        assert_eq!(run.code, 69, "{}", run.stderr);
        let refused = script.refused.lock().expect("no panic").len();
        assert!((20..=20 + CONNECTIONS).contains(&refused), "{refused}");
        assert_eq!(status(&folder)["totals"]["untried"], MANY);

        script.is_mended.store(true, Ordering::SeqCst);
        let rest = send_at(&folder, NOW);
        assert_eq!(rest.code, 0, "{}", rest.stderr);
        assert_eq!(relay.recipients().len(), MANY);
        relay::write_issue(&folder, "b", "");
        let next = folder.run(&["send", "b", "--dry-run"]);
        assert!(!next.stderr.contains("left out"), "{}", next.stderr);
    }
}

#[test]
fn a_relay_that_refuses_everybody_is_told_once_and_may_be_believed() {
    let script = RefusesAll::new(false);
    let relay = Relay::start(script);
    let folder = newsletter(&relay, 1, &["reader.example"], 22);
    let run = send_at(&folder, NOW);
    let told = relay::masked(&run.stderr, relay.port);
    let told: Vec<&str> = told
        .lines()
        .filter(|line| !line.starts_with("refused    r"))
        .collect();
    assert_data_eq!(
        format!("{}\nexit {}\n", told.join("\n"), run.code),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to r1  (to r1@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       22 recipients
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried         22
candidates      22  adds up
error: the relay has refused 20 recipients, too many to be about the recipients: 550 5.1.1 no such mailbox (recipient r20@reader.example)
hint: refused addresses are tried again, and none is suppressed; after the cause is corrected, `franking send a` starts over with the present files; `--believe-refusals` accepts the refusals as they are
exit 69

"#]]
    );

    let believed = folder.run_at(NOW, &["send", "a", "--yes", "--believe-refusals"]);
    assert_eq!(believed.code, 0, "{}", believed.stderr);
    assert_eq!(status(&folder)["totals"]["refused"], 22);
    relay::write_issue(&folder, "b", "");
    let next = folder.run_at(NOW, &["send", "b", "--yes"]);
    assert!(next.stderr.contains("(22 bounced)"), "{}", next.stderr);
}

/// Where [`Denies`] answers.
#[derive(Clone, Copy, PartialEq)]
enum Asked {
    Recipient,
    Data,
    Message,
}

/// Gives everybody the same answer until it is told otherwise; with `unknown`, r1 is an unknown mailbox.
#[derive(Clone)]
struct Denies {
    at: Asked,
    says: (u16, &'static str),
    unknown: bool,
    is_mended: Arc<AtomicBool>,
}

impl Denies {
    fn new(at: Asked, says: (u16, &'static str)) -> Self {
        Self {
            at,
            says,
            unknown: false,
            is_mended: Arc::default(),
        }
    }

    fn answer(&self, at: Asked) -> Answer {
        match at == self.at && !self.is_mended.load(Ordering::SeqCst) {
            true => reply(self.says.0, self.says.1),
            false => Answer::Accept,
        }
    }
}

impl Script for Denies {
    fn recipient(&self, address: &str, _attempt: u32) -> Answer {
        if self.unknown && address.starts_with("r1@") && !self.is_mended.load(Ordering::SeqCst) {
            return reply(550, "5.1.1 no such user");
        }
        self.answer(Asked::Recipient)
    }
    fn data(&self, _address: &str, _attempt: u32) -> Answer {
        self.answer(Asked::Data)
    }
    fn message(&self, _address: &str, _attempt: u32) -> Answer {
        self.answer(Asked::Message)
    }
}

const AN_HOUR_LATER: &str = "2026-11-30T09:00:00Z";

#[test]
fn a_relay_that_refuses_a_few_recipients_and_accepts_nothing_stops_the_campaign() {
    for (at, says, count, unknown) in [
        (Asked::Recipient, (550, "5.7.1 relaying denied"), 6, false),
        (Asked::Recipient, (550, "5.7.1 relaying denied"), 6, true),
        (Asked::Recipient, (550, "relay access denied"), 6, false),
        (Asked::Recipient, (550, "5.7.1 relaying denied"), 1, false),
        (Asked::Message, (554, "5.7.1 spam"), 2, false),
        (Asked::Message, (554, "5.7.1 spam"), 6, false),
        (Asked::Data, (554, "no"), 6, false),
    ] {
        let script = Denies {
            unknown,
            ..Denies::new(at, says)
        };
        let relay = Relay::start(script.clone());
        let folder = newsletter(&relay, 1, &["reader.example"], count);
        let run = send_at(&folder, NOW);
        assert_eq!(run.code, 69, "{says:?}: {}", run.stderr);
        for part in [
            "and accepted nothing: ",
            says.1,
            "of [smtp]",
            "starts over with the present files",
        ] {
            let is_login = part == "of [smtp]" && run.stderr.contains("in [smtp]");
            assert!(
                is_login || run.stderr.contains(part),
                "{part}: {}",
                run.stderr
            );
        }
        let sum = &status(&folder)["totals"];
        assert_eq!((&sum["refused"], &sum["accepted"]), (&0.into(), &0.into()));

        script.is_mended.store(true, Ordering::SeqCst);
        let issue = folder.read("issues/a.toml");
        folder.write(
            "issues/a.toml",
            &issue.replace("a small letter", "a mended letter"),
        );
        let rest = send_at(&folder, AN_HOUR_LATER);
        assert_eq!(rest.code, 0, "{says:?}: {}", rest.stderr);
        assert!(
            rest.stderr.contains("the present files are sent"),
            "{}",
            rest.stderr
        );
        assert_eq!(relay.recipients().len(), count);
        assert_eq!(status(&folder)["totals"]["accepted"], count);
    }
}

#[test]
fn a_few_recipients_who_are_refused_for_their_own_reasons_stay_refused() {
    for (says, count) in [
        ((550, "5.1.1 no such user"), 1),
        ((550, "5.1.1 no such user"), 2),
        ((550, "5.1.2 no such domain"), 6),
        ((552, "5.2.2 mailbox full"), 3),
        ((550, "5.2.1 mailbox disabled"), 2),
        ((550, "mailbox unavailable"), 2),
        ((550, "5.7.1 blocked by the recipient"), 2),
    ] {
        let relay = Relay::start(Denies::new(Asked::Recipient, says));
        let folder = newsletter(&relay, 1, &["reader.example"], count);
        let run = send_at(&folder, NOW);
        assert_eq!(run.code, 0, "{says:?}: {}", run.stderr);
        assert_eq!(status(&folder)["totals"]["refused"], count, "{says:?}");
    }
    let relay = Relay::start(Denies::new(
        Asked::Recipient,
        (550, "5.7.1 relaying denied"),
    ));
    let folder = newsletter(&relay, 1, &["reader.example"], 3);
    let believed = folder.run_at(NOW, &["send", "a", "--yes", "--believe-refusals"]);
    assert_eq!(believed.code, 0, "{}", believed.stderr);
    assert_eq!(status(&folder)["totals"]["refused"], 3);
}

#[test]
fn refusals_after_a_message_was_accepted_stay_refused() {
    let script = Denies::new(Asked::Recipient, (550, "5.7.1 not for this one"));
    let relay = Relay::start(script.clone());
    script.is_mended.store(true, Ordering::SeqCst);
    let folder = newsletter(&relay, 1, &["reader.example"], 3);
    let one = folder.run_at(NOW, &["send", "a", "--yes", "--only", "r1@reader.example"]);
    assert_eq!(one.code, 0, "{}", one.stderr);
    script.is_mended.store(false, Ordering::SeqCst);
    let rest = send_at(&folder, NOW);
    assert_eq!(rest.code, 0, "{}", rest.stderr);
    assert_eq!(status(&folder)["totals"]["refused"], 2);
}

#[test]
fn deferrals_about_the_sender_are_taken_back_and_the_corrected_files_are_sent() {
    for (says, count) in [
        ((454, "4.7.1 Relay access denied"), 25),
        ((454, "4.7.1 Relay access denied"), 6),
        ((450, "authentication required"), 2),
    ] {
        let script = Denies::new(Asked::Recipient, says);
        let relay = Relay::start(script.clone());
        let folder = newsletter(&relay, 1, &["reader.example"], count);
        let run = send_at(&folder, NOW);
        assert_eq!(run.code, 69, "{says:?}: {}", run.stderr);
        for part in [
            "set-up of the relay",
            says.1,
            "check `tls`, `user`",
            "starts over",
        ] {
            assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
        }
        let sum = &status(&folder)["totals"];
        assert_eq!(
            (&sum["deferred"], &sum["untried"]),
            (&0.into(), &count.into())
        );

        script.is_mended.store(true, Ordering::SeqCst);
        let issue = folder.read("issues/a.toml");
        folder.write(
            "issues/a.toml",
            &issue.replace("a small letter", "a mended letter"),
        );
        let rest = send_at(&folder, NOW);
        assert_eq!(rest.code, 0, "{says:?}: {}", rest.stderr);
        assert!(
            rest.stderr.contains("the present files are sent"),
            "{}",
            rest.stderr
        );
        assert_eq!(status(&folder)["totals"]["accepted"], count);
    }
    // One alone may be greylisting, or a fault of the recipient's server.
    let relay = Relay::start(Denies::new(Asked::Recipient, (450, "4.7.1 no")));
    let folder = newsletter(&relay, 1, &["reader.example"], 1);
    assert_eq!(send_at(&folder, NOW).code, 75);
}

#[test]
fn a_ledger_on_a_server_takes_refusals_back_too() {
    let Some(database) = Database::create("refusals taken back") else {
        return;
    };
    let script = RefusesAll::new(false);
    let relay = Relay::start(script.clone());
    let folder = two_domains(&relay, 30, &store_at(&database.url()));
    let run = send_at(&folder, NOW);
    assert_eq!(run.code, 69, "{}", run.stderr);
    assert_eq!(status(&folder)["totals"]["untried"], 60);
    assert_eq!(database.query("select count(*) from suppression"), "0");
    assert_eq!(database.query("select count(*) from bounce"), "0");
    script.is_mended.store(true, Ordering::SeqCst);
    assert_eq!(send_at(&folder, NOW).code, 0);
}

#[test]
fn a_ledger_on_a_server_takes_back_a_few_refusals_and_deferrals_about_the_sender() {
    for says in [
        (550, "5.7.1 relaying denied"),
        (454, "4.7.1 Relay access denied"),
    ] {
        let Some(database) = Database::create("a few replies taken back") else {
            return;
        };
        let script = Denies::new(Asked::Recipient, says);
        let relay = Relay::start(script.clone());
        let folder = two_domains(&relay, 3, &store_at(&database.url()));
        let run = send_at(&folder, NOW);
        assert_eq!(run.code, 69, "{says:?}: {}", run.stderr);
        assert!(run.stderr.contains("starts over"), "{}", run.stderr);
        assert_eq!(status(&folder)["totals"]["untried"], 6, "{says:?}");
        script.is_mended.store(true, Ordering::SeqCst);
        let rest = folder.run_at(NOW, &["send", "--due"]);
        assert_eq!(rest.code, 0, "{says:?}: {}", rest.stderr);
        assert_eq!(status(&folder)["totals"]["accepted"], 6, "{says:?}");
    }
}

/// A rule that strikes every eighth reader.
struct Rule;

impl Script for Rule {
    fn message(&self, address: &str, _attempt: u32) -> Answer {
        let number = address.trim_start_matches('r').split('@').next();
        let number: usize = number.and_then(|n| n.parse().ok()).expect("a number");
        if number.is_multiple_of(8) {
            return reply(554, "5.7.1 against our policy");
        }
        Answer::Accept
    }
}

#[test]
fn a_rule_that_strikes_more_than_a_tenth_stops_the_send() {
    let relay = Relay::start(Rule);
    let folder = newsletter(&relay, 1, &["reader.example"], 400);
    let run = send_at(&folder, NOW);
    assert_eq!(run.code, 69, "{}", run.stderr);
    let sum = &status(&folder)["totals"];
    // The twenty-first of every eighth, and whoever came before and in between.
    assert_eq!(
        (&sum["accepted"], &sum["refused"], &sum["untried"]),
        (&(21 * 7).into(), &0.into(), &(400 - 21 * 7).into())
    );
}

/// Lets two connections in at once. The first of them gets no answer to its first letter before two others were
/// sent away, so that there is somebody to leave the letters to.
#[derive(Clone, Default)]
struct TwoOnly {
    open: Arc<AtomicUsize>,
    has_begun: Arc<AtomicBool>,
    /// How many were sent away, and how many have ended in all.
    seen: Arc<(Mutex<(usize, usize)>, Condvar)>,
}

impl TwoOnly {
    fn see(&self, see: impl FnOnce(&mut (usize, usize))) {
        see(&mut self.seen.0.lock().expect("no panic"));
        self.seen.1.notify_all();
    }

    /// Waits for two who were sent away, or until one that was let in has come to its end without them.
    fn wait(&self) {
        let seen = self.seen.0.lock().expect("no panic");
        let is_early = |seen: &mut (usize, usize)| seen.0 < 2 && seen.1 <= seen.0;
        drop(self.seen.1.wait_while(seen, is_early).expect("no panic"));
    }
}

impl Script for TwoOnly {
    fn greeting(&self) -> Answer {
        if self.open.fetch_add(1, Ordering::SeqCst) < 2 {
            return Answer::Accept;
        }
        self.see(|seen| seen.0 += 1);
        reply(421, "4.7.0 too many connections")
    }
    fn data(&self, _address: &str, _attempt: u32) -> Answer {
        if !self.has_begun.swap(true, Ordering::SeqCst) {
            // Otherwise nobody might look after the other connections meanwhile.
            tokio::task::block_in_place(|| self.wait());
        }
        Answer::Accept
    }
    fn closed(&self) {
        self.open.fetch_sub(1, Ordering::SeqCst);
        self.see(|seen| seen.1 += 1);
    }
}

#[test]
fn a_relay_that_lets_two_in_gets_its_letters_from_two() {
    let script = TwoOnly::default();
    let relay = Relay::start(script.clone());
    let folder = newsletter(&relay, 4, &["reader.example"], 100);
    let run = send_at(&folder, NOW);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(relay.recipients().len(), 100);
    let (sent_away, _) = *script.seen.0.lock().expect("no panic");
    assert!(sent_away > 0, "all four were let in");
    let said = "said at connecting: 421 4.7.0 too many connections; continuing with";
    assert!(run.stderr.contains(said), "{}", run.stderr);
}

/// Has no time for four of them.
struct Busy;

impl Script for Busy {
    fn recipient(&self, address: &str, attempt: u32) -> Answer {
        let is_late = ["r1@", "r2@", "r3@", "r4@"]
            .iter()
            .any(|r| address.starts_with(r));
        if is_late && attempt == 1 {
            return reply(421, "4.3.2 too busy");
        }
        Answer::Accept
    }
}

#[test]
fn a_relay_that_wants_less_gets_fewer_connections_and_a_quarter_of_an_hour() {
    let relay = Relay::start(Busy);
    let folder = newsletter(&relay, 4, &["reader.example"], 60);
    let run = send_at(&folder, NOW);
    assert_eq!(run.code, 75, "{}", run.stderr);
    let told = run
        .stderr
        .lines()
        .filter(|line| line.contains("continuing"));
    let told: BTreeSet<&str> = told.collect();
    let expected = ["1 connection", "2 connections"].map(|left| {
        format!("the relay asked for fewer connections; continuing with {left}: 421 4.3.2 too busy")
    });
    let expected: BTreeSet<&str> = expected.iter().map(String::as_str).collect();
    assert_eq!(told, expected);
    assert_eq!(relay.recipients().len(), 56);
    assert_eq!(send_at(&folder, "2026-11-30T08:14:59Z").code, 75);
    assert_eq!(relay.recipients().len(), 56);
    assert_eq!(send_at(&folder, "2026-11-30T08:17:00Z").code, 0);
    assert_eq!(relay.recipients().len(), 60);
}

/// Refuses each for a reason of his own, `full` not at the fifth issue.
struct Reasons;

impl Script for Reasons {
    fn recipient(&self, address: &str, attempt: u32) -> Answer {
        match address.split('@').next() {
            Some("closed") => reply(550, "5.2.1 this mailbox is disabled"),
            Some("full") if attempt != 5 => reply(552, "5.2.2 over quota"),
            Some("rule") => reply(550, "5.7.1 blocked by user"),
            Some("odd") => reply(550, "something else"),
            _ => Answer::Accept,
        }
    }
}

#[test]
fn an_address_is_given_up_when_it_has_refused_several_issues_for_one_reason() {
    let relay = Relay::start(Reasons);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_readers(&folder, ["closed", "full", "rule", "odd", "well"]);
    let mut told = String::new();
    // Every three weeks, but the second comes two days behind the first.
    let days = [
        "01-01", "01-03", "01-24", "02-14", "03-07", "03-28", "04-18", "05-09", "05-30", "06-20",
        "07-11",
    ];
    for (number, day) in (1..).zip(days) {
        let issue = format!("i{number:02}");
        relay::write_issue(&folder, &issue, "");
        let now = format!("2026-{day}T08:00:00Z");
        let run = folder.run_at(&now, &["send", &issue, "--yes"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let status = folder.run_at(&now, &["status", &issue, "--json"]).stdout;
        let report: Value = serde_json::from_str(&status).expect("JSON");
        let rows = report["deliveries"].as_array().expect("rows").iter();
        let words = rows.map(|row| {
            let address = row["address"].as_str().expect("a word");
            let name = address.split('@').next().expect("a name");
            format!(" {name} {}", row["state"].as_str().expect("a word"))
        });
        told.push_str(&format!("{day}{}\n", words.collect::<String>()));
    }
    assert_data_eq!(
        told,
        str![[r#"
01-01 closed refused full refused rule refused odd refused well accepted
01-03 closed refused full refused rule refused odd refused well accepted
01-24 closed refused full refused rule refused odd refused well accepted
02-14 closed excluded full refused rule excluded odd refused well accepted
03-07 closed excluded full accepted rule excluded odd refused well accepted
03-28 closed excluded full refused rule excluded odd refused well accepted
04-18 closed excluded full refused rule excluded odd refused well accepted
05-09 closed excluded full refused rule excluded odd refused well accepted
05-30 closed excluded full refused rule excluded odd refused well accepted
06-20 closed excluded full refused rule excluded odd refused well accepted
07-11 closed excluded full excluded rule excluded odd refused well accepted

"#]]
    );
}
