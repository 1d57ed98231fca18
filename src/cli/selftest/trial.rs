//! One send whose sender is killed at a step of the dialogue, and goes on until there is nothing left to do.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::Arguments;
use super::newsletter::{self, ISSUE};
use super::table::Row;
use crate::cli::exit::Exit;
use crate::simulator::sink::AcceptAll;
use crate::simulator::{
    Crash, CrashInjector, CrashPoint, Fault, FaultScript, LedgerReport, Rng, SenderExit,
    SimulatedRelay,
};
use crate::workspace::{Failure, FailureKind};

/// How often a sender is killed.
const KILLS: usize = 2;
/// More runs than this would mean that it never ends.
const MOST_RUNS: usize = 40;

/// Where the sender is killed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) name: &'static str,
    moment: CrashPoint,
    /// How many letters are on their way at once.
    window: usize,
}

impl Step {
    pub(super) const fn new(name: &'static str, moment: CrashPoint) -> Self {
        let window = 1;
        Self {
            name,
            moment,
            window,
        }
    }

    pub(super) const fn in_window(name: &'static str, moment: CrashPoint) -> Self {
        let window = 8;
        Self {
            name,
            moment,
            window,
        }
    }

    /// Whether it comes again with every letter, so that there is one to be chosen.
    fn is_of_a_letter(self) -> bool {
        CrashPoint::OF_A_MESSAGE.contains(&self.moment)
    }
}

/// A newsletter, its relay, and what its ledger has said so far.
pub(super) struct Trial<'a> {
    sender: Sender<'a>,
    step: Step,
    readers: usize,
    relay: SimulatedRelay,
    weather: Arc<FaultScript>,
    kills: usize,
    /// Of whom the ledger has said that nobody can know, and how many letters were there then.
    doubted: BTreeSet<(String, usize)>,
}

impl<'a> Trial<'a> {
    pub(super) fn new(
        program: &'a Path,
        arguments: &Arguments,
        step: Step,
        chance: &mut Rng,
    ) -> Result<Self, Failure> {
        let readers = arguments.readers as usize;
        let gun = Arc::new(CrashInjector::default());
        let faults = faults(readers, chance);
        let forecast = move |address: &str| faults.get(address).copied().unwrap_or(Fault::None);
        let weather = FaultScript::new(Arc::clone(&gun), forecast);
        let ears = Arc::clone(&gun);
        let relay = SimulatedRelay::serve(
            Arc::clone(&weather),
            Box::new(move |count| ears.kept(count)),
        );
        let relay = relay.map_err(|error| no_relay(&error))?;
        let smtp = smtp(relay.port, "none", step.window);
        Ok(Self {
            sender: Sender::new(program, arguments, &smtp, gun)?,
            step,
            readers,
            relay,
            weather,
            kills: 0,
            doubted: BTreeSet::new(),
        })
    }

    /// Kills the sender, lets it go on, looks up every doubt in what the relay has, and adds up.
    pub(super) fn play(mut self, chance: &mut Rng) -> Result<Row, Failure> {
        for _ in 0..KILLS {
            let shot = self.choose(chance);
            let ended = self.run(Some(shot))?;
            self.kills += usize::from(ended.status.signal() == Some(9));
        }
        loop {
            self.go_on()?;
            let account = self.account()?;
            let doubts = account.in_state(&["uncertain", "in_data"]);
            if doubts.is_empty() {
                return Ok(self.add_up(&account));
            }
            self.look_up(&doubts)?;
        }
    }

    fn choose(&self, chance: &mut Rng) -> Crash {
        let kept = match self.step.is_of_a_letter() {
            true => self.relay.caught().len() + 1 + chance.below(self.readers / 4),
            false => 0,
        };
        let moment = self.step.moment;
        Crash { kept, moment }
    }

    /// Runs the sender until it has nothing left to do.
    fn go_on(&mut self) -> Result<(), Failure> {
        while self.run(None)?.status.code() == Some(Exit::WorkLeft as i32) {}
        Ok(())
    }

    fn run(&mut self, shot: Option<Crash>) -> Result<SenderExit, Failure> {
        let ended = self.sender.send(shot)?;
        self.relay.wait_until_closed();
        self.hear_doubts();
        let code = ended.status.code();
        let known = [Exit::Done, Exit::Findings, Exit::WorkLeft].map(|exit| exit as i32);
        if code.is_none_or(|code| known.contains(&code)) {
            return Ok(ended);
        }
        let said = ended.said.lines().collect::<Vec<_>>().join("; ");
        let message = format!("the sender ended with {}: {said}", ended.status);
        Err(Failure::new(FailureKind::NeedsAttention, message))
    }

    fn hear_doubts(&mut self) {
        // A sender that was killed before it began has no account.
        let Ok(account) = self.account() else {
            return;
        };
        let copies = self.relay.copies();
        for address in account.in_state(&["uncertain", "in_data"]) {
            let count = copies.get(&address).copied().unwrap_or_default();
            self.doubted.insert((address, count));
        }
    }

    fn account(&self) -> Result<LedgerReport, Failure> {
        let said = self.sender.ask(&["status", ISSUE, "--json"])?;
        LedgerReport::read(&said).map_err(|error| {
            Failure::new(FailureKind::NeedsAttention, "the sender gives no account")
                .caused_by(&error)
        })
    }

