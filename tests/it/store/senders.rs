//! Sends whose ledger is on a PostgreSQL server: one sender as with a file, several at once, and what becomes
//! of a send when one of them dies, or the server does.

use std::collections::BTreeMap;
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Condvar, Mutex, OnceLock};

use franking::simulator::sink::{AcceptAll, Answer, Script};
use snapbox::{assert_data_eq, str};

use crate::support::campaign::{LATER, NOW, begin, end, in_state, send, status};
use crate::support::postgres::{Database, PASSWORD};
use crate::support::relay::{self, BadDay, Relay, smtp};
use crate::support::tls::Certificate;
use crate::support::{Folder, Run};

/// A newsletter for `readers` subscribers, with its ledger at `url`; on every machine it has the same key.
fn newsletter(relay: &Relay, connections: usize, url: &str, readers: usize) -> Folder {
    let folder = relay::newsletter_for(readers, &with_store(relay, connections, url));
    folder.write(".franking/key", &"k".repeat(32));
    folder.write(".franking/rehearsed", "");
    folder
}

fn with_store(relay: &Relay, connections: usize, url: &str) -> String {
    let smtp = smtp(relay.port, "none", connections);
    // So high that no sender waits, but several senders share it.
    format!("{smtp}rate = \"5000/s\"\n\n[store]\nurl = \"{url}\"\n")
}

/// How many copies the relays have kept, by recipient.
fn copies<'a>(relays: impl IntoIterator<Item = &'a Relay>) -> BTreeMap<String, usize> {
    let mut copies = BTreeMap::new();
    for recipient in relays.into_iter().flat_map(Relay::recipients) {
        *copies.entry(recipient).or_insert(0) += 1;
    }
    copies
}

#[test]
fn a_send_on_postgresql_prints_and_records_the_same_as_on_sqlite() {
    let Some(database) = Database::create("a send on a server") else {
        return;
    };
    let told = ["sqlite:.franking/store.db", &database.url()].map(|url| {
        let relay = Relay::start(BadDay {
        later: "4.7.1 greylisted",
    });
        let folder = newsletter(&relay, 1, url, 12);
        let left_out = "\n[[subscriber]]\nemail = \"R1@reader.example\"\nfirst_name = \"R\"\n\n[[subscriber]]\n\
                        email = \"gone@reader.example\"\nfirst_name = \"G\"\nstatus = \"unsubscribed\"\n";
        folder.write(
            "subscribers.toml",
            &(folder.read("subscribers.toml") + left_out),
        );
        let empty = folder.run(&["status", "--json"]).stdout;
        let only = ["send", "a", "--yes", "--only", "r2@reader.example"];
        let only = folder.command(&only).env("FRANKING_NOW", NOW).output();
        let only = Run::from(only.expect("the program starts"));
        assert_eq!(only.code, 0, "{}", only.stderr);
        let first = relay::story(&folder, &send(&folder, NOW), relay.port);
        let schedule = folder.run(&["schedule", "--json"]).stdout;
        let later = relay::story(&folder, &send(&folder, LATER), relay.port);
        let again = relay::story(&folder, &send(&folder, LATER), relay.port);
        let report = folder.run(&["status", "a", "--json"]).stdout;
        let report = relay::masked(&report, relay.port);
        let recipients = relay.recipients();
        let only = relay::masked(&only.stderr, relay.port);
        [
            empty,
            only,
            first,
            schedule,
            later,
            again,
            report,
            recipients.join(" "),
        ]
    });
    assert_eq!(told[0], told[1]);
    assert!(told[0][6].contains("\"uncertain\":1"), "{}", told[0][6]);
    assert_eq!(database.query("select count(*) from sender"), "0");
}

/// One of two relays, each with a sender of its own: neither lets its sender in before the other's is there.
struct Together {
    both: Arc<Barrier>,
    has_opened: AtomicBool,
}

impl Together {
    fn pair() -> [Self; 2] {
        let both = Arc::new(Barrier::new(2));
        [0, 1].map(|_| Self {
            both: Arc::clone(&both),
            has_opened: AtomicBool::new(false),
        })
    }
}

impl Script for Together {
    fn greeting(&self) -> Answer {
        if !self.has_opened.swap(true, Ordering::SeqCst) {
            self.both.wait();
        }
        Answer::Accept
    }
}

