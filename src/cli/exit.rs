//! Exit codes.

use std::process::ExitCode;

use crate::cli::terminal;
use crate::util::stdout;
use crate::workspace::{Failure, FailureKind};

/// The exit codes; those from 65 on are those of `sysexits.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Exit {
    /// The work is done.
    Done = 0,
    /// There are findings, or uncertain deliveries that need a person.
    Findings = 1,
    /// The command or a setting is wrong.
    Usage = 2,
    /// The ledger is damaged, gone, or not the one of the last run.
    Damaged = 65,
    /// The relay refuses the sender, or all recipients: nothing more is sent.
    Refused = 69,
    /// Another send holds the lock.
    Locked = 73,
    /// The ledger or standard output cannot be written.
    NotWritable = 74,
    /// Work is left: the same command resumes. A campaign that is paused or held needs `franking resume` first.
    WorkLeft = 75,
    /// The operator stopped it.
    Interrupted = 130,
}

/// The codes as `--help` lists them; `docs/operating.md` has the same table.
pub(super) const CODES: &str = "\
Exit codes:
  0    done, even if some addresses were refused; or `send --due` while another run is active
  1    findings; or uncertain deliveries or campaigns that need a decision
  2    the command or a setting is wrong
  65   the ledger is damaged, missing, or not the one of the last run; or the key is lost
  69   the relay refuses to send for this sender, or refuses all recipients
  73   another process holds the lock
  74   the ledger or standard output cannot be written
  75   deliveries are left for a later run, or the campaign is paused or held
  130  interrupted";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<FailureKind> for Exit {
    fn from(kind: FailureKind) -> Self {
        match kind {
            FailureKind::NeedsAttention => Self::Findings,
            FailureKind::Usage => Self::Usage,
            FailureKind::LedgerDamaged => Self::Damaged,
            FailureKind::RelayRefused => Self::Refused,
            FailureKind::Locked => Self::Locked,
            FailureKind::LedgerUnavailable => Self::NotWritable,
            FailureKind::WorkLeft => Self::WorkLeft,
        }
    }
}

impl Exit {
    /// The exit code after all output: output that was lost counts if nothing needs a person more.
    pub(super) fn after_output(self) -> Self {
        match self {
            Self::Done | Self::Findings if stdout::has_failed() => Self::NotWritable,
            exit => exit,
        }
    }
}

/// Prints an error and returns its exit code.
pub(super) fn report(failure: &Failure) -> Exit {
    terminal::report(failure);
    failure.kind.into()
}
