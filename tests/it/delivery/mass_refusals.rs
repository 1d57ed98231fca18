//! Refusals of many recipients, which are about the sender or the relay and not about the mailboxes.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use franking::simulator::sink::{Answer, Script};
use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::campaign::{LATER, NOW, send, status_at};
use crate::support::postgres::Database;
use crate::support::relay::{self, Relay, reply, smtp};

/// Refuses every recipient, at RCPT or after the final dot, until the test lifts it.
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
fn a_relay_that_refuses_every_recipient_stops_the_send_and_no_address_is_suppressed() {
    for behind_the_dot in [false, true] {
        let script = RefusesAll::new(behind_the_dot);
        let relay = Relay::start(script.clone());
        let folder = relay::newsletter_for(MANY, &smtp(relay.port, "none", CONNECTIONS));
        let run = send(&folder, NOW);
        assert_eq!(run.code, 69, "{}", run.stderr);
        let refused = script.refused.lock().expect("no panic").len();
        assert!((20..=20 + CONNECTIONS).contains(&refused), "{refused}");
        assert_eq!(status_at(&folder, NOW)["totals"]["untried"], MANY);

        script.is_mended.store(true, Ordering::SeqCst);
        let rest = send(&folder, NOW);
        assert_eq!(rest.code, 0, "{}", rest.stderr);
        assert_eq!(relay.recipients().len(), MANY);
        relay::write_issue(&folder, "b", "");
        let next = folder.run(&["send", "b", "--dry-run"]);
        assert!(!next.stderr.contains("left out"), "{}", next.stderr);
    }
}

#[test]
fn a_relay_that_refuses_every_recipient_is_reported_once_and_can_be_accepted() {
    let script = RefusesAll::new(false);
    let relay = Relay::start(script);
    let folder = relay::newsletter_for(22, &smtp(relay.port, "none", 1));
    let run = send(&folder, NOW);
    let output = relay::masked(&run.stderr, relay.port);
    let output: Vec<&str> = output
        .lines()
        .filter(|line| !line.contains("Z a: refused    r"))
        .collect();
    assert_data_eq!(
        format!("{}\nexit {}\n", output.join("\n"), run.code),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to r1  (to r1@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       22 recipients
2026-11-30T08:00:00Z a: 22 messages to try
2026-11-30T08:00:00Z a: stopped: 22 untried
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried         22
candidates      22  adds up
error: the relay has refused 20 recipients, too many to be about the recipients: 550 5.1.1 no such mailbox (recipient r20@reader.example)
hint: refused addresses are tried again, and none is suppressed; after the cause is corrected, `franking send a` starts over with the current files; `--believe-refusals` accepts the refusals as they are
exit 69

"#]]
    );

    let believed = folder.run_at(NOW, &["send", "a", "--yes", "--believe-refusals"]);
    assert_eq!(believed.code, 0, "{}", believed.stderr);
    assert_eq!(status_at(&folder, NOW)["totals"]["refused"], 22);
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

/// Gives every recipient the same reply until the test lifts it; with `unknown`, r1 is an unknown mailbox.
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
        let folder = relay::newsletter_for(count, &smtp(relay.port, "none", 1));
        let run = send(&folder, NOW);
        assert_eq!(run.code, 69, "{says:?}: {}", run.stderr);
        for part in [
            "and accepted nothing: ",
            says.1,
            "of [smtp]",
            "starts over with the current files",
        ] {
            let is_login = part == "of [smtp]" && run.stderr.contains("in [smtp]");
            assert!(
                is_login || run.stderr.contains(part),
                "{part}: {}",
                run.stderr
            );
        }
        let sum = &status_at(&folder, NOW)["totals"];
        assert_eq!((&sum["refused"], &sum["accepted"]), (&0.into(), &0.into()));

        script.is_mended.store(true, Ordering::SeqCst);
        let issue = folder.read("issues/a.toml");
        folder.write(
            "issues/a.toml",
            &issue.replace("a small letter", "a mended letter"),
        );
        let rest = send(&folder, LATER);
        assert_eq!(rest.code, 0, "{says:?}: {}", rest.stderr);
        assert!(
            rest.stderr.contains("the current files are sent"),
            "{}",
            rest.stderr
        );
        assert_eq!(relay.recipients().len(), count);
        assert_eq!(status_at(&folder, NOW)["totals"]["accepted"], count);
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
        let folder = relay::newsletter_for(count, &smtp(relay.port, "none", 1));
        let run = send(&folder, NOW);
        assert_eq!(run.code, 0, "{says:?}: {}", run.stderr);
        assert_eq!(
            status_at(&folder, NOW)["totals"]["refused"],
            count,
            "{says:?}"
        );
    }
    let relay = Relay::start(Denies::new(
        Asked::Recipient,
        (550, "5.7.1 relaying denied"),
    ));
    let folder = relay::newsletter_for(3, &smtp(relay.port, "none", 1));
    let believed = folder.run_at(NOW, &["send", "a", "--yes", "--believe-refusals"]);
    assert_eq!(believed.code, 0, "{}", believed.stderr);
    assert_eq!(status_at(&folder, NOW)["totals"]["refused"], 3);
}

