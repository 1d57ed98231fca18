//! A long run of kills over a relay with faults of its own: `FRANKING_KILLS=1000 cargo test --test it kills::`
//!
//! A round is one issue to 500 readers with `hold`. Its sender is killed at moments of the dialogue and at
//! moments of the clock, which also strike its beginning and its recovery, and started again until it has
//! nothing left to do; then the next round begins. Behind every kill the ledger is held against what the relay
//! has. Without the variable a few kills are tried, so that the long run is known to work. `KILL_SEED` repeats
//! a run as far as threads allow.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use franking::catcher::{Answer, Script};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::gun::{self, Gun, MOMENTS, Moment};
use crate::postgres::Database;
use crate::relay::{self, Relay};
use crate::support::Folder;

const READERS: usize = 500;
const CONNECTIONS: usize = 4;
/// How many kills where nobody asks for more.
const FEW: usize = 12;
/// A shot by the dialogue comes after so many messages at most.
const FARTHEST: usize = 20;
/// A shot by the clock comes after so many milliseconds at most.
const LONGEST: usize = 150;
/// More runs than this for one round would mean that it never ends.
const MOST_RUNS: usize = 300;

#[test]
fn however_often_a_send_is_killed_the_ledger_tells_who_has_the_letter() {
    kill("in a file", || None);
}

#[test]
fn however_often_a_send_on_a_server_is_killed_its_ledger_tells_who_has_the_letter() {
    let test = "a send on a server that is killed often";
    // Held, so that the server does not end with every round.
    if let Some(_first) = Database::create(test) {
        kill("on a server", || Database::create(test));
    }
}

/// Rounds until there have been enough kills, each with a ledger of its own.
fn kill(place: &str, database: impl Fn() -> Option<Database>) {
    let wanted = match std::env::var("FRANKING_KILLS") {
        Ok(count) => count.parse().expect("FRANKING_KILLS is a number"),
        Err(_) => FEW,
    };
    let mut chance = Chance::new();
    let mut figures = Figures::default();
    let began = Instant::now();
    while figures.kills() < wanted {
        // Every third round has several letters of a connection on their way at once.
        let window = if figures.rounds % 3 == 2 { 8 } else { 1 };
        let round = Round::new(window, chance.next(), database());
        round.play(&mut chance, &mut figures, wanted);
        figures.rounds += 1;
        if wanted > FEW && (figures.rounds % 10 == 0 || figures.kills() >= wanted) {
            figures.tell(place, began.elapsed());
        }
    }
}

/// Numbers that depend on the seed alone.
struct Chance {
    state: u64,
}

impl Chance {
    fn new() -> Self {
        Self { state: gun::seed() }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(1);
        gun::scrambled(self.state) as u64
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next()).expect("64 bits") % bound
    }
}

/// What the whole run has seen.
#[derive(Default)]
struct Figures {
    rounds: usize,
    at_exact_points: usize,
    at_random_moments: usize,
    /// The most deliveries in doubt behind one kill, by window.
    most_doubts: BTreeMap<usize, usize>,
    doubts: usize,
    /// Deliveries in doubt at the end of their round, before somebody decides, and how many of these had arrived.
    held: usize,
    held_and_arrived: usize,
    refused: usize,
    accepted: usize,
}

impl Figures {
    fn kills(&self) -> usize {
        self.at_exact_points + self.at_random_moments
    }

    /// Past the test harness, which would keep it to itself.
    fn tell(&self, place: &str, time: Duration) {
        let words = format!(
            "{place}: {} kills ({} at exact points) in {} rounds, {} s: {} accepted, {} refused, 0 lost, 0 repeated, \
             0 falsely sent; {} in doubt behind a kill, most by window {:?}; {} held at the end, {} of them arrived\n",
            self.kills(),
            self.at_exact_points,
            self.rounds,
            time.as_secs(),
            self.accepted,
            self.refused,
            self.doubts,
            self.most_doubts,
            self.held,
            self.held_and_arrived,
        );
        std::io::stderr()
            .write_all(words.as_bytes())
            .expect("stderr");
    }
}

/// When the sender dies.
#[derive(Debug, Clone, Copy)]
enum Shot {
    Dialogue(usize, Moment),
    Clock(Duration),
}

/// One issue, its readers, and the relay.
struct Round {
    folder: Folder,
    relay: Relay,
    gun: Arc<Gun>,
    weather: Arc<Weather>,
    window: usize,
    /// Where the ledger is, if not in a file.
    database: Option<Database>,
    /// Everybody whom the ledger has ever called `in_data` behind a kill.
    foretold: BTreeSet<String>,
}

