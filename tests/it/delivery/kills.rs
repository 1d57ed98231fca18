//! A long run of kills over a relay with faults of its own: `FRANKING_KILLS=1000 cargo test --test it kills::`
//!
//! A round is one issue to 500 recipients with `hold`. Its sender is killed at moments of the dialogue and at
//! moments of the clock, which also strike its beginning and its recovery, and started again until it has
//! nothing left to do; then the next round begins. Between the kills the campaign is paused while it runs, resumed from
//! the frozen edition or a corrected one (which is killed too), and in some rounds cancelled. After every kill the ledger
//! is compared with what the relay has. Without the variable a few kills are tried, so that the long run is known to
//! work. `KILL_SEED` repeats a run as far as threads allow.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use franking::simulator::{
    Crash, CrashInjector, CrashPoint, Fault, FaultScript, LedgerReport, Rng, SenderExit,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::delivery::kill;
use crate::support::Folder;
use crate::support::campaign::in_data;
use crate::support::postgres::Database;
use crate::support::relay::{self, Relay};

const READERS: usize = 500;
const CONNECTIONS: usize = 4;
/// The default number of kills.
const FEW: usize = 12;
/// A shot by the dialogue comes after so many messages at most.
const FARTHEST: usize = 20;
/// A shot by the clock comes after so many milliseconds at most.
const LONGEST: usize = 150;
/// More runs than this for one round would mean that it never ends.
const MOST_RUNS: usize = 300;

#[test]
fn the_ledger_matches_the_relay_after_every_kill() {
    rounds("in a file", || None);
}

#[test]
fn the_ledger_on_postgresql_matches_the_relay_after_every_kill() {
    let test = "a send on a server that is killed often";
    // Held, so that the server does not end with every round.
    if let Some(_first) = Database::create(test) {
        rounds("on a server", || Database::create(test));
    }
}

/// Rounds until there have been enough kills, each with a ledger of its own.
fn rounds(place: &str, database: impl Fn() -> Option<Database>) {
    let wanted = match std::env::var("FRANKING_KILLS") {
        Ok(count) => count.parse().expect("FRANKING_KILLS is a number"),
        Err(_) => FEW,
    };
    let mut chance = Rng::new(kill::seed());
    let mut figures = Figures::default();
    let began = Instant::now();
    while figures.kills() < wanted {
        // In every third round a connection has several messages in flight.
        let window = if figures.rounds % 3 == 2 { 8 } else { 1 };
        let round = Round::new(window, chance.draw(), database());
        round.play(&mut chance, &mut figures, wanted);
        figures.rounds += 1;
        if wanted > FEW && (figures.rounds % 10 == 0 || figures.kills() >= wanted) {
            figures.tell(place, began.elapsed());
        }
    }
}

/// What the whole run has seen.
#[derive(Default)]
struct Figures {
    rounds: usize,
    at_exact_points: usize,
    at_random_moments: usize,
    /// The most uncertain deliveries after one kill, by window.
    most_doubts: BTreeMap<usize, usize>,
    doubts: usize,
    /// Uncertain deliveries at the end of their round, before they are resolved, and how many of these had arrived.
    held: usize,
    held_and_arrived: usize,
    refused: usize,
    accepted: usize,
    pauses: usize,
    corrections: usize,
    cancels: usize,
}

impl Figures {
    fn kills(&self) -> usize {
        self.at_exact_points + self.at_random_moments
    }

    /// Past the test harness, which would keep it to itself.
    fn tell(&self, place: &str, time: Duration) {
        let words = format!(
            "{place}: {} kills ({} at exact points) in {} rounds, {} s: {} accepted, {} refused, 0 lost, 0 repeated, \
             0 falsely sent; {} in doubt behind a kill, most by window {:?}; {} held at the end, {} of them arrived; \
             {} pauses, {} corrections, {} cancels\n",
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
            self.pauses,
            self.corrections,
            self.cancels,
        );
        std::io::stderr()
            .write_all(words.as_bytes())
            .expect("stderr");
    }
}

/// When the sender dies.
#[derive(Debug, Clone, Copy)]
enum Death {
    Dialogue(Crash),
    Clock(Duration),
}

/// One issue, its recipients, and the relay.
struct Round {
    folder: Folder,
    relay: Relay,
    gun: Arc<CrashInjector>,
    weather: Arc<FaultScript>,
    window: usize,
    /// Where the ledger is, if not in a file.
    database: Option<Database>,
    /// Every recipient whose delivery was `in_data` after a kill.
    foretold: BTreeSet<String>,
    /// How often the issue was written: its subject names this version.
    version: usize,
}

