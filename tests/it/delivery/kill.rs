//! A send that is killed repeatedly: no message is lost, and none is repeated unless it was uncertain.
//!
//! The moment of each kill is an event of the dialogue, not a time: after the relay has kept so many
//! messages, the sender dies at DATA, in the message, before its reply, or directly after it.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::process::ExitStatusExt;
use std::sync::Arc;

use franking::simulator::sink::Received;
use franking::simulator::{
    Crash, CrashInjector, CrashPoint, Fault, FaultScript, LedgerReport, Rng,
};

use crate::support::campaign::in_data;
use crate::support::postgres::Database;
use crate::support::relay::{self, Relay};
use crate::support::{Folder, Run};

const READERS: usize = 2_000;
const KILLS: usize = 10;
/// The most deliveries that may be uncertain after one kill.
const CONNECTIONS: usize = 4;

const AT_ONCE: &str = "2026-11-30T08:01:00Z";
/// After the retry times of all deferred deliveries.
const LATER: &str = "2026-11-30T09:00:00Z";

#[test]
fn a_send_killed_ten_times_loses_and_repeats_no_message() {
    hold(&Rig::new("hold", None));
}

/// The sender dies in the same moments; the server, which does not, may still do what it was told last.
#[test]
fn a_send_on_postgresql_killed_ten_times_loses_and_repeats_no_message() {
    if let Some(database) = Database::create("a send on a server that is killed") {
        hold(&Rig::new("hold", Some(database)));
    }
}

fn hold(rig: &Rig) {
    let foretold = rig.kill_many();
    assert_eq!(rig.send(AT_ONCE).code, 75, "some were told to come back");
    let end = rig.send(LATER);
    assert_eq!(
        end.code, 1,
        "held deliveries are for somebody to look at: {}",
        end.stderr
    );

    let account = rig.account();
    let uncertain: BTreeSet<String> = account.in_state(&["uncertain"]);
    assert_eq!(
        uncertain, foretold,
        "what was in doubt stays in doubt, and nothing else"
    );
    let copies = rig.copies();
    for (address, state) in &account.states {
        let count = copies.get(address).map_or(0, Vec::len);
        match state.as_str() {
            "accepted" => assert_eq!(count, 1, "{address}"),
            "uncertain" => assert!(count <= 1, "{address}: {count} copies"),
            other => panic!("{address} is {other} at the end"),
        }
    }
    assert!(
        uncertain
            .iter()
            .any(|address| copies.contains_key(address.as_str()))
    );
}

#[test]
fn a_send_killed_ten_times_with_resend_repeats_only_uncertain_messages() {
    let rig = Rig::new("resend", None);
    let foretold = rig.kill_many();
    assert_eq!(rig.send(AT_ONCE).code, 75, "some were told to come back");
    let end = rig.send(LATER);

    let account = rig.account();
    let given_up = account.in_state(&["uncertain"]);
    assert_eq!(
        end.code,
        i32::from(!given_up.is_empty()),
        "somebody has to look at {given_up:?}: {}",
        end.stderr
    );
    assert_eq!(
        account.in_state(&["accepted"]).len() + given_up.len(),
        READERS
    );
    // Kills that follow close upon each other may hit one delivery three times; it is not sent a fourth.
    for address in &given_up {
        assert!(foretold.contains(address), "{address}");
        assert!(account.attempts[address] >= 3, "{address}");
    }
    let copies = rig.copies();
    let is_provided_for =
        |address: &&String| copies.contains_key(*address) || given_up.contains(*address);
    assert_eq!(
        account.states.keys().filter(is_provided_for).count(),
        READERS,
        "nobody is missing"
    );
    let doubled: BTreeSet<String> = copies
        .iter()
        .filter(|(_, copies)| copies.len() > 1)
        .map(|(address, _)| address.clone())
        .collect();
    assert!(
        !doubled.is_empty(),
        "a kill between message and reply must show"
    );
    assert!(
        doubled.is_subset(&foretold),
        "{:?}",
        doubled.difference(&foretold)
    );
    for copies in copies.values() {
        assert!(
            copies.windows(2).all(|pair| pair[0] == pair[1]),
            "a second copy differs"
        );
    }
}

/// A newsletter, a relay, and a gun between them.
struct Rig {
    folder: Folder,
    relay: Relay,
    gun: Arc<CrashInjector>,
    /// Where the ledger is, if not in a file.
    database: Option<Database>,
}