    /// What a person does about doubts: looks into the relay's log, and tells the ledger.
    fn look_up(&self, doubts: &BTreeSet<String>) -> Result<(), Failure> {
        let copies = self.relay.copies();
        let (arrived, missing): (Vec<&str>, Vec<&str>) = doubts
            .iter()
            .map(String::as_str)
            .partition(|address| copies.contains_key(*address));
        for (flag, addresses) in [("--arrived", arrived), ("--missing", missing)] {
            if !addresses.is_empty() {
                let words = [&["resolve", ISSUE, flag], &addresses[..]].concat();
                self.sender.ask(&words)?;
            }
        }
        Ok(())
    }

    fn add_up(&self, account: &LedgerReport) -> Row {
        let copies = self.relay.copies();
        let mut row = Row {
            readers: self.readers,
            kills: self.kills,
            uncertain: self
                .doubted
                .iter()
                .map(|(address, _)| address)
                .collect::<BTreeSet<_>>()
                .len(),
            ..Row::default()
        };
        for number in 1..=self.readers {
            let address = address_of(number);
            let state = account.states.get(&address).map_or("", String::as_str);
            self.count(&mut row, &address, state, &copies);
        }
        row
    }

    fn count(&self, row: &mut Row, address: &str, state: &str, copies: &BTreeMap<String, usize>) {
        let count = copies.get(address).copied().unwrap_or_default();
        row.repeated += count.saturating_sub(1);
        // A doubt foretells the one letter that follows.
        let foretold =
            (1..count).filter(|before| self.doubted.contains(&(address.to_owned(), *before)));
        row.foretold += foretold.count();
        match (count, state) {
            (0, "refused") if self.weather.refuses(address) => row.refused += 1,
            (0, state) => {
                row.lost += 1;
                row.falsely_sent += usize::from(state == "accepted");
            }
            _ => row.arrived += 1,
        }
    }
}

/// Whether nothing is sent to a relay from whose words somebody has taken STARTTLS.
pub(super) fn refuses_plain(program: &Path, arguments: &Arguments) -> Result<bool, Failure> {
    let relay =
        SimulatedRelay::serve(AcceptAll, Box::new(|_| {})).map_err(|error| no_relay(&error))?;
    let smtp = smtp(relay.port, "starttls", 1);
    let mut sender = Sender::new(
        program,
        arguments,
        &smtp,
        Arc::new(CrashInjector::default()),
    )?;
    let ended = sender.send(None)?;
    relay.wait_until_closed();
    let is_refused = ended.status.code() == Some(Exit::Refused as i32);
    Ok(is_refused && relay.count("MAIL") == 0)
}

/// The program that is tried, in a folder that ends with this value.
struct Sender<'a> {
    program: &'a Path,
    folder: tempfile::TempDir,
    gun: Arc<CrashInjector>,
    runs: usize,
}

impl<'a> Sender<'a> {
    fn new(
        program: &'a Path,
        arguments: &Arguments,
        smtp: &str,
        gun: Arc<CrashInjector>,
    ) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new()
            .prefix("franking-selftest-")
            .tempdir()
            .map_err(|error| Failure::io("no temporary folder can be made", &error))?;
        let readers = arguments.readers as usize;
        newsletter::write(folder.path(), smtp, readers, arguments.on_uncertain)?;
        Ok(Self {
            program,
            folder,
            gun,
            runs: 0,
        })
    }

    /// Ten minutes behind the last run, so that what was told to come back has fallen due.
    fn send(&mut self, shot: Option<Crash>) -> Result<SenderExit, Failure> {
        self.runs += 1;
        if self.runs > MOST_RUNS {
            return Err(Failure::new(
                FailureKind::NeedsAttention,
                "the sender never ends",
            ));
        }
        let minutes = 10 * i64::try_from(self.runs).unwrap_or_default();
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(FIRST_MINUTE + minutes);
        let mut command = self.command(&["send", ISSUE, "--yes"]);
        command.env("FRANKING_NOW", now.to_string());
        let aimed = self.gun.start(&mut command, shot);
        let ended = aimed.and_then(|aimed| aimed.wait());
        ended.map_err(|error| self.no_sender(&error))
    }

    /// What it prints to `words`, whether or not it likes them.
    fn ask(&self, words: &[&str]) -> Result<String, Failure> {
        let mut command = self.command(words);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let output = command.output().map_err(|error| self.no_sender(&error))?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(self.program);
        command
            .args(words)
            .current_dir(self.folder.path())
            .env_remove("CREDENTIALS_DIRECTORY")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    fn no_sender(&self, error: &std::io::Error) -> Failure {
        Failure::io(format!("`{}` cannot be run", self.program.display()), error)
    }
}

/// 2026-11-30T08:00:00Z, the day of the issue, in minutes.
const FIRST_MINUTE: i64 = 29933760;

fn no_relay(error: &std::io::Error) -> Failure {
    Failure::io("no relay can be started on 127.0.0.1", error)
}

/// One connection, so that the same seed kills at the same letter.
fn smtp(port: u16, tls: &str, window: usize) -> String {
    format!(
        "host = \"127.0.0.1\"\nport = {port}\ntls = \"{tls}\"\nconnections = 1\nwindow = {window}"
    )
}

fn address_of(number: usize) -> String {
    format!("r{number}@reader.example")
}

/// Each fault for one reader, or for one in forty.
fn faults(readers: usize, chance: &mut Rng) -> HashMap<String, Fault> {
    let mut faults = HashMap::new();
    for _ in 0..readers.div_ceil(40) {
        for fault in Fault::ALL {
            let mut address = address_of(1 + chance.below(readers));
            while faults.contains_key(&address) {
                address = address_of(1 + chance.below(readers));
            }
            faults.insert(address, fault);
        }
    }
    faults
}