/// What the next run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Send,
    Resume,
    Correct,
    Pause,
    Cancel,
}

impl Round {
    fn new(window: usize, seed: u64, database: Option<Database>) -> Self {
        let gun = Arc::new(CrashInjector::default());
        let weather = FaultScript::new(Arc::clone(&gun), move |address| fault(seed, address));
        let ears = Arc::clone(&gun);
        let relay = Relay::watched(
            Arc::clone(&weather),
            Box::new(move |count| ears.kept(count)),
        );
        let smtp = relay::smtp(relay.port, "none", CONNECTIONS);
        let store = database.as_ref().map(|database| database.url());
        let store = store.map(|url| format!("[store]\nurl = \"{url}\"\n"));
        let store = store.unwrap_or_default();
        let folder = relay::newsletter(&format!("{smtp}window = {window}\n{store}"));
        let names: Vec<String> = (1..=READERS).map(|number| format!("r{number}")).collect();
        relay::set_subscribers(&folder, names.iter().map(String::as_str));
        let round = Self {
            folder,
            relay,
            gun,
            weather,
            window,
            database,
            foretold: BTreeSet::new(),
            version: 1,
        };
        round.write_issue();
        round
    }

    /// Writes the issue with its version in the subject.
    fn write_issue(&self) {
        relay::write_issue(&self.folder, "a", "on_uncertain = \"hold\"");
        let issue = self.folder.read("issues/a.toml");
        let subject = format!("version {} to", self.version);
        let issue = issue.replace("a word to", &subject);
        self.folder.write("issues/a.toml", &issue);
    }

    /// Kills the send until it has nothing left to do, or enough have been killed.
    fn play(mut self, chance: &mut Rng, figures: &mut Figures, wanted: usize) {
        for run in 0..MOST_RUNS {
            let death = (figures.kills() < wanted).then(|| self.choose(chance));
            let mut act = self.act(chance, death.is_some());
            let (death, mut ended) = match act {
                Act::Pause | Act::Cancel => (None, self.brake(run, act, chance)),
                Act::Send | Act::Resume | Act::Correct => (death, self.send(run, act, death)),
            };
            if act == Act::Correct && ended.stderr.contains("nothing to correct") {
                // Each message that is left may have left before, so the edition stays.
                act = Act::Resume;
                ended = self.send(run, act, death);
            }
            figures.pauses += usize::from(act == Act::Pause);
            figures.corrections += usize::from(act == Act::Correct);
            let SenderExit { status, stderr } = ended;
            self.relay.wait_until_closed();
            if act == Act::Cancel && self.is("cancelled") {
                return self.end_cancelled(run, figures);
            }
            self.probe(figures, status.signal().is_some());
            match (status.signal(), death) {
                (Some(9), Some(Death::Dialogue(_))) => figures.at_exact_points += 1,
                (Some(9), Some(Death::Clock(_))) => figures.at_random_moments += 1,
                _ => match status.code() {
                    Some(75) => {}
                    Some(0 | 1) => return self.end(run, figures),
                    _ => panic!("{status}, {death:?}: {stderr}"),
                },
            }
        }
        panic!("a round without an end");
    }

    /// What comes next: a paused campaign is resumed; of the other runs some are paused, and few cancelled.
    fn act(&mut self, chance: &mut Rng, may_brake: bool) -> Act {
        if self.is("paused") {
            if chance.below(2) == 0 {
                return Act::Resume;
            }
            self.version += 1;
            self.write_issue();
            return Act::Correct;
        }
        match chance.below(40) {
            0 if may_brake => Act::Cancel,
            1..=8 if may_brake => Act::Pause,
            _ => Act::Send,
        }
    }

    fn is(&self, standing: &str) -> bool {
        let status = self.folder.run(&["status", "a"]);
        status.stdout.starts_with(&format!("a {standing}, "))
    }