impl Round {
    fn new(window: usize, seed: u64, database: Option<Database>) -> Self {
        let gun = Arc::new(Gun::default());
        let weather = Arc::new(Weather::new(Arc::clone(&gun), seed));
        let ears = Arc::clone(&gun);
        let relay = Relay::watched(
            Shared(Arc::clone(&weather)),
            Box::new(move |count| ears.kept(count)),
        );
        let smtp = relay::smtp(relay.port, "none", CONNECTIONS);
        let store = database.as_ref().map(|database| database.url());
        let store = store.map(|url| format!("[store]\nurl = \"{url}\"\n"));
        let store = store.unwrap_or_default();
        let folder = relay::newsletter(&format!("{smtp}window = {window}\n{store}"));
        let names: Vec<String> = (1..=READERS).map(|number| format!("r{number}")).collect();
        relay::set_readers(&folder, names.iter().map(String::as_str));
        relay::write_issue(&folder, "a", "on_uncertain = \"hold\"");
        Self {
            folder,
            relay,
            gun,
            weather,
            window,
            database,
            foretold: BTreeSet::new(),
        }
    }

    /// Kills the send until it has nothing left to do, or enough have been killed.
    fn play(mut self, chance: &mut Chance, figures: &mut Figures, wanted: usize) {
        for run in 0..MOST_RUNS {
            let shot = (figures.kills() < wanted).then(|| self.choose(chance));
            let (status, said) = self.send(run, shot);
            self.relay.wait_until_closed();
            self.probe(figures, status.signal().is_some());
            match (status.signal(), shot) {
                (Some(9), Some(Shot::Dialogue(..))) => figures.at_exact_points += 1,
                (Some(9), Some(Shot::Clock(_))) => figures.at_random_moments += 1,
                _ => match status.code() {
                    Some(75) => {}
                    Some(0 | 1) => return self.end(run, figures),
                    _ => panic!("{status}, {shot:?}: {said}"),
                },
            }
        }
        panic!("a round without an end");
    }

    fn choose(&self, chance: &mut Chance) -> Shot {
        if chance.below(2) == 0 {
            let millis = u64::try_from(1 + chance.below(LONGEST)).expect("a small number");
            return Shot::Clock(Duration::from_millis(millis));
        }
        let count = self.relay.caught().len() + 1 + chance.below(FARTHEST);
        let moment = MOMENTS[chance.below(MOMENTS.len())];
        Shot::Dialogue(count, moment)
    }

    /// Starts the sender and waits for its end, which the shot may bring.
    fn send(&self, run: usize, shot: Option<Shot>) -> (ExitStatus, String) {
        let mut sender = self
            .folder
            .command(&["send", "a", "--yes"])
            .env("FRANKING_NOW", moment_of_run(run).to_string())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stderr = sender.stderr.take().expect("its stderr is piped");
        let (count, moment) = match shot {
            Some(Shot::Dialogue(count, moment)) => (count, moment),
            _ => (usize::MAX, Moment::AtData),
        };
        self.gun.aim(sender, count, moment);
        if let Some(Shot::Clock(time)) = shot {
            // Chance is the point: most of what the program does here is no event that a test could wait for.
            std::thread::sleep(time);
            self.gun.fire();
        }
        let mut said = String::new();
        stderr.read_to_string(&mut said).expect("UTF-8");
        let status = self.gun.take_down().wait();
        (status.expect("the sender was started here"), said)
    }

    /// What must hold behind every run, killed or not.
    fn probe(&mut self, figures: &mut Figures, is_killed: bool) {
        if let Some(database) = self.database.as_ref().filter(|_| is_killed) {
            database.bury_senders();
        }
        let copies = self.copies();
        let Some(states) = self.states() else {
            assert_eq!(copies.len(), 0, "letters left before the send had begun");
            return;
        };
        let doubtful = in_state(&states, &["in_data"]);
        let bound = CONNECTIONS * self.window;
        assert!(is_killed || doubtful.is_empty(), "{doubtful:?}");
        assert!(doubtful.len() <= bound, "{doubtful:?}");
        figures.doubts += doubtful.len();
        let most = figures.most_doubts.entry(self.window).or_default();
        *most = doubtful.len().max(*most);
        self.foretold.extend(doubtful.iter().cloned());
        self.must_agree(&states, &copies);
        self.must_be_listed(&in_state(&states, &["in_data", "uncertain"]));
    }

