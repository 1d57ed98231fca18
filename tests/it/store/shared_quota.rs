//! The daily quota if several senders share a ledger: one quota for all of them.

use std::sync::{Arc, Condvar, Mutex};

use franking::simulator::sink::{Answer, Script};

use crate::support::campaign::{begin, end, send, status};
use crate::support::postgres::Database;
use crate::support::relay::{self, Relay, smtp};
use crate::support::{Folder, Run};

/// Accepts no connection before that many are waiting; then it accepts everything but messages to `r3`.
struct Gathering {
    wanted: usize,
    count: Mutex<usize>,
    changed: Condvar,
}

impl Gathering {
    fn of(wanted: usize) -> Self {
        Self {
            wanted,
            count: Mutex::default(),
            changed: Condvar::new(),
        }
    }
}

impl Script for Gathering {
    fn greeting(&self) -> Answer {
        // The relay's other connections are looked after meanwhile.
        tokio::task::block_in_place(|| {
            let mut count = self.count.lock().expect("no panic");
            *count += 1;
            self.changed.notify_all();
            let reached = self.changed.wait_while(count, |count| *count < self.wanted);
            drop(reached.expect("no panic"));
        });
        Answer::Accept
    }

    fn recipient(&self, address: &str, _attempt: u32) -> Answer {
        if address.starts_with("r3@") {
            Answer::Reply(550, "5.1.1 no such mailbox".to_owned())
        } else {
            Answer::Accept
        }
    }
}

/// A machine that sends to 60 recipients by the ledger at `url`, over one connection to each relay.
fn machine(relays: &[Arc<Relay>], keys: &str, url: &str) -> Folder {
    let relays = relays.iter().enumerate().map(|(number, relay)| {
        let smtp = smtp(relay.port, "none", 1);
        let smtp = match number {
            0 => smtp,
            _ => smtp.replace("[smtp]", "[[smtp.relay]]"),
        };
        format!("{smtp}{keys}\n")
    });
    let relays: String = relays.collect();
    let folder = relay::newsletter_for(60, &format!("{relays}[store]\nurl = \"{url}\"\n"));
    folder.write(".franking/key", &"k".repeat(32));
    folder.write(".franking/rehearsed", "");
    folder
}

/// Two machines send at once; how both end.
fn together(folders: &[Folder; 2]) -> [Run; 2] {
    folders.each_ref().map(begin).map(end)
}

fn require_spent(run: &Run, what: &str, again: &str) {
    let said = format!("error: {what} is used up; more can be sent at {again}\n");
    assert_eq!(run.code, 75, "{}", run.stderr);
    assert!(run.stderr.contains(&said), "{}", run.stderr);
}

/// The number of messages that have arrived, none of them twice.
fn arrived(relay: &Relay) -> usize {
    let copies = relay.copies();
    assert!(copies.values().all(|count| *count == 1), "{copies:?}");
    copies.len()
}

#[test]
fn two_senders_share_one_daily_quota() {
    let Some(database) = Database::create("a day's letters of two senders") else {
        return;
    };
    let relay = Arc::new(Relay::start(Gathering::of(2)));
    let relays = [Arc::clone(&relay)];
    let folders = [0, 1].map(|_| machine(&relays, "daily = 25", &database.url()));
    for run in together(&folders) {
        require_spent(&run, "the daily quota", "2026-12-01T08:00:00Z");
    }
    // A refused recipient does not use up the quota.
    assert_eq!(arrived(&relay), 25);
    let same_day = send(&folders[1], "2026-12-01T07:59:59Z");
    require_spent(&same_day, "the daily quota", "2026-12-01T08:00:00Z");
    assert_eq!(arrived(&relay), 25);

    let next_day = send(&folders[0], "2026-12-01T08:00:00Z");
    require_spent(&next_day, "the daily quota", "2026-12-02T08:00:00Z");
    assert_eq!(arrived(&relay), 50);
    let last = send(&folders[1], "2026-12-02T08:00:00Z");
    assert_eq!(
        last.code, 0,
        "a refused address is a result: {}",
        last.stderr
    );
    assert_eq!(arrived(&relay), 59);
    assert_eq!(status(&folders[0])["totals"]["accepted"], 59);
}

#[test]
fn two_senders_share_one_warm_up() {
    let Some(database) = Database::create("a warm-up of two senders") else {
        return;
    };
    let relay = Arc::new(Relay::start(Gathering::of(2)));
    let relays = [Arc::clone(&relay)];
    let keys = "warm_up = [12, 30]\ndaily = 40";
    let folders = [0, 1].map(|_| machine(&relays, keys, &database.url()));
    let first = "the warm-up quota of day 1";
    for run in together(&folders) {
        require_spent(&run, first, "2026-12-01T08:00:00Z");
    }
    assert_eq!(arrived(&relay), 12);
    let second = "the warm-up quota of day 2";
    for run in folders
        .each_ref()
        .map(|folder| send(folder, "2026-12-01T09:00:00Z"))
    {
        require_spent(&run, second, "2026-12-02T08:00:00Z");
    }
    assert_eq!(arrived(&relay), 42);
    assert_eq!(send(&folders[1], "2026-12-02T09:00:00Z").code, 0);
    assert_eq!(arrived(&relay), 59);
}

#[test]
fn each_relay_of_two_senders_has_its_own_quota() {
    let Some(database) = Database::create("a day's letters of two relays") else {
        return;
    };
    let relays = [0, 1].map(|_| Arc::new(Relay::start(Gathering::of(2))));
    let keys = "daily = 20\nrate = \"5000/s\"";
    let folders = [0, 1].map(|_| machine(&relays, keys, &database.url()));
    for run in together(&folders) {
        require_spent(&run, "the daily quota", "2026-12-01T08:00:00Z");
    }
    assert_eq!(relays.each_ref().map(|relay| arrived(relay)), [20, 20]);
    let rest = send(&folders[0], "2026-12-01T08:00:00Z");
    assert_eq!(rest.code, 0, "{}", rest.stderr);
    assert_eq!(relays.iter().map(|relay| arrived(relay)).sum::<usize>(), 59);
}