    /// Starts a sender and brakes its campaign after a while, which may be before it has begun or after it has ended.
    fn brake(&self, run: usize, act: Act, chance: &mut Rng) -> SenderExit {
        let aimed = self.gun.start(&mut self.sender(run, Act::Send), None);
        let aimed = aimed.expect("the program starts");
        let millis = u64::try_from(chance.below(3 * LONGEST)).expect("a small number");
        // Chance is the point, as for a shot by the clock.
        std::thread::sleep(Duration::from_millis(millis));
        let command = match act {
            Act::Pause => &["pause", "a"][..],
            _ => &["cancel", "a", "--yes"],
        };
        let now = moment_of_run(run).to_string();
        let braked = self.folder.run_at(&now, command);
        assert!(matches!(braked.code, 0 | 2), "{}", braked.stderr);
        aimed.wait().expect("the sender was started here")
    }

    fn choose(&self, chance: &mut Rng) -> Death {
        if chance.below(2) == 0 {
            let millis = u64::try_from(1 + chance.below(LONGEST)).expect("a small number");
            return Death::Clock(Duration::from_millis(millis));
        }
        let kept = self.relay.received().len() + 1 + chance.below(FARTHEST);
        let moment = CrashPoint::OF_A_MESSAGE[chance.below(CrashPoint::OF_A_MESSAGE.len())];
        Death::Dialogue(Crash {
            kept,
            point: moment,
        })
    }

    fn sender(&self, run: usize, act: Act) -> Command {
        let mut command = self.folder.command(match act {
            Act::Resume => &["resume", "a", "--yes"],
            Act::Correct => &["resume", "a", "--corrected", "--yes"],
            Act::Send | Act::Pause | Act::Cancel => &["send", "a", "--yes"],
        });
        command.env("FRANKING_NOW", moment_of_run(run).to_string());
        command
    }

    /// Starts the sender and waits for its end, which `death` may bring.
    fn send(&self, run: usize, act: Act, death: Option<Death>) -> SenderExit {
        let mut command = self.sender(run, act);
        let shot = match death {
            Some(Death::Dialogue(shot)) => Some(shot),
            _ => None,
        };
        let aimed = self.gun.start(&mut command, shot);
        let aimed = aimed.expect("the program starts");
        if let Some(Death::Clock(time)) = death {
            // Chance is the point: most of what the program does here is no event that a test could wait for.
            std::thread::sleep(time);
            aimed.kill();
        }
        aimed.wait().expect("the sender was started here")
    }

