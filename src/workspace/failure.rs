//! Errors of the application layer.

use std::error::Error;
use std::fmt;

use serde::Serialize;

use crate::diag::{self, Findings};
use crate::util::system::{self, DiskError};

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

    /// Adds `error` and its sources as causes. If one is an error of the disk and there is no hint yet, its hint is added.
    #[must_use]
    pub fn caused_by(mut self, error: &(dyn Error + 'static)) -> Self {
        let mut next = Some(error);
        while let Some(error) = next {
            let disk = DiskError::of(error).map(|disk| disk.hint().to_owned());
            self.hint = self.hint.or(disk);
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

    /// The error as a SARIF document of a failed run.
    pub fn sarif(&self, exit_code: u8) -> serde_json::Value {
        let none = Findings::new();
        let findings = self.findings().unwrap_or(&none);
        diag::failed_sarif(findings, &self.with_hint("\nHint: "), exit_code)
    }

    /// The error as annotations for GitHub Actions.
    pub fn github(&self) -> String {
        let findings = self.findings().map(diag::github).unwrap_or_default();
        findings + &diag::github_error(&self.with_hint("\n"))
    }

    fn with_hint(&self, before: &str) -> String {
        match &self.hint {
            Some(hint) => format!("{self}{before}{hint}"),
            None => self.to_string(),
        }
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
