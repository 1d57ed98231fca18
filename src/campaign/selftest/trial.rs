//! One send whose sender is killed at a step of the dialogue, and started again until nothing is left to do.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::newsletter::{self, ISSUE};
use super::result::TrialResult;
use super::{CrashStep, SelftestOptions};
use crate::simulator::sink::AcceptAll;
use crate::simulator::{
    Crash, CrashInjector, Fault, FaultScript, LedgerReport, Rng, SenderExit, SimulatedRelay,
};
use crate::workspace::{Failure, FailureKind};

/// Exit codes of the program: done, findings, refused by the relay, work left.
const DONE: i32 = 0;
const FINDINGS: i32 = 1;
const REFUSED: i32 = 69;
const WORK_LEFT: i32 = 75;

/// How often a sender is killed.
const KILLS: usize = 2;
/// After this many runs, the sender is considered to run for ever.
const MOST_RUNS: usize = 40;

/// A newsletter, its relay, and the uncertain deliveries so far.
pub(super) struct Trial<'a> {
    sender: TrialSender<'a>,
    step: CrashStep,
    recipients: usize,
    relay: SimulatedRelay,
    script: Arc<FaultScript>,
    kills: usize,
    /// Deliveries that the ledger has reported as uncertain, each with the number of copies at the relay then.
    uncertain: BTreeSet<(String, usize)>,
}

impl<'a> Trial<'a> {
    pub(super) fn new(
        options: &'a SelftestOptions,
        step: CrashStep,
        rng: &mut Rng,
    ) -> Result<Self, Failure> {
        let recipients = options.recipients;
        let injector = Arc::new(CrashInjector::default());
        let faults = faults(recipients, rng);
        let fault_of = move |address: &str| faults.get(address).copied().unwrap_or(Fault::None);
        let script = FaultScript::new(Arc::clone(&injector), fault_of);
        let kept = Arc::clone(&injector);
        let relay =
            SimulatedRelay::serve(Arc::clone(&script), Box::new(move |count| kept.kept(count)));
        let relay = relay.map_err(|error| no_relay(&error))?;
        let smtp = smtp(relay.port, "none", step.window);
        Ok(Self {
            sender: TrialSender::new(options, &smtp, injector)?,
            step,
            recipients,
            relay,
            script,
            kills: 0,
            uncertain: BTreeSet::new(),
        })
    }

    /// Kills the sender, runs it to the end, resolves every uncertain delivery by the copies at the relay, and counts.
    pub(super) fn run(mut self, rng: &mut Rng) -> Result<TrialResult, Failure> {
        for _ in 0..KILLS {
            let crash = self.choose(rng);
            let ended = self.send(Some(crash))?;
            self.kills += usize::from(ended.status.signal() == Some(9));
        }
        loop {
            self.finish()?;
            let report = self.report()?;
            let uncertain = report.in_state(&["uncertain", "in_data"]);
            if uncertain.is_empty() {
                return Ok(self.count_all(&report));
            }
            self.resolve(&uncertain)?;
        }
    }

    fn choose(&self, rng: &mut Rng) -> Crash {
        let kept = match self.step.is_of_a_message() {
            true => self.relay.received().len() + 1 + rng.below(self.recipients / 4),
            false => 0,
        };
        let point = self.step.point;
        Crash { kept, point }
    }

    /// Runs the sender until it has nothing left to do.
    fn finish(&mut self) -> Result<(), Failure> {
        while self.send(None)?.status.code() == Some(WORK_LEFT) {}
        Ok(())
    }

    fn send(&mut self, crash: Option<Crash>) -> Result<SenderExit, Failure> {
        let ended = self.sender.send(crash)?;
        self.relay.wait_until_closed();
        self.note_uncertain();
        let code = ended.status.code();
        let expected = [DONE, FINDINGS, WORK_LEFT];
        if code.is_none_or(|code| expected.contains(&code)) {
            return Ok(ended);
        }
        let stderr = ended.stderr.lines().collect::<Vec<_>>().join("; ");
        let message = format!("the sender ended with {}: {stderr}", ended.status);
        Err(Failure::new(FailureKind::NeedsAttention, message))
    }

    fn note_uncertain(&mut self) {
        // A sender that was killed before it began has no ledger.
        let Ok(report) = self.report() else {
            return;
        };
        let copies = self.relay.copies();
        for address in report.in_state(&["uncertain", "in_data"]) {
            let count = copies.get(&address).copied().unwrap_or_default();
            self.uncertain.insert((address, count));
        }
    }

    fn report(&self) -> Result<LedgerReport, Failure> {
        let json = self.sender.run(&["status", ISSUE, "--json"])?;
        LedgerReport::read(&json).map_err(|error| {
            Failure::new(FailureKind::NeedsAttention, "the sender reports no totals")
                .caused_by(&error)
        })
    }

    /// Resolves uncertain deliveries as an operator does with the relay's log.
    fn resolve(&self, uncertain: &BTreeSet<String>) -> Result<(), Failure> {
        let copies = self.relay.copies();
        let (arrived, missing): (Vec<&str>, Vec<&str>) = uncertain
            .iter()
            .map(String::as_str)
            .partition(|address| copies.contains_key(*address));
        for (flag, addresses) in [("--arrived", arrived), ("--missing", missing)] {
            if !addresses.is_empty() {
                let words = [&["resolve", ISSUE, flag], &addresses[..]].concat();
                self.sender.run(&words)?;
            }
        }
        Ok(())
    }