    /// The invariants after every run, killed or not.
    fn probe(&mut self, figures: &mut Figures, is_killed: bool) {
        if let Some(database) = self.database.as_ref().filter(|_| is_killed) {
            database.bury_senders();
        }
        let copies = self.relay.copies();
        let Some(account) = self.account() else {
            assert_eq!(copies.len(), 0, "letters left before the send had begun");
            return;
        };
        let doubtful = in_data(&self.folder, self.database.as_ref());
        let bound = CONNECTIONS * self.window;
        // A run that finds its campaign paused ends before it takes over what a killed one has left.
        let is_left_over = || self.is("paused") && doubtful.is_subset(&self.foretold);
        assert!(
            is_killed || doubtful.is_empty() || is_left_over(),
            "{doubtful:?}"
        );
        assert!(doubtful.len() <= bound, "{doubtful:?}");
        figures.doubts += doubtful.len();
        let most = figures.most_doubts.entry(self.window).or_default();
        *most = doubtful.len().max(*most);
        self.foretold.extend(doubtful.iter().cloned());
        self.must_agree(&account.states, &copies);
        self.must_be_of_one_edition();
        self.must_be_listed(&account.in_state(&["in_data", "uncertain"]));
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
                "excluded" => assert!(!has_it, "{address} has it and is excluded"),
                "uncertain" if self.window == 1 => {
                    let is_known = self.foretold.contains(address) || self.weather.lost(address);
                    assert!(is_known, "{address} is in doubt without a reason");
                }
                "uncertain" => {}
                other => panic!("{address} is {other}"),
            }
        }
    }

    /// The ledger knows which edition each recipient has got.
    fn must_be_of_one_edition(&self) {
        let status = self.folder.run(&["status", "a", "--json"]);
        let report: Value = serde_json::from_str(&status.stdout).expect("JSON");
        let editions = report["editions"].as_array().expect("editions").iter();
        let subjects: BTreeMap<i64, &str> = editions
            .map(|edition| (number(&edition["number"]), word(&edition["subject"])))
            .collect();
        let rows = report["deliveries"].as_array().expect("rows").iter();
        let bound: BTreeMap<&str, &Value> = rows
            .map(|row| (word(&row["address"]), &row["edition"]))
            .collect();
        for caught in self.relay.received() {
            let text = String::from_utf8_lossy(&caught.bytes);
            let has = text
                .split("version ")
                .nth(1)
                .and_then(|rest| rest.split(' ').next());
            let subject = subjects[&number(bound[caught.recipients[0].as_str()])];
            let version = format!("version {} to", has.expect("a version in the subject"));
            assert!(
                subject.contains(&version),
                "{:?}: {version}, not {subject}",
                caught.recipients
            );
        }
    }

    /// A cancelled campaign: all other recipients are excluded, and nothing more is sent.
    fn end_cancelled(mut self, run: usize, figures: &mut Figures) {
        let now = moment_of_run(run).to_string();
        let settled = self.folder.run_at(&now, &["cancel", "a", "--yes"]);
        assert_eq!(settled.code, 0, "{}", settled.stderr);
        self.probe(figures, false);
        let account = self.account().expect("it has begun");
        let open = account.in_state(&["ready", "leased", "in_data", "deferred"]);
        assert!(open.is_empty(), "{open:?}");
        let before = self.relay.received().len();
        assert_eq!(self.folder.run_at(&now, &["send", "a", "--yes"]).code, 2);
        assert_eq!(self.relay.received().len(), before);
        figures.accepted += account.in_state(&["accepted"]).len();
        figures.refused += account.in_state(&["refused"]).len();
        figures.cancels += 1;
    }

    /// The status as text names every uncertain delivery.
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
        let account = self.account().expect("a send that has ended has begun");
        let doubts = account.in_state(&["uncertain"]);
        let copies = self.relay.copies();
        figures.held += doubts.len();
        figures.held_and_arrived += doubts.iter().filter(|a| copies.contains_key(*a)).count();
        for run in run + 1..MOST_RUNS {
            let account = self.account().expect("it has begun");
            let doubts = account.in_state(&["uncertain"]);
            if doubts.is_empty() && account.in_state(&["ready", "deferred"]).is_empty() {
                return self.must_be_whole(&account, figures);
            }
            self.resolve(&doubts);
            let SenderExit { status, stderr } = self.send(run, Act::Send, None);
            assert!(matches!(status.code(), Some(0 | 1 | 75)), "{stderr}");
            self.relay.wait_until_closed();
            self.probe(figures, false);
        }
        panic!("doubts without an end");
    }

    /// Tells the ledger what the relay has.
    fn resolve(&self, doubts: &BTreeSet<String>) {
        let copies = self.relay.copies();
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
    fn must_be_whole(&self, account: &LedgerReport, figures: &mut Figures) {
        let accepted = account.in_state(&["accepted"]);
        let refused = account.in_state(&["refused"]);
        assert_eq!(accepted.len() + refused.len(), READERS, "{account:?}");
        let served: BTreeSet<String> = self.relay.copies().into_keys().collect();
        assert_eq!(served, accepted);
        figures.accepted += accepted.len();
        figures.refused += refused.len();
    }

    /// What the ledger says; `None` where the send had not begun when its sender died.
    fn account(&self) -> Option<LedgerReport> {
        let status = self.folder.run(&["status", "a", "--json"]);
        if status.code == 2 || status.stdout.starts_with("{\"campaigns\":[]}") {
            return None;
        }
        assert_eq!(status.code, 0, "{}", status.stderr);
        let account = LedgerReport::read(&status.stdout).expect("an account");
        assert!(account.adds_up, "{}", status.stdout);
        assert_eq!(account.states.len(), READERS, "everybody has one row");
        Some(account)
    }
}

fn number(value: &Value) -> i64 {
    value.as_i64().expect("a number")
}

fn word(value: &Value) -> &str {
    value.as_str().expect("a word")
}

/// Ten minutes between two runs, so that deferred deliveries are due in between.
fn moment_of_run(run: usize) -> Timestamp {
    let first: Timestamp = "2026-11-30T08:00:00Z".parse().expect("a moment");
    first + SignedDuration::from_mins(10 * i64::try_from(run).expect("a small number"))
}

/// The fault of the relay for a recipient.
fn fault(seed: u64, address: &str) -> Fault {
    match Rng::of(seed, address, 100) {
        0..4 => Fault::Later,
        4..5 => Fault::Closing,
        5..8 => Fault::Dead,
        8..11 => Fault::LaterAtDot,
        11..14 => Fault::FullAtDot,
        14..17 => Fault::LostAtData,
        17..19 => Fault::LostInMessage,
        19..22 => Fault::LostAfterDot,
        _ => Fault::None,
    }
}