impl Rig {
    fn new(policy: &str, database: Option<Database>) -> Self {
        let gun = Arc::new(CrashInjector::default());
        let ears = Arc::clone(&gun);
        let on_message = move |count| ears.kept(count);
        let weather = FaultScript::new(Arc::clone(&gun), greylisting);
        let relay = Relay::watched(weather, Box::new(on_message));
        let store = database.as_ref().map(|database| database.url());
        let store = store.map(|url| format!("[store]\nurl = \"{url}\"\n"));
        let smtp = relay::smtp(relay.port, "none", CONNECTIONS);
        let folder = relay::newsletter(&(smtp + &store.unwrap_or_default()));
        let names: Vec<String> = (1..=READERS).map(|number| format!("r{number}")).collect();
        relay::set_subscribers(&folder, names.iter().map(String::as_str));
        relay::write_issue(&folder, "a", &format!("on_uncertain = \"{policy}\""));
        Self {
            folder,
            relay,
            gun,
            database,
        }
    }

    /// Kills the send at ten moments and looks at the ledger behind each; everybody whom it has ever
    /// called uncertain.
    fn kill_many(&self) -> BTreeSet<String> {
        let mut foretold = BTreeSet::new();
        for (kill, count) in random_counts().into_iter().enumerate() {
            // Every run has another clock, so that a copy that depends on it would differ.
            let now = format!("2026-11-30T08:00:{kill:02}Z");
            let moment = CrashPoint::OF_A_MESSAGE[kill % CrashPoint::OF_A_MESSAGE.len()];
            self.kill(&now, count, moment);
            self.relay.wait_until_closed();
            if let Some(database) = &self.database {
                database.bury_senders();
            }
            self.probe(&mut foretold);
        }
        foretold
    }

    fn kill(&self, now: &str, count: usize, moment: CrashPoint) {
        let mut command = self.folder.command(&["send", "a", "--yes"]);
        let shot = Crash {
            kept: count,
            point: moment,
        };
        let aimed = self.gun.start(command.env("FRANKING_NOW", now), Some(shot));
        let ended = aimed.and_then(|aimed| aimed.wait());
        let ended = ended.expect("the program starts, and ends");
        assert_eq!(
            ended.status.signal(),
            Some(9),
            "it was to be killed at {count} {moment:?}: {}",
            ended.stderr
        );
    }

    /// The invariants after every kill, with each policy.
    fn probe(&self, foretold: &mut BTreeSet<String>) {
        let account = self.account();
        let copies = self.copies();
        let doubtful = in_data(&self.folder, self.database.as_ref());
        assert!(doubtful.len() <= CONNECTIONS, "{doubtful:?}");
        foretold.extend(doubtful);
        for address in account.in_state(&["accepted"]) {
            assert!(
                copies.contains_key(&address),
                "{address} is accepted and was not sent"
            );
        }
        for address in account.in_state(&["ready", "leased", "deferred"]) {
            let is_known = !copies.contains_key(&address) || foretold.contains(&address);
            assert!(is_known, "{address} was sent and would be sent again");
        }
    }

    fn send(&self, now: &str) -> Run {
        let mut command = self.folder.command(&["send", "a", "--yes"]);
        Run::from(
            command
                .env("FRANKING_NOW", now)
                .output()
                .expect("the program starts"),
        )
    }

    fn account(&self) -> LedgerReport {
        let status = self.folder.run(&["status", "a", "--json"]);
        assert_eq!(status.code, 0, "{}", status.stderr);
        let account = LedgerReport::read(&status.stdout).expect("an account");
        assert!(account.adds_up, "{}", status.stdout);
        assert_eq!(account.states.len(), READERS, "everybody has one row");
        account
    }

    /// Every message that the relay has kept, by recipient.
    fn copies(&self) -> BTreeMap<String, Vec<Received>> {
        let mut copies: BTreeMap<String, Vec<Received>> = BTreeMap::new();
        for caught in self.relay.received() {
            copies
                .entry(caught.recipients[0].clone())
                .or_default()
                .push(caught);
        }
        copies
    }
}

/// Defers some recipients once.
fn greylisting(address: &str) -> Fault {
    match address.starts_with("r99") {
        true => Fault::Later,
        false => Fault::None,
    }
}

/// What all chance of a test comes from. `KILL_SEED` repeats a run.
pub fn seed() -> u64 {
    let seed = match std::env::var("KILL_SEED") {
        Ok(seed) => seed.parse().expect("KILL_SEED is a number"),
        Err(_) => jiff::Timestamp::now().as_millisecond().unsigned_abs(),
    };
    // The test harness shows this where the test fails.
    eprintln!("KILL_SEED={seed}");
    seed
}

/// Ten counts of messages, rising, all well before the end.
fn random_counts() -> Vec<usize> {
    let mut chance = Rng::new(seed());
    let last = READERS - 10 * CONNECTIONS * KILLS / 4;
    let mut counts: Vec<usize> = (0..KILLS).map(|_| 1 + chance.below(last)).collect();
    counts.sort_unstable();
    counts
}