    fn count_all(&self, report: &LedgerReport) -> TrialResult {
        let copies = self.relay.copies();
        let uncertain: BTreeSet<_> = self.uncertain.iter().map(|(address, _)| address).collect();
        let mut row = TrialResult {
            recipients: self.recipients,
            kills: self.kills,
            uncertain: uncertain.len(),
            ..TrialResult::default()
        };
        for number in 1..=self.recipients {
            let address = address_of(number);
            let state = report.states.get(&address).map_or("", String::as_str);
            self.count(&mut row, &address, state, &copies);
        }
        row
    }

    fn count(
        &self,
        row: &mut TrialResult,
        address: &str,
        state: &str,
        copies: &BTreeMap<String, usize>,
    ) {
        let count = copies.get(address).copied().unwrap_or_default();
        row.repeated += count.saturating_sub(1);
        // An uncertain delivery announces one further copy.
        let announced =
            (1..count).filter(|before| self.uncertain.contains(&(address.to_owned(), *before)));
        row.announced += announced.count();
        match (count, state) {
            (0, "refused") if self.script.refuses(address) => row.refused += 1,
            (0, state) => {
                row.lost += 1;
                row.falsely_sent += usize::from(state == "accepted");
            }
            _ => row.arrived += 1,
        }
    }
}

/// Whether nothing is sent to a relay whose STARTTLS was stripped by an attacker.
pub(super) fn refuses_plaintext(options: &SelftestOptions) -> Result<bool, Failure> {
    let relay =
        SimulatedRelay::serve(AcceptAll, Box::new(|_| {})).map_err(|error| no_relay(&error))?;
    let smtp = smtp(relay.port, "starttls", 1);
    let mut sender = TrialSender::new(options, &smtp, Arc::new(CrashInjector::default()))?;
    let ended = sender.send(None)?;
    relay.wait_until_closed();
    let is_refused = ended.status.code() == Some(REFUSED);
    Ok(is_refused && relay.count("MAIL") == 0)
}

/// The program that is tested, in a temporary directory.
struct TrialSender<'a> {
    options: &'a SelftestOptions,
    directory: tempfile::TempDir,
    injector: Arc<CrashInjector>,
    runs: usize,
}

impl<'a> TrialSender<'a> {
    fn new(
        options: &'a SelftestOptions,
        smtp: &str,
        injector: Arc<CrashInjector>,
    ) -> Result<Self, Failure> {
        let directory = tempfile::Builder::new()
            .prefix("franking-selftest-")
            .tempdir()
            .map_err(|error| Failure::io("no temporary directory can be created", &error))?;
        newsletter::write(
            directory.path(),
            smtp,
            options.recipients,
            options.on_uncertain,
        )?;
        Ok(Self {
            options,
            directory,
            injector,
            runs: 0,
        })
    }

    /// Runs the sender ten minutes after the last run, so that deferred deliveries are due.
    fn send(&mut self, crash: Option<Crash>) -> Result<SenderExit, Failure> {
        self.runs += 1;
        if self.runs > MOST_RUNS {
            let message = "the sender never ends";
            return Err(Failure::new(FailureKind::NeedsAttention, message));
        }
        let minutes = 10 * i64::try_from(self.runs).unwrap_or_default();
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_mins(FIRST_MINUTE + minutes);
        let mut command = self.command(&["send", ISSUE, "--yes"]);
        command.env("FRANKING_NOW", now.to_string());
        let running = self.injector.start(&mut command, crash);
        let ended = running.and_then(|sender| sender.wait());
        ended.map_err(|error| self.no_sender(&error))
    }

    /// Runs another command and returns its standard output; its exit code is ignored.
    fn run(&self, words: &[&str]) -> Result<String, Failure> {
        let mut command = self.command(words);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let output = command.output().map_err(|error| self.no_sender(&error))?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.options.sender);
        command
            .args(words)
            .current_dir(self.directory.path())
            .env_remove("CREDENTIALS_DIRECTORY")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    fn no_sender(&self, error: &std::io::Error) -> Failure {
        let what = format!("`{}` cannot be run", self.options.sender.display());
        Failure::io(what, error)
    }
}

/// 2026-11-30T08:00:00Z, the day of the issue, in minutes.
const FIRST_MINUTE: i64 = 29933760;

fn no_relay(error: &std::io::Error) -> Failure {
    Failure::io("the simulated relay cannot be started on 127.0.0.1", error)
}

/// One connection, so that the same seed kills at the same message.
fn smtp(port: u16, tls: &str, window: usize) -> String {
    format!(
        "host = \"127.0.0.1\"\nport = {port}\ntls = \"{tls}\"\nconnections = 1\nwindow = {window}"
    )
}

fn address_of(number: usize) -> String {
    format!("r{number}@reader.example")
}

/// Each fault for one recipient in forty, and for at least one.
fn faults(recipients: usize, rng: &mut Rng) -> HashMap<String, Fault> {
    let mut faults = HashMap::new();
    for _ in 0..recipients.div_ceil(40) {
        for fault in Fault::ALL {
            let mut address = address_of(1 + rng.below(recipients));
            while faults.contains_key(&address) {
                address = address_of(1 + rng.below(recipients));
            }
            faults.insert(address, fault);
        }
    }
    faults
}