    fn must_agree(&self, states: &BTreeMap<String, String>, copies: &BTreeMap<String, usize>) {
        let twice: Vec<_> = copies.iter().filter(|(_, count)| **count > 1).collect();
        assert!(twice.is_empty(), "repeated: {twice:?}");
        for (address, state) in states {
            let has_it = copies.contains_key(address);
            match state.as_str() {
                "accepted" => assert!(has_it, "{address} is falsely called sent"),
                "ready" | "leased" | "deferred" => {
                    assert!(!has_it, "{address} is {state} and would be sent again");
                }
                "refused" => {
                    assert!(!has_it, "{address} has it and is called refused");
                    assert!(
                        self.weather.refuses(address),
                        "{address} is falsely refused"
                    );
                }
                "in_data" => {}
                "uncertain" if self.window == 1 => {
                    let is_known = self.foretold.contains(address) || self.weather.lost(address);
                    assert!(is_known, "{address} is in doubt without a reason");
                }
                "uncertain" => {}
                other => panic!("{address} is {other}"),
            }
        }
    }

    /// Whoever looks at the status as people do sees every doubt by name.
    fn must_be_listed(&self, doubtful: &BTreeSet<String>) {
        let status = self.folder.run(&["status", "a"]);
        let words = |line: &str| line.split_whitespace().nth(1).map(str::to_owned);
        let named: BTreeSet<String> = status
            .stdout
            .lines()
            .filter(|line| line.starts_with("in_data ") || line.starts_with("uncertain "))
            .filter_map(words)
            .filter(|word| word.contains('@'))
            .collect();
        assert_eq!(&named, doubtful, "{}", status.stdout);
    }

    /// What must hold when there is nothing left to do: nobody is lost. Then somebody looks into the relay's log
    /// and tells what became of every doubt, until there is none.
    fn end(mut self, run: usize, figures: &mut Figures) {
        let states = self.states().expect("a send that has ended has begun");
        let doubts = in_state(&states, &["uncertain"]);
        let copies = self.copies();
        figures.held += doubts.len();
        figures.held_and_arrived += doubts.iter().filter(|a| copies.contains_key(*a)).count();
        for run in run + 1..MOST_RUNS {
            let states = self.states().expect("it has begun");
            let doubts = in_state(&states, &["uncertain"]);
            if doubts.is_empty() && in_state(&states, &["ready", "deferred"]).is_empty() {
                return self.must_be_whole(&states, figures);
            }
            self.resolve(&doubts);
            let (status, said) = self.send(run, None);
            assert!(matches!(status.code(), Some(0 | 1 | 75)), "{said}");
            self.relay.wait_until_closed();
            self.probe(figures, false);
        }
        panic!("doubts without an end");
    }

    /// Tells the ledger what the relay has.
    fn resolve(&self, doubts: &BTreeSet<String>) {
        let copies = self.copies();
        let (arrived, missing): (Vec<&str>, Vec<&str>) = doubts
            .iter()
            .map(String::as_str)
            .partition(|address| copies.contains_key(*address));
        for (flag, addresses) in [("--arrived", arrived), ("--missing", missing)] {
            if !addresses.is_empty() {
                let run = self
                    .folder
                    .run(&[&["resolve", "a", flag], &addresses[..]].concat());
                assert_eq!(run.code, 0, "{}", run.stderr);
                assert!(run.stdout.contains("adds up"), "{}", run.stdout);
            }
        }
    }

    /// Everybody has it once, but for those whom the relay refuses.
    fn must_be_whole(&self, states: &BTreeMap<String, String>, figures: &mut Figures) {
        let accepted = in_state(states, &["accepted"]);
        let refused = in_state(states, &["refused"]);
        assert_eq!(accepted.len() + refused.len(), READERS, "{states:?}");
        let served: BTreeSet<String> = self.copies().into_keys().collect();
        assert_eq!(served, accepted);
        figures.accepted += accepted.len();
        figures.refused += refused.len();
    }

    /// Everybody's state by address; `None` where the send had not begun when its sender died.
    fn states(&self) -> Option<BTreeMap<String, String>> {
        let status = self.folder.run(&["status", "a", "--json"]);
        if status.code == 2 || status.stdout.starts_with("{\"sends\":[]}") {
            return None;
        }
        assert_eq!(status.code, 0, "{}", status.stderr);
        let report: Value = serde_json::from_str(&status.stdout).expect("JSON");
        assert_eq!(report["closes"], true, "{}", report["sum"]);
        assert_eq!(report["sum"]["candidates"], READERS);
        let word = |value: &Value| value.as_str().expect("a word").to_owned();
        let rows = report["deliveries"].as_array().expect("rows");
        let states: BTreeMap<String, String> = rows
            .iter()
            .map(|row| (word(&row["address"]), word(&row["state"])))
            .collect();
        assert_eq!(states.len(), READERS, "everybody has one row");
        Some(states)
    }

