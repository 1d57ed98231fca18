//! Errors of the application layer.

use std::error::Error;
use std::fmt;

use serde::Serialize;

use crate::delivery::TransportError;
use crate::diag::Findings;
use crate::store::StoreError;
use crate::subscriber::Changed;
use crate::util::system;

/// What happened; the command line maps each kind to an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    /// The files have errors, or a person must look at something else.
    NeedsAttention,
    /// An argument, a setting or the environment is wrong.
    Usage,
    /// The ledger is damaged, missing, or not the one of the last run.
    LedgerDamaged,
    /// The relay refuses the sender, or all recipients.
    RelayRefused,
    /// Another process holds the lock.
    Locked,
    /// The ledger cannot be read or written.
    LedgerUnavailable,
    /// Work is left for a later run, or for `franking resume`.
    WorkLeft,
}

/// An error with its causes and a hint. It may carry the findings that caused it.
#[derive(Debug, Serialize)]
pub struct Failure {
    /// What happened.
    #[serde(skip)]
    pub kind: FailureKind,
    message: String,
    causes: Vec<String>,
    hint: Option<String>,
    #[serde(skip)]
    findings: Option<Box<Findings>>,
}

impl Failure {
    /// An error without cause and hint.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            causes: Vec::new(),
            hint: None,
            findings: None,
        }
    }

    /// An operation on a file, a process or a socket that failed.
    pub fn io(what: impl Into<String>, error: &std::io::Error) -> Self {
        Self::new(FailureKind::Usage, what).caused_by(error)
    }

    /// Files with errors.
    pub fn of_findings(findings: &Findings) -> Self {
        Self {
            findings: Some(Box::new(findings.clone())),
            ..Self::new(FailureKind::NeedsAttention, findings.summary())
        }
    }

    /// Adds `error` and its sources as causes.
    #[must_use]
    pub fn caused_by(mut self, error: &(dyn Error + 'static)) -> Self {
        let mut next = Some(error);
        while let Some(error) = next {
            self.causes.push(match error.downcast_ref() {
                Some(error) => system::words(error),
                None => system::without_number(&error.to_string()),
            });
            next = error.source();
        }
        self
    }

    /// Sets the hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// What is wrong, without causes.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The causes, the nearest first.
    pub fn causes(&self) -> &[String] {
        &self.causes
    }

    /// What to do about it.
    pub fn advice(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The findings that caused the error, if files have errors.
    pub fn findings(&self) -> Option<&Findings> {
        self.findings.as_deref()
    }
}

/// The message and its causes on one line.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.causes
            .iter()
            .try_for_each(|cause| write!(f, ": {cause}"))
    }
}

impl Error for Failure {}

/// A problem that does not stop the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Warning {
    /// A warning without a hint.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
        }
    }
}

impl From<Failure> for Warning {
    fn from(failure: Failure) -> Self {
        Self {
            message: failure.message,
            hint: failure.hint,
        }
    }
}

/// A result with the warnings that came up on the way.
#[derive(Debug)]
#[must_use]
pub struct Warned<T> {
    /// The result.
    pub value: T,
    /// The warnings, in the order in which they came up.
    pub warnings: Vec<Warning>,
}

impl<T> Warned<T> {
    /// A result without warnings.
    pub fn none(value: T) -> Self {
        Self {
            value,
            warnings: Vec::new(),
        }
    }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        let kind = match error {
            TransportError::Unreachable(_) | TransportError::Busy(_) => FailureKind::WorkLeft,
            TransportError::Refused(_) => FailureKind::RelayRefused,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<&StoreError> for Failure {
    fn from(error: &StoreError) -> Self {
        let (kind, hint) = advice(error);
        let failure = Self::new(kind, error.to_string()).hint(hint);
        match Error::source(error) {
            Some(cause) => failure.caused_by(cause),
            None => failure,
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::from(&error)
    }
}

/// What to do about a list that changed while it was read.
const LIST_CHANGED: &str = "nothing was sent; the same command reads it again";

impl From<Changed> for Failure {
    fn from(changed: Changed) -> Self {
        Self::new(FailureKind::WorkLeft, changed.to_string()).hint(LIST_CHANGED)
    }
}
/// The kind of an error of the store, and what the operator has to do.
fn advice(error: &StoreError) -> (FailureKind, &'static str) {
    match error {
        StoreError::Damaged(..) => (
            FailureKind::LedgerDamaged,
            "nothing was sent; restore the ledger from a backup. `franking send` with `--new-ledger` keeps a damaged file under \
             another name and begins a new ledger, and issues that were sent can be sent again",
        ),
        StoreError::NotWritable(..) => (
            FailureKind::LedgerUnavailable,
            "nothing is sent without a ledger; free some space or correct the permissions, then run the same command again",
        ),
        StoreError::NotReadable(..) => (
            FailureKind::LedgerUnavailable,
            "run the command as the user who sends, or correct the permissions",
        ),
        StoreError::Marker(..) | StoreError::MarkerDamaged(..) => (
            FailureKind::LedgerUnavailable,
            "nothing was sent; restore it from a backup, or correct the permissions",
        ),
        StoreError::Vanished(..) => (
            FailureKind::LedgerUnavailable,
            "sending stopped; restore the ledger, or its latest backup, before the next run. \
             Messages that left since the last commit are not in it: compare it with the relay's log",
        ),
        StoreError::Newer(..) => (
            FailureKind::Usage,
            "use the version that wrote it, or a newer one",
        ),
        StoreError::OutOfReach(..) => (
            FailureKind::LedgerUnavailable,
            "nothing is sent without a ledger; when the server is back, run the same command again",
        ),
        StoreError::NotAdmitted(..) => (
            FailureKind::Usage,
            "check `[store]` `url` in newsletter.toml; the password is in it or in `PGPASSWORD`",
        ),
        StoreError::NoDatabase(..) => (
            FailureKind::Usage,
            "create it with `createdb`, or correct `[store]` `url` in newsletter.toml",
        ),
        StoreError::Moved(..) => (
            FailureKind::Usage,
            "write the new store into newsletter.toml, as `[store]` `url`; this one is only a backup",
        ),
        StoreError::NotEmpty(..) => (
            FailureKind::Usage,
            "nothing was moved; name a new file or an empty database",
        ),
        StoreError::InUse(..) => (
            FailureKind::Locked,
            "nothing was moved; wait until it has ended, or one minute after it was killed",
        ),
        StoreError::OtherKey(..) => (
            FailureKind::LedgerDamaged,
            "restore `.franking/key` from a backup, or copy it from a machine that has sent before; \
             `franking send` with `--new-key` accepts another one, and unsubscribe links in mailed messages stop working",
        ),
        StoreError::ListChanged(..) => (FailureKind::WorkLeft, LIST_CHANGED),
        StoreError::OldServer(..) => (
            FailureKind::Usage,
            "use a newer server, or a file: `sqlite:.franking/store.db`",
        ),
        StoreError::Replaced => (
            FailureKind::WorkLeft,
            "messages that it had in flight may be `uncertain`; the same command continues",
        ),
        _ => (
            FailureKind::LedgerUnavailable,
            "`franking status` shows what the ledger has recorded",
        ),
    }
}
