//! Several relays: connections by weight, and what becomes of a send that loses one of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};

use franking::simulator::sink::{AcceptAll, Answer, Script};
use serde_json::Value;
use snapbox::{assert_data_eq, str};

use crate::support::Folder;
use crate::support::campaign::{NOW, send, status};
use crate::support::postgres::Database;
use crate::support::relay::{self, Relay, smtp};

const TWO_DAYS_LATER: &str = "2026-12-02T08:00:00Z";

/// A newsletter with `readers` subscribers and two relays, each with its keys.
fn newsletter(readers: usize, relays: [(&Relay, &str); 2]) -> Folder {
    let folder = relay::newsletter("");
    set_relays(&folder, relays);
    relay::set_numbered(&folder, readers);
    relay::write_issue(&folder, "a", "");
    folder
}

fn set_relays(folder: &Folder, [first, second]: [(&Relay, &str); 2]) {
    let keys = |(relay, keys): (&Relay, &str)| {
        let port = relay.port;
        format!("host = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n{keys}\n")
    };
    let smtp = format!("[smtp]\n{}\n[[smtp.relay]]\n{}", keys(first), keys(second));
    relay::set_smtp(folder, &smtp);
}

/// The output without the ports of the two relays, and without what is different in each run.
fn masked(text: &str, [one, two]: [&Relay; 2]) -> String {
    let text = relay::masked(text, one.port).replace(":PORT", ":ONE");
    relay::masked(&text, two.port).replace(":PORT", ":TWO")
}

/// Each accepted delivery has one message, from the relay that the ledger names; an uncertain one has at
/// most one, and the others have none.
fn require_once(folder: &Folder, relays: [&Relay; 2]) -> u64 {
    let mut caught: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for relay in relays {
        for recipient in relay.recipients() {
            let name = format!("127.0.0.1:{}", relay.port);
            caught.entry(recipient).or_default().push(name);
        }
    }
    let status = status(folder);
    assert_eq!(status["adds_up"], true);
    for delivery in status["deliveries"].as_array().expect("deliveries") {
        let address = delivery["address"].as_str().expect("an address");
        let copies = caught.remove(address).unwrap_or_default();
        match delivery["state"].as_str() {
            Some("accepted") => assert_eq!(copies, [delivery["relay"].as_str().expect("a relay")]),
            Some("uncertain") => assert!(copies.len() <= 1, "{address}: {copies:?}"),
            _ => assert_eq!(copies, [""; 0], "{address}"),
        }
    }
    assert!(caught.is_empty(), "{caught:?}");
    status["totals"]["uncertain"].as_u64().expect("a number")
}

/// Something that several relays wait for.
#[derive(Default)]
struct Count {
    number: Mutex<usize>,
    changed: Condvar,
}

impl Count {
    fn add(&self) -> usize {
        let mut number = self.number.lock().expect("nobody has panicked");
        *number += 1;
        self.changed.notify_all();
        *number
    }

    /// Waits in a script, while others look after the relay's other connections.
    fn wait_for(&self, wanted: usize) {
        tokio::task::block_in_place(|| {
            let number = self.number.lock().expect("nobody has panicked");
            let reached = self.changed.wait_while(number, |number| *number < wanted);
            drop(reached.expect("nobody has panicked"));
        });
    }
}

/// Accepts no message before that many connections are open to all relays together.
struct Gathering(Arc<Count>, usize);

impl Script for Gathering {
    fn greeting(&self) -> Answer {
        self.0.add();
        Answer::Accept
    }
    fn message(&self, _address: &str, _attempt: u32) -> Answer {
        self.0.wait_for(self.1);
        Answer::Accept
    }
}

#[test]
fn connections_are_shared_by_weight_and_the_ledger_names_the_relay_of_each_message() {
    let open = Arc::new(Count::default());
    let [one, two] = [0, 1].map(|_| Relay::start(Gathering(Arc::clone(&open), 5)));
    let folder = newsletter(80, [(&one, "connections = 5\nweight = 4"), (&two, "")]);
    let send = send(&folder, NOW);
    assert_eq!(send.code, 0, "{}", send.stderr);
    assert_eq!((one.count("EHLO"), two.count("EHLO")), (4, 1));
    assert_eq!(require_once(&folder, [&one, &two]), 0);
    assert!(!two.recipients().is_empty());
}

