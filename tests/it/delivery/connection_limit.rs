//! Replies about the number of connections or the rate: the sender opens fewer and waits.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use franking::simulator::sink::{Answer, Script};

use crate::support::campaign::{NOW, send};
use crate::support::relay::{self, Relay, reply, smtp};

/// Accepts two connections at once. The first of them gets no reply to its first message before two others were
/// refused, so that two connections share the messages.
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
            // Otherwise the other connections might not be served meanwhile.
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
fn a_relay_that_accepts_two_connections_gets_its_messages_over_two() {
    let script = TwoOnly::default();
    let relay = Relay::start(script.clone());
    let folder = relay::newsletter_for(100, &smtp(relay.port, "none", 4));
    let run = send(&folder, NOW);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(relay.recipients().len(), 100);
    let (sent_away, _) = *script.seen.0.lock().expect("no panic");
    assert!(sent_away > 0, "all four were let in");
    let said = "replied at connecting: 421 4.7.0 too many connections; continuing with";
    assert!(run.stderr.contains(said), "{}", run.stderr);
}

/// Throttles when there are four connections.
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
fn a_throttling_relay_gets_fewer_connections_and_a_pause_of_fifteen_minutes() {
    let relay = Relay::start(Busy);
    let folder = relay::newsletter_for(60, &smtp(relay.port, "none", 4));
    let run = send(&folder, NOW);
    assert_eq!(run.code, 75, "{}", run.stderr);
    let output = run
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix("2026-11-30T08:00:00Z a: "))
        .filter(|line| line.contains("continuing"));
    let output: BTreeSet<&str> = output.collect();
    let expected = ["1 connection", "2 connections"].map(|left| {
        format!("the relay asked for fewer connections; continuing with {left}: 421 4.3.2 too busy")
    });
    let expected: BTreeSet<&str> = expected.iter().map(String::as_str).collect();
    assert_eq!(output, expected);
    assert_eq!(relay.recipients().len(), 56);
    assert_eq!(send(&folder, "2026-11-30T08:14:59Z").code, 75);
    assert_eq!(relay.recipients().len(), 56);
    assert_eq!(send(&folder, "2026-11-30T08:17:00Z").code, 0);
    assert_eq!(relay.recipients().len(), 60);
}
