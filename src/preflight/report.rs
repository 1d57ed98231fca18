//! The result of the checks.

use crate::diag::counted;
use serde::Serialize;

use crate::workspace::Failure;

/// The result of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// No problem was found.
    Ok,
    /// A send would run, but there is a problem.
    Warn,
    /// A send would fail, or the result is unknown.
    Fail,
    /// The check does not apply.
    Skip,
}

/// One check.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// The result; `verdict` in JSON.
    #[serde(rename = "verdict")]
    pub status: CheckStatus,
    /// The name of the check, such as `relay`.
    pub name: &'static str,
    /// The result in words.
    pub message: String,
    /// How to fix the problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Check {
    pub(super) fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(CheckStatus::Ok, name, message.into())
    }

    pub(super) fn warn(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(CheckStatus::Warn, name, message.into())
    }

    pub(super) fn fail(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(CheckStatus::Fail, name, message.into())
    }

    pub(super) fn skipped(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(CheckStatus::Skip, name, message.into())
    }

    /// A check that could not be made. An unknown result is a failure.
    pub(super) fn not_made(name: &'static str, why: impl std::fmt::Display) -> Self {
        Self::fail(name, format!("not checked: {why}"))
    }

    /// The error with which a send would end.
    pub(super) fn failed(name: &'static str, failure: &Failure) -> Self {
        let check = Self::fail(name, failure.to_string());
        match failure.advice() {
            Some(hint) => check.hint(hint),
            None => check,
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn new(status: CheckStatus, name: &'static str, message: String) -> Self {
        Self {
            status,
            name,
            message,
            hint: None,
        }
    }
}

/// All checks, in their order.
#[derive(Debug, Default)]
pub struct PreflightReport(Vec<Check>);

impl PreflightReport {
    /// The numbers of problems: `no problems found`, or `1 failure, 2 warnings`.
    pub fn summary(&self) -> String {
        let kinds = [
            (CheckStatus::Fail, "failure"),
            (CheckStatus::Warn, "warning"),
        ];
        let counts = kinds.map(|(status, noun)| (self.count(status), noun));
        let counts = counts.into_iter().filter(|(count, _)| *count > 0);
        let counts: Vec<String> = counts.map(|(count, noun)| counted(count, noun)).collect();
        match counts.is_empty() {
            true => "no problems found".to_owned(),
            false => counts.join(", "),
        }
    }

    pub(super) fn extend(&mut self, checks: impl IntoIterator<Item = Check>) {
        self.0.extend(checks);
    }

    /// The checks.
    pub fn checks(&self) -> &[Check] {
        &self.0
    }

    /// How many checks have this result.
    pub fn count(&self, status: CheckStatus) -> usize {
        self.0.iter().filter(|check| check.status == status).count()
    }

    pub(super) fn has_failed(&self, name: &str) -> bool {
        let mut checks = self.0.iter();
        checks.any(|check| check.status == CheckStatus::Fail && check.name == name)
    }
}