/// Accepts ten messages; then it closes every connection and accepts no new one.
struct Dying(Arc<Count>);

impl Script for Dying {
    fn greeting(&self) -> Answer {
        let number = *self.0.number.lock().expect("nobody has panicked");
        if number > 10 {
            Answer::Drop
        } else {
            Answer::Accept
        }
    }
    fn message(&self, _address: &str, _attempt: u32) -> Answer {
        if self.0.add() > 10 {
            Answer::Drop
        } else {
            Answer::Accept
        }
    }
}

/// Accepts no message before the other relay has received that many and is unreachable.
struct Surviving(Arc<Count>, usize);

impl Script for Surviving {
    fn message(&self, _address: &str, _attempt: u32) -> Answer {
        self.0.wait_for(self.1);
        Answer::Accept
    }
}

#[test]
fn the_other_relay_takes_over_the_messages_of_one_that_dies() {
    let letters = Arc::new(Count::default());
    let one = Relay::start(Dying(Arc::clone(&letters)));
    let two = Relay::start(Surviving(letters, 11));
    let folder = newsletter(60, [(&one, "connections = 4"), (&two, "")]);
    let send = send(&folder, NOW);
    // Messages in flight are uncertain, and the other relay does not send them again.
    assert_eq!(send.code, 1, "{}", send.stderr);
    let output = send.stderr.matches("continuing without it").count();
    assert_eq!(output, 1, "{}", send.stderr);
    let doubts = require_once(&folder, [&one, &two]);
    assert!((1..=2).contains(&doubts), "{doubts}");
    // The uncertain ones have arrived; the sender cannot know.
    assert_eq!(one.recipients().len() as u64, 10 + doubts);
    let sum = &status(&folder)["totals"];
    assert_eq!(sum["accepted"].as_u64(), Some(60 - doubts));
}

/// Accepts ten messages; then it becomes unreachable before the next RCPT.
struct Leaving(Arc<Count>);

impl Leaving {
    fn has_left(&self) -> bool {
        *self.0.number.lock().expect("nobody has panicked") >= 10
    }
}

impl Script for Leaving {
    fn greeting(&self) -> Answer {
        if self.has_left() {
            Answer::Drop
        } else {
            Answer::Accept
        }
    }
    fn recipient(&self, _address: &str, _attempt: u32) -> Answer {
        self.greeting()
    }
    fn message(&self, _address: &str, _attempt: u32) -> Answer {
        self.0.add();
        Answer::Accept
    }
}

#[test]
fn with_the_ledger_on_postgresql_the_other_relay_takes_over_too() {
    let Some(database) = Database::create("a relay that is lost") else {
        return;
    };
    let letters = Arc::new(Count::default());
    let one = Relay::start(Leaving(Arc::clone(&letters)));
    let two = Relay::start(Surviving(letters, 10));
    let store = format!("connections = 1\n[store]\nurl = \"{}\"", database.url());
    let keys = "connections = 2\ndaily = 200";
    let folder = newsletter(60, [(&one, keys), (&two, &store)]);
    let lost = send(&folder, NOW);
    // Whom it has hung up on is tried again later.
    assert_eq!(lost.code, 75, "{}", lost.stderr);
    let output = lost.stderr.matches("continuing without it").count();
    assert_eq!(output, 1, "{}", lost.stderr);
    assert_eq!(require_once(&folder, [&one, &two]), 0);
    assert_eq!(status(&folder)["totals"]["deferred"], 1);

    let two_alone = smtp(two.port, "none", 1);
    relay::set_smtp(
        &folder,
        &format!("{two_alone}[store]\nurl = \"{}\"\n", database.url()),
    );
    let patient = ["send", "a", "--yes", "--max-gap", "72h"];
    let rest = folder.run_at(TWO_DAYS_LATER, &patient);
    assert_eq!(rest.code, 0, "{}", rest.stderr);
    assert_eq!(require_once(&folder, [&one, &two]), 0);
    assert_eq!((one.recipients().len(), two.recipients().len()), (10, 50));
    let [first, second] = [&one, &two].map(|relay| {
        let name = format!("relay = '127.0.0.1:{}'", relay.port);
        database.query(&format!(
            "select count(*) from delivery where {name} and state = 'accepted'"
        ))
    });
    assert_eq!((first.as_str(), second.as_str()), ("10", "50"));
}

