//! `franking selftest`: the sender is killed at every step of its dialogue, on the machine of whoever asks.
//!
//! A newsletter in a temporary folder, made-up readers and a relay with faults of its own, all on this machine. The
//! sender is this program, in a process of its own, killed with SIGKILL and started again. What its ledger says in
//! the end is held against what the relay has.

mod newsletter;
mod table;
mod trial;

use std::path::{Path, PathBuf};

use clap::Args;

use super::values;
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::simulator::{CrashPoint, Rng};
use crate::workspace::Failure;
use table::{Row, Table};
use trial::{Step, Trial};

/// What is tried, and how it is told.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// How many readers each send has.
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = values::readers)]
    readers: u32,
    /// What all chance comes from: the same number kills at the same letters.
    #[arg(long, value_name = "N", value_parser = values::seed)]
    seed: Option<u64>,
    /// What becomes of letters in doubt: held, until the relay's log is looked at, or sent again.
    #[arg(long, value_name = "POLICY", value_enum, default_value_t = OnDoubt::Hold)]
    on_uncertain: OnDoubt,
    /// Another build of this program to be tried instead of this one.
    #[arg(long, value_name = "PROGRAM")]
    sender: Option<PathBuf>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// `on_uncertain` of the issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum OnDoubt {
    Hold,
    Resend,
}

/// Every step of the dialogue, in its order; the chunks of a window last.
const STEPS: [Step; 9] = [
    Step::new("before EHLO", CrashPoint::BeforeHello),
    Step::new("at MAIL", CrashPoint::AtMail),
    Step::new("at DATA", CrashPoint::AtData),
    Step::new("in the message", CrashPoint::InMessage),
    Step::new("behind the dot, before the reply", CrashPoint::BeforeReply),
    Step::new("behind the reply", CrashPoint::AfterReply),
    Step::new("at QUIT", CrashPoint::AtQuit),
    Step::in_window("in a window of 8, before a reply", CrashPoint::BeforeReply),
    Step::in_window("in a window of 8, behind a reply", CrashPoint::AfterReply),
];

pub(super) fn execute(arguments: &Arguments) -> Result<Exit, Failure> {
    let seed = arguments.seed.unwrap_or_else(seed_of_now);
    if !arguments.json {
        let readers = arguments.readers;
        terminal::say(&format!(
            "{} sends to {readers} readers each, by a relay with faults on this machine; each sender is killed twice \
             (seed {seed})",
            STEPS.len()
        ));
    }
    let sender = match &arguments.sender {
        Some(program) => std::path::absolute(program),
        None => std::env::current_exe(),
    };
    let sender = sender.map_err(|error| Failure::io("the sender cannot be found", &error))?;
    let mut table = Table::new(seed, arguments.readers as usize);
    for (step, row) in STEPS.iter().zip(play_all(&sender, arguments, seed)) {
        table.push(step.name, row?);
    }
    table.is_plain_refused = trial::refuses_plain(&sender, arguments)?;
    if arguments.json {
        terminal::data(&format!("{}\n", table.json()));
    } else {
        terminal::data(&table.lines());
    }
    Ok(match table.is_good() {
        true => Exit::Done,
        false => Exit::Findings,
    })
}

/// All steps side by side: each has a folder and a relay of its own, and waits for the disk most of its time.
fn play_all(sender: &Path, arguments: &Arguments, seed: u64) -> Vec<Result<Row, Failure>> {
    std::thread::scope(|scope| {
        let play = |number: usize| {
            let mut chance = Rng::of_part(seed, number);
            let trial = Trial::new(sender, arguments, STEPS[number], &mut chance)?;
            trial.play(&mut chance)
        };
        let threads = (0..STEPS.len()).map(|number| scope.spawn(move || play(number)));
        let threads: Vec<_> = threads.collect();
        let joined = threads.into_iter().map(|thread| match thread.join() {
            Ok(row) => row,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.collect()
    })
}

/// Small enough to be typed.
fn seed_of_now() -> u64 {
    jiff::Timestamp::now().as_millisecond().unsigned_abs() % 1_000_000
}
