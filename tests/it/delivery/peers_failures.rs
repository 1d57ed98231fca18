//! What other senders of newsletters lose or double, played to ours: each row of a table that was measured with
//! listmonk, Keila and mailmerge, with as many recipients.
//!
//! Every moment is an event of the dialogue with the relay. In the end each recipient has the message exactly once;
//! uncertain deliveries were listed, and a person has resolved them by the relay's log.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use franking::simulator::sink::{AcceptAll, Answer, Script};
use franking::simulator::{Crash, CrashInjector, CrashPoint};
use serde_json::Value;

use crate::support::campaign::{LATER, NOW, begin, send};
use crate::support::relay::{self, Relay, smtp};
use crate::support::{Folder, Run};

const READERS: usize = 3_000;
const CONNECTIONS: usize = 4;
const SOON: &str = "2026-11-30T08:01:00Z";

/// `r1` to `r3000`, and the issue `a`.
fn newsletter(port: u16) -> Folder {
    relay::newsletter_for(READERS, &smtp(port, "none", CONNECTIONS))
}

/// The addresses of the deliveries that are in one of `states`.
fn in_state(folder: &Folder, states: &[&str]) -> BTreeSet<String> {
    let status = folder.run(&["status", "a", "--json"]);
    let report: Value = serde_json::from_str(&status.stdout).expect("JSON");
    assert_eq!(report["adds_up"], true, "{}", report["totals"]);
    let word = |value: &Value| value.as_str().expect("a word").to_owned();
    let rows = report["deliveries"].as_array().expect("rows").iter();
    let rows = rows.filter(|row| states.contains(&word(&row["state"]).as_str()));
    rows.map(|row| word(&row["address"])).collect()
}

/// The recipients who have the message; none has it twice.
fn served<'a>(relays: impl IntoIterator<Item = &'a Relay>) -> BTreeSet<String> {
    let all: Vec<String> = relays.into_iter().flat_map(Relay::recipients).collect();
    let once: BTreeSet<String> = all.iter().cloned().collect();
    assert_eq!(all.len(), once.len(), "somebody has it twice");
    once
}

/// Resolves the uncertain deliveries that `status` names by what the relay's log says; then
/// sends the rest. In the end each recipient has the message once.
fn resolve_and_serve_all(folder: &Folder, relays: &[&Relay], most_doubts: usize) {
    let doubts = in_state(folder, &["uncertain"]);
    assert!(doubts.len() <= most_doubts, "{doubts:?}");
    let named = folder.run(&["status", "a"]).stdout;
    let served_before = served(relays.iter().copied());
    for address in &doubts {
        assert!(named.contains(&format!("uncertain  {address}")), "{named}");
        let found = if served_before.contains(address) {
            "--arrived"
        } else {
            "--missing"
        };
        let resolved = folder.run(&["resolve", "a", found, address]);
        assert_eq!(resolved.code, 0, "{}", resolved.stderr);
    }
    let rest = send(folder, LATER);
    assert_eq!(rest.code, 0, "{}", rest.stderr);
    assert_eq!(
        served(relays.iter().copied()).len(),
        READERS,
        "somebody was never mailed"
    );
    assert_eq!(in_state(folder, &["accepted"]).len(), READERS);
}

/// A newsletter, a relay, and the gun that kills the sender between them.
struct Rig {
    folder: Folder,
    relay: Relay,
    gun: Arc<CrashInjector>,
}

/// Passes the moments of the dialogue on to the gun.
struct Aiming(Arc<CrashInjector>);

impl Script for Aiming {
    fn greeting(&self) -> Answer {
        self.0.pass(CrashPoint::BeforeHello);
        Answer::Accept
    }
    fn data(&self, _address: &str, _attempt: u32) -> Answer {
        self.0.pass(CrashPoint::AtData);
        Answer::Accept
    }
    fn first_line(&self, _address: &str, _attempt: u32) -> Answer {
        self.0.pass(CrashPoint::InMessage);
        Answer::Accept
    }
}

impl Rig {
    fn new() -> Self {
        let gun = Arc::new(CrashInjector::default());
        let ears = Arc::clone(&gun);
        let on_message = move |count| ears.kept(count);
        let relay = Relay::watched(Aiming(Arc::clone(&gun)), Box::new(on_message));
        let folder = newsletter(relay.port);
        Self { folder, relay, gun }
    }

    /// Starts a send that is killed at `moment`, when the relay has that many messages.
    fn kill(&self, kept: usize, moment: CrashPoint) {
        let mut command = self.folder.command(&["send", "a", "--yes"]);
        command.env("FRANKING_NOW", NOW);
        let shot = Some(Crash {
            kept,
            point: moment,
        });
        let sender = self.gun.start(&mut command, shot);
        let ended = sender.expect("the program starts").wait();
        let ended = ended.expect("a child of this test");
        assert_eq!(ended.status.signal(), Some(9), "{}", ended.stderr);
        self.relay.wait_until_closed();
    }
}