#[test]
fn with_both_relays_unreachable_no_delivery_changes_and_the_same_command_continues() {
    let mut relays = [0, 1].map(|_| Relay::start(AcceptAll));
    let folder = newsletter(9, [(&relays[0], ""), (&relays[1], "")]);
    relays.iter_mut().for_each(Relay::die);
    let lost = send(&folder, NOW);
    // Either may be the last one, which ends the send; the other was reported before.
    let is_last = |relay: &&Relay| {
        lost.stderr
            .contains(&format!("error: {}", unreachable(relay)))
    };
    let last = relays.iter().find(is_last).expect("one ends the send");
    let other = relays.iter().find(|one| one.port != last.port);
    let output = masked(&lost.stderr, [other.expect("there are two"), last]);
    let (_, output) = output.split_once('\n').expect("lines");
    assert_data_eq!(
        format!("{output}exit {}\n", lost.code),
        str![[r#"
subject  a: a word to r1  (to r1@reader.example)
from     The Small Letter <letter@press.example>
relay    [..]
to       9 recipients
2026-11-30T08:00:00Z a: 9 messages to try
2026-11-30T08:00:00Z a: the relay 127.0.0.1:ONE cannot be reached: connection refused: nothing listens on this port; check `host` and `port` of [smtp]; continuing without it
2026-11-30T08:00:00Z a: stopped: 9 untried
accepted         0
refused          0
excluded         0
deferred         0
uncertain        0
untried          9
candidates       9  adds up
error: the relay 127.0.0.1:TWO cannot be reached: connection refused: nothing listens on this port; check `host` and `port` of [smtp]
hint: nothing was sent; `franking send a` starts over with the current files
exit 75

"#]]
    );
    let untouched = status(&folder);
    assert_eq!(untouched["adds_up"], true);
    for delivery in untouched["deliveries"].as_array().expect("deliveries") {
        assert_eq!(
            (&delivery["state"], &delivery["attempts"]),
            (&"ready".into(), &0.into())
        );
        assert_eq!(delivery["relay"], Value::Null);
    }

    let [one, two] = [0, 1].map(|_| Relay::start(AcceptAll));
    set_relays(&folder, [(&one, ""), (&two, "")]);
    let mended = send(&folder, TWO_DAYS_LATER);
    assert_eq!(mended.code, 0, "{}", mended.stderr);
    assert_eq!(require_once(&folder, [&one, &two]), 0);
}

fn unreachable(relay: &Relay) -> String {
    format!("the relay 127.0.0.1:{} cannot be reached", relay.port)
}

/// Refuses every connection.
struct Closed;

impl Script for Closed {
    fn greeting(&self) -> Answer {
        Answer::Reply(554, "5.7.1 not from there".to_owned())
    }
}

/// Takes another password than ours.
struct Locked;

impl Script for Locked {
    fn login(&self) -> Option<(&str, &str)> {
        Some(("letter", "open sesame"))
    }
}

/// Refuses the sender.
struct Stranger;

impl Script for Stranger {
    fn sender(&self, _address: &str) -> Answer {
        Answer::Reply(550, "5.7.1 sender not allowed".to_owned())
    }
}

/// What one send writes whose first relay is `one` and whose second takes everything.
fn told_without(one: &Relay, keys: &str) -> String {
    let two = Relay::start(AcceptAll);
    let folder = newsletter(9, [(one, keys), (&two, "")]);
    folder.write("password", "wrong\n");
    let path = folder.path().join("password");
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .expect("its owner");
    let send = send(&folder, NOW);
    assert_eq!(two.recipients().len(), 9, "{}", send.stderr);
    assert_eq!(require_once(&folder, [one, &two]), 0);
    let lines = send.stderr.lines();
    let output: Vec<&str> = lines.filter(|line| line.contains("without it")).collect();
    masked(
        &format!("{}\nexit {}\n", output.join("\n"), send.code),
        [one, &two],
    )
}

#[test]
fn a_relay_that_refuses_the_sender_is_reported_once_and_the_other_sends_all() {
    let login = "user = \"letter\"\npassword_file = \"password\"";
    let output = [
        told_without(&Relay::start(Closed), ""),
        told_without(&Relay::start(Stranger), ""),
        told_without(&Relay::start(Locked), login),
    ];
    assert_data_eq!(
        output.concat(),
        str![[r#"
2026-11-30T08:00:00Z a: the relay 127.0.0.1:ONE refused at connecting: 554 5.7.1 not from there; check `host` and `port` of [smtp], and whether the relay serves this machine's address; continuing without it
exit 0
2026-11-30T08:00:00Z a: the relay 127.0.0.1:ONE refuses to send for this sender: 550 5.7.1 sender not allowed (recipient [..]); check `from` of newsletter.toml, and `user` and `host` of [smtp]; continuing without it
exit 0
2026-11-30T08:00:00Z a: the relay 127.0.0.1:ONE refused at login: 535 5.7.8 no such name or password; check `user` and `password_file` (or `password_command`) of [smtp], and `auth` if the relay requires a token; continuing without it
exit 0

"#]]
    );
}

#[test]
fn without_a_usable_relay_the_send_ends_and_the_same_command_continues() {
    let relays = [Relay::start(Closed), Relay::start(Closed)];
    let folder = newsletter(9, [(&relays[0], ""), (&relays[1], "")]);
    let refused = send(&folder, NOW);
    let lines = refused.stderr.lines();
    let output: Vec<&str> = lines.filter(|line| line.contains("554")).collect();
    // Both are reported, whichever of them is the last one and ends the send.
    assert_eq!((refused.code, output.len()), (69, 2), "{}", refused.stderr);
    for relay in &relays {
        let name = format!("127.0.0.1:{} refused", relay.port);
        assert!(refused.stderr.contains(&name), "{}", refused.stderr);
    }
    assert_eq!(require_once(&folder, [&relays[0], &relays[1]]), 0);

    let [one, two] = [0, 1].map(|_| Relay::start(AcceptAll));
    set_relays(&folder, [(&one, ""), (&two, "")]);
    let mended = send(&folder, TWO_DAYS_LATER);
    assert_eq!(mended.code, 0, "{}", mended.stderr);
    assert_eq!(require_once(&folder, [&one, &two]), 0);
}

#[test]
fn each_relay_has_its_quota_and_the_plan_includes_them() {
    let [one, two] = [0, 1].map(|_| Relay::start(AcceptAll));
    let folder = newsletter(
        30,
        [
            (&one, "daily = 5"),
            (&two, "warm_up = [3, 9]\nrate = \"600/min\""),
        ],
    );
    let plan = folder.run_at(NOW, &["plan", "a"]);
    assert_data_eq!(
        masked(&plan.stdout, [&one, &two]),
        str![[r#"
`a`: 30 recipients
by 127.0.0.1:ONE, 2 connections, 5 in 24 hours: 15 recipients
by 127.0.0.1:TWO, 2 connections, 600/min, warm-up 3, 9: 15 recipients
begins  2026-11-30 09:00:00 CET  2026-11-30T08:00:00Z
ends    2026-12-02 09:00:00 CET  2026-12-02T08:00:00Z

domain          recipients  rate  begins                   ends
reader.example          30     -  2026-11-30 09:00:00 CET  2026-12-02 09:00:00 CET

day         recipients
2026-11-30           8
2026-12-01          14
2026-12-02           8

The longest wait is for the next day, because of `daily`: 2 days of 2 days.
It takes 3 runs: `franking send --due` by its timer, or the same command again.
The speed of the relay is unknown and counts as 0 (set it with `--message-time 80ms`).
Refusals and deferrals are not predicted.

"#]]
    );
    for (now, first, second) in [(NOW, 5, 3), ("2026-12-01T08:00:00Z", 10, 12)] {
        let run = send(&folder, now);
        assert_eq!(run.code, 75, "{}", run.stderr);
        let said = run
            .stderr
            .contains(" is used up; more can be sent at 2026-12-0");
        assert!(said, "{}", run.stderr);
        let caught = (one.recipients().len(), two.recipients().len());
        assert_eq!(caught, (first, second));
    }
    let last = send(&folder, "2026-12-02T08:00:00Z");
    assert_eq!(last.code, 0, "{}", last.stderr);
    assert_eq!(require_once(&folder, [&one, &two]), 0);
}

#[test]
fn doctor_checks_each_relay() {
    let [one, two] = [Relay::start(AcceptAll), Relay::start(Closed)];
    let folder = newsletter(1, [(&one, ""), (&two, "")]);
    let doctor = folder.run(&["doctor", "--json"]);
    let report: Value = serde_json::from_str(&doctor.stdout).expect("JSON");
    let report = serde_json::to_string(&report).expect("JSON");
    assert_eq!(doctor.code, 1, "{report}");
    for output in [
        format!("127.0.0.1:{} is reachable", one.port),
        "554 5.7.1 not from there".to_owned(),
    ] {
        assert!(report.contains(&output), "{report}");
    }
}

#[test]
fn invalid_settings_of_two_relays_are_reported() {
    let one = Relay::start(AcceptAll);
    let folder = newsletter(1, [(&one, "weight = 0"), (&one, "warm_up = [9, 2]")]);
    let twice = folder.run(&["check"]);
    let newsletter = folder.read("newsletter.toml");
    folder.write(
        "newsletter.toml",
        &(newsletter + "\n[[smtp.relay]]\nwindow = 4\n"),
    );
    let nameless = folder.run(&["check"]);
    let output = format!(
        "{}{}",
        twice.stdout + &twice.stderr,
        nameless.stdout + &nameless.stderr
    );
    assert_data_eq!(
        relay::masked(&output, one.port).replace(&one.port.to_string(), "PORT"),
        str![[r#"
error[bad-value]: `weight` must be between 1 and 1000, not 0
  --> newsletter.toml:14:10
   |
14 | weight = 0
   |          ^

error[bad-value]: two relays have the host and port `127.0.0.1:PORT`
  --> newsletter.toml:16:1
   |
16 | [[smtp.relay]]
   | ^^^^^^^^^^^^^^
hint: keep one of them, with a larger `weight`

error[bad-value]: `warm_up` falls from 9 to 2
  --> newsletter.toml:20:15
   |
20 | warm_up = [9, 2]
   |               ^
hint: each day must allow at least as many messages as the day before

1 issue and 1 subscriber checked: 3 errors
error[bad-value]: `weight` must be between 1 and 1000, not 0
  --> newsletter.toml:14:10
   |
14 | weight = 0
   |          ^

error[bad-value]: two relays have the host and port `127.0.0.1:PORT`
  --> newsletter.toml:16:1
   |
16 | [[smtp.relay]]
   | ^^^^^^^^^^^^^^
hint: keep one of them, with a larger `weight`

error[bad-value]: `warm_up` falls from 9 to 2
  --> newsletter.toml:20:15
   |
20 | warm_up = [9, 2]
   |               ^
hint: each day must allow at least as many messages as the day before

error[missing-key]: missing key `host` in `[[smtp.relay]]`
  --> newsletter.toml:22:1
   |
22 | [[smtp.relay]]
   | ^^^^^^^^^^^^^^

error[unknown-key]: unknown key `window` in `relay`
  --> newsletter.toml:23:1
   |
23 | window = 4
   | ^^^^^^
hint: expected one of `host`, `port`, `tls`, `ca_file`, `user`, `auth`, `password_command`, `password_file`, `connections`, `daily`, `warm_up`, `rate`, `weight`

1 issue and 1 subscriber checked: 5 errors

"#]]
    );
}
