//! The self-test: a sender is killed at every step of the SMTP dialogue, and its ledger is compared with the relay.
//!
//! Each step has a newsletter in a temporary directory, generated subscribers and a simulated relay with faults, all on this
//! machine. The sender is a process of its own, killed with SIGKILL and started again.

mod newsletter;
mod result;
mod trial;

pub use result::{SelftestReport, TrialResult};

use std::path::PathBuf;

use crate::newsletter::issue::OnUncertain;
use crate::simulator::{CrashPoint, Rng};
use crate::workspace::Failure;
use trial::{Trial, refuses_plaintext};

/// The parameters of a self-test.
#[derive(Debug, Clone)]
pub struct SelftestOptions {
    /// The program that sends.
    pub sender: PathBuf,
    /// How many recipients each send has.
    pub recipients: usize,
    /// The seed of all random choices: the same number kills at the same messages.
    pub seed: u64,
    /// The policy of the issue.
    pub on_uncertain: OnUncertain,
}

/// Where the sender is killed.
#[derive(Debug, Clone, Copy)]
struct CrashStep {
    name: &'static str,
    point: CrashPoint,
    /// How many messages are in flight.
    window: usize,
}

impl CrashStep {
    const fn new(name: &'static str, point: CrashPoint) -> Self {
        Self {
            name,
            point,
            window: 1,
        }
    }

    const fn in_window(name: &'static str, point: CrashPoint) -> Self {
        Self {
            window: 8,
            ..Self::new(name, point)
        }
    }

    /// Whether the step occurs for every message, so that one of them is chosen.
    fn is_of_a_message(self) -> bool {
        CrashPoint::OF_A_MESSAGE.contains(&self.point)
    }
}

/// Every step of the dialogue in its order; the chunks of a window last.
const STEPS: [CrashStep; 9] = [
    CrashStep::new("before EHLO", CrashPoint::BeforeHello),
    CrashStep::new("at MAIL", CrashPoint::AtMail),
    CrashStep::new("at DATA", CrashPoint::AtData),
    CrashStep::new("in the message", CrashPoint::InMessage),
    CrashStep::new("after the dot, before the reply", CrashPoint::BeforeReply),
    CrashStep::new("after the reply", CrashPoint::AfterReply),
    CrashStep::new("at QUIT", CrashPoint::AtQuit),
    CrashStep::in_window("in a window of 8, before a reply", CrashPoint::BeforeReply),
    CrashStep::in_window("in a window of 8, after a reply", CrashPoint::AfterReply),
];

/// How many sends the self-test makes.
pub const SELFTEST_SENDS: usize = STEPS.len();

/// Runs the self-test.
///
/// # Errors
/// If the sender or a relay cannot be started, or the sender ends with an unexpected error.
pub fn selftest(options: &SelftestOptions) -> Result<SelftestReport, Failure> {
    let results = run_all(options).into_iter();
    let rows = STEPS.iter().zip(results);
    let rows: Result<Vec<_>, Failure> = rows
        .map(|(step, result)| Ok((step.name, result?)))
        .collect();
    Ok(SelftestReport {
        seed: options.seed,
        recipients: options.recipients,
        rows: rows?,
        is_plaintext_refused: refuses_plaintext(options)?,
    })
}

/// Runs all steps in parallel: each has a directory and a relay of its own, and mostly waits for the disk.
fn run_all(options: &SelftestOptions) -> Vec<Result<TrialResult, Failure>> {
    std::thread::scope(|scope| {
        let run = |number: usize| {
            let mut rng = Rng::of_part(options.seed, number);
            Trial::new(options, STEPS[number], &mut rng)?.run(&mut rng)
        };
        let threads = (0..STEPS.len()).map(|number| scope.spawn(move || run(number)));
        let threads: Vec<_> = threads.collect();
        let joined = threads.into_iter().map(|thread| match thread.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.collect()
    })
}