#[test]
fn refusals_after_a_message_was_accepted_stay_refused() {
    let script = Denies::new(Asked::Recipient, (550, "5.7.1 not for this one"));
    let relay = Relay::start(script.clone());
    script.is_mended.store(true, Ordering::SeqCst);
    let folder = relay::newsletter_for(3, &smtp(relay.port, "none", 1));
    let one = folder.run_at(NOW, &["send", "a", "--yes", "--only", "r1@reader.example"]);
    assert_eq!(one.code, 0, "{}", one.stderr);
    script.is_mended.store(false, Ordering::SeqCst);
    let rest = send(&folder, NOW);
    assert_eq!(rest.code, 0, "{}", rest.stderr);
    assert_eq!(status_at(&folder, NOW)["totals"]["refused"], 2);
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
        let folder = relay::newsletter_for(count, &smtp(relay.port, "none", 1));
        let run = send(&folder, NOW);
        assert_eq!(run.code, 69, "{says:?}: {}", run.stderr);
        for part in [
            "set-up of the relay",
            says.1,
            "check `tls`, `user`",
            "starts over",
        ] {
            assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
        }
        let sum = &status_at(&folder, NOW)["totals"];
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
        let rest = send(&folder, NOW);
        assert_eq!(rest.code, 0, "{says:?}: {}", rest.stderr);
        assert!(
            rest.stderr.contains("the current files are sent"),
            "{}",
            rest.stderr
        );
        assert_eq!(status_at(&folder, NOW)["totals"]["accepted"], count);
    }
    // One alone may be greylisting, or a fault of the recipient's server.
    let relay = Relay::start(Denies::new(Asked::Recipient, (450, "4.7.1 no")));
    let folder = relay::newsletter_for(1, &smtp(relay.port, "none", 1));
    assert_eq!(send(&folder, NOW).code, 75);
}

#[test]
fn a_ledger_on_postgresql_takes_refusals_back_too() {
    let Some(database) = Database::create("refusals taken back") else {
        return;
    };
    let script = RefusesAll::new(false);
    let relay = Relay::start(script.clone());
    let folder = relay::two_domains(&relay, 30, &relay::store_at(&database.url()));
    let run = send(&folder, NOW);
    assert_eq!(run.code, 69, "{}", run.stderr);
    assert_eq!(status_at(&folder, NOW)["totals"]["untried"], 60);
    assert_eq!(database.query("select count(*) from suppression"), "0");
    assert_eq!(database.query("select count(*) from bounce"), "0");
    script.is_mended.store(true, Ordering::SeqCst);
    assert_eq!(send(&folder, NOW).code, 0);
}

#[test]
fn a_ledger_on_postgresql_takes_back_a_few_refusals_and_deferrals_about_the_sender() {
    for says in [
        (550, "5.7.1 relaying denied"),
        (454, "4.7.1 Relay access denied"),
    ] {
        let Some(database) = Database::create("a few replies taken back") else {
            return;
        };
        let script = Denies::new(Asked::Recipient, says);
        let relay = Relay::start(script.clone());
        let folder = relay::two_domains(&relay, 3, &relay::store_at(&database.url()));
        let run = send(&folder, NOW);
        assert_eq!(run.code, 69, "{says:?}: {}", run.stderr);
        assert!(run.stderr.contains("starts over"), "{}", run.stderr);
        assert_eq!(status_at(&folder, NOW)["totals"]["untried"], 6, "{says:?}");
        script.is_mended.store(true, Ordering::SeqCst);
        let rest = folder.run_at(NOW, &["send", "--due"]);
        assert_eq!(rest.code, 0, "{says:?}: {}", rest.stderr);
        assert_eq!(status_at(&folder, NOW)["totals"]["accepted"], 6, "{says:?}");
    }
}

/// A policy that refuses every eighth recipient.
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
fn a_policy_refusal_of_more_than_a_tenth_stops_the_send() {
    let relay = Relay::start(Rule);
    let folder = relay::newsletter_for(400, &smtp(relay.port, "none", 1));
    let run = send(&folder, NOW);
    assert_eq!(run.code, 69, "{}", run.stderr);
    let sum = &status_at(&folder, NOW)["totals"];
    // The twenty-first refusal, and the recipients before it.
    assert_eq!(
        (&sum["accepted"], &sum["refused"], &sum["untried"]),
        (&(21 * 7).into(), &0.into(), &(400 - 21 * 7).into())
    );
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
fn an_address_that_refuses_several_issues_for_one_reason_is_suppressed() {
    let relay = Relay::start(Reasons);
    let folder = relay::newsletter(&smtp(relay.port, "none", 1));
    relay::set_subscribers(&folder, ["closed", "full", "rule", "odd", "well"]);
    let mut output = String::new();
    // Every three weeks, but the second is two days after the first.
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
        output.push_str(&format!("{day}{}\n", words.collect::<String>()));
    }
    assert_data_eq!(
        output,
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
