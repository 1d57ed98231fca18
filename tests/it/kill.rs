//! A send that is killed again and again: nobody is missing, and nobody is doubled unless it was foretold.
//!
//! The moment of each kill is an event of the dialogue, not a time: after the relay has kept so many
//! messages, the sender dies at DATA, in the message, before the reply to it, or just behind that.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::sync::Arc;

use franking::catcher::{Answer, Caught, Script};
use serde_json::Value;

use crate::gun::{self, Gun, MOMENTS, Moment};
use crate::postgres::Database;
use crate::relay::{self, Relay};
use crate::support::{Folder, Run};

const READERS: usize = 2_000;
const KILLS: usize = 10;
/// No more deliveries than these may be in doubt behind one kill.
const CONNECTIONS: usize = 4;

const AT_ONCE: &str = "2026-11-30T08:01:00Z";
/// Behind the waits of all that was told to come back.
const LATER: &str = "2026-11-30T09:00:00Z";

#[test]
fn a_send_that_is_killed_ten_times_and_holds_loses_nobody_and_doubles_nobody() {
    hold(&Rig::new("hold", None));
}

/// The sender dies in the same moments; the server, which does not, may still do what it was told last.
#[test]
fn a_send_on_a_server_that_is_killed_ten_times_loses_nobody_and_doubles_nobody() {
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
fn a_send_that_is_killed_ten_times_and_resends_doubles_only_what_it_foretold() {
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
    gun: Arc<Gun>,
    /// Where the ledger is, if not in a file.
    database: Option<Database>,
}

impl Rig {
    fn new(policy: &str, database: Option<Database>) -> Self {
        let gun = Arc::new(Gun::default());
        let ears = Arc::clone(&gun);
        let on_message = move |count| ears.kept(count);
        let relay = Relay::watched(Aiming(Arc::clone(&gun)), Box::new(on_message));
        let store = database.as_ref().map(|database| database.url());
        let store = store.map(|url| format!("[store]\nurl = \"{url}\"\n"));
        let smtp = relay::smtp(relay.port, "none", CONNECTIONS);
        let folder = relay::newsletter(&(smtp + &store.unwrap_or_default()));
        let names: Vec<String> = (1..=READERS).map(|number| format!("r{number}")).collect();
        relay::set_readers(&folder, names.iter().map(String::as_str));
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
            self.kill(&now, count, MOMENTS[kill % MOMENTS.len()]);
            self.relay.wait_until_closed();
            if let Some(database) = &self.database {
                database.bury_senders();
            }
            self.probe(&mut foretold);
        }
        foretold
    }

    fn kill(&self, now: &str, count: usize, moment: Moment) {
        let mut sender = self
            .folder
            .command(&["send", "a", "--yes"])
            .env("FRANKING_NOW", now)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stderr = sender.stderr.take().expect("its stderr is piped");
        self.gun.aim(sender, count, moment);
        let mut said = String::new();
        // Ends with the sender, however that ends.
        stderr.read_to_string(&mut said).expect("UTF-8");
        let status = self
            .gun
            .take_down()
            .wait()
            .expect("the sender was started here");
        assert_eq!(
            status.signal(),
            Some(9),
            "it was to be killed at {count} {moment:?}: {said}"
        );
    }

    /// What must hold behind every kill, whatever the policy.
    fn probe(&self, foretold: &mut BTreeSet<String>) {
        let account = self.account();
        let copies = self.copies();
        let doubtful = account.in_state(&["in_data"]);
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

    fn account(&self) -> Account {
        let status = self.folder.run(&["status", "a", "--json"]);
        assert_eq!(status.code, 0, "{}", status.stderr);
        let report: Value = serde_json::from_str(&status.stdout).expect("JSON");
        assert_eq!(report["closes"], true, "{}", report["sum"]);
        assert_eq!(report["sum"]["candidates"], READERS);
        Account::of(&report)
    }

    /// Every message that the relay has kept, by recipient.
    fn copies(&self) -> BTreeMap<String, Vec<Caught>> {
        let mut copies: BTreeMap<String, Vec<Caught>> = BTreeMap::new();
        for caught in self.relay.caught() {
            copies
                .entry(caught.recipients[0].clone())
                .or_default()
                .push(caught);
        }
        copies
    }
}

/// The ledger as `status --json` tells it.
struct Account {
    states: BTreeMap<String, String>,
    attempts: BTreeMap<String, u64>,
}

impl Account {
    fn of(report: &Value) -> Self {
        let word = |value: &Value| value.as_str().expect("a word").to_owned();
        let rows = report["deliveries"].as_array().expect("rows");
        let states: BTreeMap<String, String> = rows
            .iter()
            .map(|row| (word(&row["address"]), word(&row["state"])))
            .collect();
        let tries = |row: &Value| row["attempts"].as_u64().expect("a number");
        let attempts = rows
            .iter()
            .map(|row| (word(&row["address"]), tries(row)))
            .collect();
        assert_eq!(states.len(), READERS, "everybody has one row");
        Self { states, attempts }
    }

    fn in_state(&self, states: &[&str]) -> BTreeSet<String> {
        let is_in = |(_, state): &(&String, &String)| states.contains(&state.as_str());
        self.states
            .iter()
            .filter(is_in)
            .map(|(address, _)| address.clone())
            .collect()
    }
}

/// Passes the moments of the dialogue on to the gun, and sends some readers away once.
struct Aiming(Arc<Gun>);

impl Script for Aiming {
    fn recipient(&self, address: &str, attempt: u32) -> Answer {
        if address.starts_with("r99") && attempt == 1 {
            return Answer::Reply(451, "4.7.1 greylisted".to_owned());
        }
        Answer::Accept
    }

    fn data(&self, _address: &str, _attempt: u32) -> Answer {
        self.0.pass(Moment::AtData);
        Answer::Accept
    }

    fn first_line(&self, _address: &str, _attempt: u32) -> Answer {
        self.0.pass(Moment::InMessage);
        Answer::Accept
    }
}

/// Ten counts of messages, rising, all well before the end.
fn random_counts() -> Vec<usize> {
    let seed = gun::seed();
    let last = READERS - 10 * CONNECTIONS * KILLS / 4;
    let mut counts: Vec<usize> = (0..KILLS as u64)
        .map(|step| 1 + gun::scrambled(seed + step) % last)
        .collect();
    counts.sort_unstable();
    counts
}