#[test]
fn two_concurrent_senders_send_each_message_once() {
    let Some(database) = Database::create("two senders at once") else {
        return;
    };
    let relays = Together::pair().map(Relay::start);
    let folders = relays
        .each_ref()
        .map(|relay| newsletter(relay, 1, &database.url(), 400));
    let runs = folders.each_ref().map(begin).map(end);
    for run in &runs {
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
    let copies = copies(&relays);
    assert_eq!(copies.len(), 400);
    assert!(copies.values().all(|count| *count == 1), "{copies:?}");
    for relay in &relays {
        assert!(!relay.recipients().is_empty(), "each has sent something");
        let kept = format!(
            "select count(*) from pace where relay = '127.0.0.1:{}'",
            relay.port
        );
        assert_eq!(database.query(&kept), "1");
    }
    let report = status(&folders[0]);
    assert_eq!(
        (&report["totals"]["accepted"], &report["totals"]["untried"]),
        (&400.into(), &0.into())
    );
    assert!(report["campaign"]["finished_at"].is_string());
    assert_eq!(database.query("select count(*) from sender"), "0");
}

#[test]
fn a_machine_with_another_key_sends_nothing() {
    let Some(database) = Database::create("a machine with another key") else {
        return;
    };
    let relay = Relay::start(BadDay {
        later: "4.7.1 greylisted",
    });
    let here = newsletter(&relay, 1, &database.url(), 5);
    assert_eq!(send(&here, NOW).code, 75, "one is told to come back");
    let there = newsletter(&relay, 1, &database.url(), 5);
    there.write(".franking/key", &"x".repeat(32));
    let count = relay.recipients().len();
    let other = send(&there, LATER);
    let output = masked(&other.stderr, &relay, &database);
    assert_data_eq!(
        format!("{output}exit {}\n", other.code),
        str![[r#"
error: the key `.franking/key` is not the one that the ledger `postgres://franking@FOLDER:PORT/LETTER` was used with
hint: restore `.franking/key` from a backup, or copy it from a machine that has sent before; `franking send` with `--new-key` accepts another one, and unsubscribe links that earlier versions mailed may stop working
exit 65

"#]]
    );
    assert_eq!(relay.recipients().len(), count);
}

/// A sender that dies when so many messages are kept.
#[derive(Default)]
struct Victim {
    sender: Mutex<Option<Child>>,
    pid: OnceLock<u32>,
}

impl Victim {
    fn aim(&self, sender: Child) {
        self.pid.set(sender.id()).expect("one victim");
        *self.sender.lock().expect("no panic") = Some(sender);
    }

    fn kept(&self, count: usize, database: &Database) {
        // As many as it certainly has in hand, however fast the other is.
        if count < 5 {
            return;
        }
        let Some(mut sender) = self.sender.lock().expect("no panic").take() else {
            return;
        };
        sender.kill().expect("a child of this test");
        sender.wait().expect("a child of this test");
        // The others would wait a minute for a sign of life. The minute is over.
        let pid = self.pid.get().expect("it was aimed at");
        let bury = "update sender set expires_at = '-infinity' where name like '% ";
        database.query(&format!("{bury}{pid}'"));
    }
}

#[test]
fn the_other_sender_takes_over_the_leases_of_a_killed_one() {
    let Some(database) = Database::create("a sender that is killed").map(Arc::new) else {
        return;
    };
    let victim = Arc::new(Victim::default());
    let (eyes, ledger) = (Arc::clone(&victim), Arc::clone(&database));
    let on_message = move |count| eyes.kept(count, &ledger);
    let [one, two] = Together::pair();
    let relays = [Relay::watched(one, Box::new(on_message)), Relay::start(two)];
    let [here, there] = relays
        .each_ref()
        .map(|relay| newsletter(relay, 2, &database.url(), 400));
    victim.aim(begin(&here));
    let other = end(begin(&there));
    assert!(
        victim.sender.lock().expect("no panic").is_none(),
        "it was killed"
    );

    let report = status(&there);
    let uncertain = in_state(&report, "uncertain");
    assert!(
        uncertain.len() <= 2,
        "at most one a connection: {uncertain:?}"
    );
    assert_eq!(
        other.code,
        i32::from(!uncertain.is_empty()),
        "{}",
        other.stderr
    );
    assert_eq!(in_state(&report, "accepted").len() + uncertain.len(), 400);
    assert!(report["campaign"]["finished_at"].is_string());
    let copies = copies(&relays);
    for address in in_state(&report, "accepted") {
        assert_eq!(copies.get(&address), Some(&1), "{address}");
    }
    for address in &uncertain {
        assert!(
            copies.get(address).is_none_or(|count| *count == 1),
            "{address}"
        );
    }
}

/// On a server, what a killed sender had in hand comes back a minute later, in mid-run.
#[test]
fn a_subscriber_who_leaves_after_a_sender_was_killed_gets_nothing_from_another() {
    let Some(database) = Database::create("a killed sender and a subscriber who left") else {
        return;
    };
    let gate = Arc::new(Gate::default());
    let slow = Relay::start(Slow {
        gate: Arc::clone(&gate),
        ..Slow::default()
    });
    let fast = Relay::start(AcceptAll);
    let here = newsletter(&slow, 1, &database.url(), 5);
    let there = newsletter(&fast, 1, &database.url(), 5);
    let mut killed = begin(&here);
    gate.wait_until(|state| state.0);
    killed.kill().expect("a child of this test");
    killed.wait().expect("a child of this test");
    let list = there.read("subscribers.toml");
    let name = "first_name = \"r4\"\n";
    there.write(
        "subscribers.toml",
        &list.replace(name, &format!("{name}status = \"unsubscribed\"\n")),
    );
    let other = begin(&there);
    // It has compared the list, and found nothing to take yet.
    while database.query("select count(*) from sender") != "2" {}
    database.query(
        "update sender set expires_at = '-infinity' where name not like '% OTHER'"
            .replace("OTHER", &other.id().to_string())
            .as_str(),
    );
    let other = end(other);
    gate.set(|state| state.1 = true);
    // The relay has the first message, and its reply is lost.
    let mut served = fast.recipients();
    served.retain(|address| !address.starts_with("r1@"));
    let expected = ["r2", "r3", "r5"].map(|name| format!("{name}@reader.example"));
    assert_eq!(served, expected, "{}", other.stderr);
    assert_eq!(status(&there)["totals"]["reasons"]["unsubscribed"], 1);
}

/// Acknowledges the first message only when the gate is open.
#[derive(Default)]
struct Slow {
    has_begun: AtomicBool,
    gate: Arc<Gate>,
}

#[derive(Default)]
struct Gate {
    /// Whether the relay waits, and whether it may continue.
    state: Mutex<(bool, bool)>,
    changed: Condvar,
}

impl Gate {
    fn set(&self, set: impl FnOnce(&mut (bool, bool))) {
        set(&mut self.state.lock().expect("no panic"));
        self.changed.notify_all();
    }

    fn wait_until(&self, is_so: impl Fn(&(bool, bool)) -> bool) {
        let state = self.state.lock().expect("no panic");
        let state = self.changed.wait_while(state, |state| !is_so(state));
        drop(state.expect("no panic"));
    }
}

impl Script for Slow {
    fn message(&self, _address: &str, _attempt: u32) -> Answer {
        if !self.has_begun.swap(true, Ordering::SeqCst) {
            self.gate.set(|state| state.0 = true);
            self.gate.wait_until(|state| state.1);
        }
        Answer::Accept
    }
}

#[test]
fn a_sender_whose_lease_expired_sends_nothing_more() {
    let Some(database) = Database::create("a sender that was given up") else {
        return;
    };
    let gate = Arc::new(Gate::default());
    let slow = Relay::start(Slow {
        gate: Arc::clone(&gate),
        ..Slow::default()
    });
    let fast = Relay::start(AcceptAll);
    let here = newsletter(&slow, 1, &database.url(), 30);
    let there = newsletter(&fast, 1, &database.url(), 30);
    let silent = begin(&here);
    gate.wait_until(|state| state.0);
    database.query("update sender set expires_at = '-infinity'");
    let other = end(begin(&there));
    assert_eq!(other.code, 1, "one is uncertain: {}", other.stderr);
    assert_eq!(
        in_state(&status(&there), "uncertain"),
        ["r1@reader.example"]
    );
    gate.set(|state| state.1 = true);
    let silent = end(silent);
    assert_eq!(silent.code, 75, "{}", silent.stderr);
    assert_data_eq!(
        relay::masked(&silent.stderr, slow.port),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to r1  (to r1@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       30 recipients
2026-11-30T08:00:00Z a: 30 messages to try
2026-11-30T08:00:00Z a: stopped: 30 accepted
accepted        30
refused          0
excluded         0
deferred         0
uncertain        0
untried          0
candidates      30  adds up
error: this sender was silent for too long, so other senders have taken over its deliveries
hint: messages that it had in flight may be `uncertain`; the same command continues

"#]]
    );

    // Its message was in flight when the lease expired, and was accepted in the end: the ledger knows it now.
    let report = status(&there);
    assert_eq!(report["totals"]["accepted"], 30);
    let copies = copies([&slow, &fast]);
    assert_eq!(copies.len(), 30);
    assert!(copies.values().all(|count| *count == 1), "{copies:?}");
    assert_eq!(slow.recipients(), ["r1@reader.example"]);
}

#[test]
fn a_crash_of_postgresql_stops_the_send_and_loses_nothing() {
    let Some(database) = Database::alone("a server that crashes").map(Arc::new) else {
        return;
    };
    let server = Arc::clone(&database);
    let on_message = move |count| {
        if count == 20 {
            server.server.crash();
        }
    };
    let relay = Relay::watched(AcceptAll, Box::new(on_message));
    let folder = newsletter(&relay, 1, &database.url(), 60);
    let run = send(&folder, NOW);
    assert_eq!(run.code, 74, "{}", run.stderr);
    assert_data_eq!(
        masked(&run.stderr, &relay, &database),
        str![[r#"
issue    a, edition DIGEST
subject  a: a word to r1  (to r1@reader.example)
from     The Small Letter <letter@press.example>
relay    127.0.0.1:PORT
to       60 recipients
2026-11-30T08:00:00Z a: 60 messages to try
error: the ledger `postgres://franking@FOLDER:PORT/LETTER` cannot be reached
caused by: connection closed
hint: nothing is sent without a ledger; when the server is back, run the same command again

"#]]
    );
    assert_eq!(relay.recipients().len(), 20, "nothing more leaves");
    let away = folder.run(&["status", "a"]);
    assert_eq!(away.code, 74, "{}", away.stderr);

    database.server.begin();
    database.query("update sender set expires_at = '-infinity'");
    let report = status(&folder);
    assert_eq!(
        report["totals"]["accepted"], 19,
        "what was acknowledged is not lost"
    );
    let rest = send(&folder, LATER);
    assert_eq!(rest.code, 1, "one is uncertain: {}", rest.stderr);
    let report = status(&folder);
    assert_eq!(in_state(&report, "uncertain"), ["r20@reader.example"]);
    assert_eq!(report["totals"]["accepted"], 59);
    let copies = copies([&relay]);
    assert_eq!(copies.len(), 60);
    assert!(copies.values().all(|count| *count == 1), "{copies:?}");
}

/// Restarted after every twentieth message, while its answer and the next commits are on their way.
#[test]
fn a_send_survives_restarts_of_postgresql() {
    let Some(database) = Database::alone("a server that restarts").map(Arc::new) else {
        return;
    };
    let (server, restarting) = (Arc::clone(&database), Mutex::new(()));
    let on_message = move |count| {
        if count % 20 == 0 {
            let _alone = restarting.lock().expect("no panic");
            server.server.crash();
            server.server.begin();
        }
    };
    let relay = Relay::watched(AcceptAll, Box::new(on_message));
    let folder = newsletter(&relay, 3, &database.url(), 60);
    let run = send(&folder, NOW);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report = status(&folder);
    assert_eq!(report["totals"]["accepted"], 60);
    let copies = copies([&relay]);
    assert_eq!(copies.len(), 60);
    assert!(copies.values().all(|count| *count == 1), "{copies:?}");
}

/// The connections of the sender are cut by hand again and again, which the server does not notice as an end.
#[test]
fn terminated_database_connections_are_reopened() {
    let Some(database) = Database::create("cut connections").map(Arc::new) else {
        return;
    };
    let server = Arc::clone(&database);
    let on_message = move |count| {
        if count % 3 == 0 {
            server.query(
                "select pg_terminate_backend(pid) from pg_stat_activity
                 where datname = current_database() and application_name = 'franking'",
            );
        }
    };
    let relay = Relay::watched(AcceptAll, Box::new(on_message));
    let folder = newsletter(&relay, 4, &database.url(), 200);
    let run = send(&folder, NOW);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(status(&folder)["totals"]["accepted"], 200);
    let copies = copies([&relay]);
    assert_eq!(copies.len(), 200);
    assert!(copies.values().all(|count| *count == 1), "{copies:?}");
}

#[test]
fn a_read_only_role_is_enough_for_status_and_plan() {
    let Some(database) = Database::create("rights to read") else {
        return;
    };
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay, 1, &database.url(), 3);
    assert_eq!(send(&folder, NOW).code, 0);
    let reader = format!("reader_{}", database.url().len() + usize::from(relay.port));
    database.query(&format!(
        "create role {reader} login; grant select on all tables in schema public to {reader}"
    ));
    let url = database
        .url()
        .replace("user=franking", &format!("user={reader}"));
    let reading = newsletter(&relay, 1, &url, 3);
    relay::write_issue(&reading, "b", "");
    for arguments in [
        vec!["status"],
        vec!["status", "a", "--json"],
        vec!["plan", "a"],
        vec!["plan", "b"],
        vec!["schedule"],
        vec!["check"],
        vec!["send", "b", "--dry-run"],
    ] {
        let run = reading.run_at(NOW, &arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.stdout, run.stderr);
    }
    assert_ne!(reading.run_at(NOW, &["send", "b", "--yes"]).code, 0);
    assert_eq!(relay.recipients().len(), 3);
}

/// Without what differs from run to run.
fn masked(text: &str, relay: &Relay, database: &Database) -> String {
    let text = relay::masked(text, relay.port);
    database.masked(&text)
}

#[test]
fn a_rejected_database_login_is_reported_without_the_password() {
    let Some(database) = Database::create("a server that refuses") else {
        return;
    };
    let relay = Relay::start(AcceptAll);
    let folder = newsletter(&relay, 1, &database.tcp_url(Some("canary-wrong")), 3);
    let refused = |url: &str, password: Option<&str>| {
        relay::set_smtp(&folder, &with_store(&relay, 1, url));
        let mut command = folder.command(&["send", "a", "--yes"]);
        command.env_remove("PGPASSWORD").env("FRANKING_NOW", NOW);
        command.envs(password.map(|password| ("PGPASSWORD", password)));
        let run = Run::from(command.output().expect("the program starts"));
        assert!(!run.stderr.contains("canary"), "{}", run.stderr);
        let told = masked(&run.stderr, &relay, &database);
        format!("{told}exit {}\n\n", run.code)
    };
    let right = database.tcp_url(Some(PASSWORD));
    let nowhere = format!("postgres://franking:{PASSWORD}@127.0.0.1:1/letter");
    let told = [
        refused(&database.tcp_url(Some("canary-wrong")), None),
        refused(&database.tcp_url(None), None),
        refused(&database.tcp_url(None), Some("canary-wrong")),
        refused(&format!("{right}-of-another"), None),
        refused(&nowhere, None),
        refused(
            "postgres://franking@db.example/letter?sslmode=perhaps",
            None,
        ),
        refused("postgres://franking:canary@host:port/letter", None),
        refused("mysql://franking:canary@host/letter", None),
    ];
    assert_data_eq!(
        told.concat(),
        str![[r#"
error: the ledger `postgres://franking@127.0.0.1:PORT/LETTER` cannot be opened
caused by: password authentication failed for user "franking"
hint: check the user, host and database in `[store]` `url` in newsletter.toml; the password is read from `PGPASSWORD`
exit 2

error: the ledger `postgres://franking@127.0.0.1:PORT/LETTER` cannot be opened
caused by: password missing
hint: check the user, host and database in `[store]` `url` in newsletter.toml; the password is read from `PGPASSWORD`
exit 2

error: the ledger `postgres://franking@127.0.0.1:PORT/LETTER` cannot be opened
caused by: password authentication failed for user "franking"
hint: check the user, host and database in `[store]` `url` in newsletter.toml; the password is read from `PGPASSWORD`
exit 2

error: the ledger `postgres://franking@127.0.0.1:PORT/LETTER-of-another` cannot be opened
caused by: database "LETTER-of-another" does not exist
hint: create it with `createdb`, or correct `[store]` `url` in newsletter.toml
exit 2

error: the ledger `postgres://franking@127.0.0.1:1/letter` cannot be reached
caused by: connection refused: nothing listens on this port
hint: nothing is sent without a ledger; when the server is back, run the same command again
exit 74

error: the URL of the PostgreSQL server is not valid
caused by: invalid value `perhaps` for `sslmode` (expected `disable`, `allow`, `prefer`, `require`, `verify-ca` or `verify-full`)
hint: correct `[store]` `url` in newsletter.toml
exit 2

error[bad-value]: invalid `url` in `[store]`: it is not a valid URL
 --> newsletter.toml:1:1
  |
1 |
  | ^
hint: write `sqlite:.franking/store.db`, or `postgres://user@host/database`

error: 1 error
exit 1

error[unsupported]: invalid `url` in `[store]`: it starts with neither `sqlite:` nor `postgres://`
 --> newsletter.toml:1:1
  |
1 |
  | ^
hint: write `sqlite:.franking/store.db`, or `postgres://user@host/database`

error: 1 error
exit 1


"#]]
    );
    assert_eq!(relay.count(""), 0);
    assert!(refused(&database.tcp_url(None), Some(PASSWORD)).ends_with("exit 0\n\n"));
}

#[test]
fn a_database_server_is_trusted_only_with_a_verified_certificate() {
    let Some(database) = Database::alone("a server under TLS") else {
        return;
    };
    let certificate = Certificate::of("127.0.0.1");
    let pem = database
        .server
        .write_private("server.pem", &certificate.pem);
    let key = database
        .server
        .write_private("server.key", &certificate.key);
    database.server.crash();
    database.server.set(&format!(
        "ssl = on\nssl_cert_file = '{}'\nssl_key_file = '{}'\n",
        pem.display(),
        key.display()
    ));
    database
        .server
        .admit("local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n");
    database.server.begin();
    let relay = Relay::start(AcceptAll);
    let url = database.tcp_url(Some(PASSWORD));
    let output = |mode: &str| {
        let folder = newsletter(&relay, 1, &format!("{url}{mode}"), 1);
        folder.write("ca.pem", &certificate.pem);
        let run = folder.run(&["status"]);
        format!(
            "{}exit {}\n\n",
            masked(&run.stderr, &relay, &database),
            run.code
        )
    };
    let all = [
        output(""),
        output("?sslmode=require"),
        output("?sslmode=prefer"),
        output("?sslmode=require&sslrootcert=nowhere.pem"),
        output("?sslmode=verify-full&sslrootcert=ca.pem"),
        // SCRAM-SHA-256-PLUS: the password is bound to the certificate.
        output("?sslmode=verify-full&sslrootcert=ca.pem&channel_binding=require"),
    ];
    assert_data_eq!(
        all.concat(),
        str![[r#"
error: the ledger `postgres://franking@127.0.0.1:PORT/LETTER` cannot be opened
caused by: no pg_hba.conf entry for host "127.0.0.1", user "franking", database "LETTER", no encryption
hint: check the user, host and database in `[store]` `url` in newsletter.toml; the password is read from `PGPASSWORD`
exit 2

error: the ledger `postgres://franking@127.0.0.1:PORT/LETTER` cannot be opened
caused by: its certificate is self-signed
hint: add `sslrootcert=FILE` to `[store]` `url` in newsletter.toml: a PEM file with the certificate of the server's authority
exit 2

error: the ledger `postgres://franking@127.0.0.1:PORT/LETTER` cannot be opened
caused by: its certificate is self-signed
hint: add `sslrootcert=FILE` to `[store]` `url` in newsletter.toml: a PEM file with the certificate of the server's authority
exit 2

error: the ledger `postgres://franking@127.0.0.1:PORT/LETTER` cannot be opened
caused by: the certificate file `nowhere.pem` cannot be used: no such file or directory
hint: `sslrootcert` in `[store]` `url` in newsletter.toml must name a PEM file with the certificate of the server's authority
exit 2

nothing has been sent yet
exit 0

nothing has been sent yet
exit 0


"#]]
    );
}