    /// How many messages the relay has kept for each recipient.
    fn copies(&self) -> BTreeMap<String, usize> {
        let mut copies = BTreeMap::new();
        for address in self.relay.recipients() {
            *copies.entry(address).or_default() += 1;
        }
        copies
    }
}

/// Ten minutes between two runs, so that what was told to come back falls due in between.
fn moment_of_run(run: usize) -> Timestamp {
    let first: Timestamp = "2026-11-30T08:00:00Z".parse().expect("a moment");
    first + SignedDuration::from_mins(10 * i64::try_from(run).expect("a small number"))
}

fn in_state(states: &BTreeMap<String, String>, wanted: &[&str]) -> BTreeSet<String> {
    let is_in = |(_, state): &(&String, &String)| wanted.contains(&state.as_str());
    let found = states.iter().filter(is_in);
    found.map(|(address, _)| address.clone()).collect()
}

/// What the relay does wrong with one reader.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// 451, at RCPT, once.
    Later,
    /// 550 at RCPT.
    Dead,
    /// 451 instead of taking the letter, once.
    LaterAtDot,
    /// 552 instead of taking the letter.
    FullAtDot,
    /// The connection is lost, once, before the letter.
    LostAtData,
    /// The same in the letter.
    LostInMessage,
    /// The same when the relay has the letter and has not said so.
    LostBehindDot,
}

/// Which reader meets which fault, and the gun's ears.
struct Weather {
    gun: Arc<Gun>,
    seed: u64,
    /// Whose connection the relay has dropped.
    lost: Mutex<BTreeSet<String>>,
}

impl Weather {
    fn new(gun: Arc<Gun>, seed: u64) -> Self {
        let lost = Mutex::default();
        Self { gun, seed, lost }
    }

    fn fault(&self, address: &str) -> Fault {
        let digits = address.bytes().filter(u8::is_ascii_digit);
        let number = digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
        match gun::scrambled(self.seed.wrapping_add(number)) % 100 {
            0..5 => Fault::Later,
            5..8 => Fault::Dead,
            8..11 => Fault::LaterAtDot,
            11..14 => Fault::FullAtDot,
            14..17 => Fault::LostAtData,
            17..19 => Fault::LostInMessage,
            19..22 => Fault::LostBehindDot,
            _ => Fault::None,
        }
    }

    fn refuses(&self, address: &str) -> bool {
        matches!(self.fault(address), Fault::Dead | Fault::FullAtDot)
    }

    fn lost(&self, address: &str) -> bool {
        self.lost.lock().expect("no panic").contains(address)
    }

    /// Drops the connection if that is this reader's fault, and it is the first time.
    fn drops(&self, fault: Fault, address: &str) -> Answer {
        let is_first = || {
            self.lost
                .lock()
                .expect("no panic")
                .insert(address.to_owned())
        };
        if self.fault(address) == fault && is_first() {
            Answer::Drop
        } else {
            Answer::Accept
        }
    }
}

/// The weather, for the relay to hold.
struct Shared(Arc<Weather>);

impl Script for Shared {
    fn recipient(&self, address: &str, attempt: u32) -> Answer {
        match self.0.fault(address) {
            Fault::Later if attempt == 1 => Answer::Reply(451, "4.7.1 greylisted".to_owned()),
            Fault::Dead => Answer::Reply(550, "5.1.1 no such user".to_owned()),
            _ => Answer::Accept,
        }
    }

    fn data(&self, address: &str, _attempt: u32) -> Answer {
        self.0.gun.pass(Moment::AtData);
        self.0.drops(Fault::LostAtData, address)
    }

    fn first_line(&self, address: &str, _attempt: u32) -> Answer {
        self.0.gun.pass(Moment::InMessage);
        self.0.drops(Fault::LostInMessage, address)
    }

    fn message(&self, address: &str, attempt: u32) -> Answer {
        match self.0.fault(address) {
            Fault::LaterAtDot if attempt == 1 => Answer::Reply(451, "4.3.0 busy".to_owned()),
            Fault::FullAtDot => Answer::Reply(552, "5.2.2 mailbox full".to_owned()),
            _ => self.0.drops(Fault::LostBehindDot, address),
        }
    }
}