/// listmonk: 500 never mailed, "finished".
#[test]
fn a_send_killed_after_500_messages_continues_after_them() {
    let rig = Rig::new();
    rig.kill(500, CrashPoint::BeforeReply);
    let run = send(&rig.folder, SOON);
    assert_eq!(run.code, 1, "one at least is in doubt: {}", run.stderr);
    resolve_and_serve_all(&rig.folder, &[&rig.relay], CONNECTIONS);
}

/// listmonk: 1,200 never mailed.
#[test]
fn a_send_killed_with_a_leased_batch_releases_it() {
    let rig = Rig::new();
    rig.kill(0, CrashPoint::BeforeHello);
    assert_eq!(served([&rig.relay]).len(), 0);
    let taken = in_state(&rig.folder, &["leased"]);
    assert!(!taken.is_empty(), "it had taken nothing");
    let run = send(&rig.folder, SOON);
    assert_eq!(run.code, 0, "{}", run.stderr);
    resolve_and_serve_all(&rig.folder, &[&rig.relay], 0);
}

/// Does not reply from the 500th message on.
struct Hangs(AtomicUsize);

impl Script for Hangs {
    fn message(&self, _address: &str, _attempt: u32) -> Answer {
        if self.0.fetch_add(1, Ordering::SeqCst) + 1 < 500 {
            Answer::Accept
        } else {
            Answer::Stall
        }
    }
}

/// listmonk: paused by itself, taken up again: 3,000 of 3,000 never mailed, "finished".
#[test]
fn a_send_continues_when_its_relay_is_back() {
    let mut relay = Relay::start(Hangs(0.into()));
    let folder = newsletter(relay.port);
    let sender = begin(&folder);
    relay.wait_for(500);
    relay.die();
    let run = Run::from(sender.wait_with_output().expect("a child of this test"));
    assert_eq!(run.code, 75, "{}", run.stderr);
    assert!(!in_state(&folder, &["ready"]).is_empty());

    let back = Relay::start(AcceptAll);
    relay::set_smtp(&folder, &smtp(back.port, "none", CONNECTIONS));
    let run = send(&folder, SOON);
    // What had been begun when the connection went is tried again in five minutes.
    assert!([1, 75].contains(&run.code), "{}", run.stderr);
    resolve_and_serve_all(&folder, &[&relay, &back], CONNECTIONS);
}

/// One in a hundred has to come back.
struct Greylists;

impl Script for Greylists {
    fn recipient(&self, address: &str, attempt: u32) -> Answer {
        if address.contains("00@") && attempt == 1 {
            return Answer::Reply(451, "4.7.1 greylisted, try again".to_owned());
        }
        Answer::Accept
    }
}

/// listmonk: none of them ever mailed.
#[test]
fn one_greylisted_percent_gets_the_message_at_the_second_attempt() {
    let relay = Relay::start(Greylists);
    let folder = newsletter(relay.port);
    let run = send(&folder, NOW);
    assert_eq!(run.code, 75, "{}", run.stderr);
    assert_eq!(in_state(&folder, &["deferred"]).len(), READERS / 100);
    resolve_and_serve_all(&folder, &[&relay], 0);
}

/// Refuses the first recipient as unknown.
struct KnowsAllButOne;

impl Script for KnowsAllButOne {
    fn recipient(&self, address: &str, _attempt: u32) -> Answer {
        if address.starts_with("r1@") {
            return Answer::Reply(550, "5.1.1 no such mailbox".to_owned());
        }
        Answer::Accept
    }
}

/// mailmerge: the first 550 ends the run.
#[test]
fn a_refused_first_recipient_does_not_stop_the_others() {
    let relay = Relay::start(KnowsAllButOne);
    let folder = newsletter(relay.port);
    let run = send(&folder, NOW);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(served([&relay]).len(), READERS - 1);
    let refused = in_state(&folder, &["refused"]);
    assert_eq!(refused, BTreeSet::from(["r1@reader.example".to_owned()]));
    // A refusal costs no connection, as it does elsewhere.
    assert!(relay.count("EHLO") <= CONNECTIONS);
}

/// Keila: up to 100 recipients get the message twice.
#[test]
fn a_crash_repeats_no_message() {
    for moment in [
        CrashPoint::BeforeReply,
        CrashPoint::InMessage,
        CrashPoint::AtData,
    ] {
        let rig = Rig::new();
        rig.kill(1_000, moment);
        let run = send(&rig.folder, SOON);
        assert!([0, 1].contains(&run.code), "{}", run.stderr);
        resolve_and_serve_all(&rig.folder, &[&rig.relay], CONNECTIONS);
    }
}
