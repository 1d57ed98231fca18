//! What was examined, line by line.

use serde::Serialize;
use serde_json::{Value, json};

use crate::diag::counted;
use crate::util::escape;
use crate::workspace::Failure;

/// How it stands with one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    Ok,
    /// A send would go, and something about it is unwise.
    Warn,
    /// A send would not go, or it is not known whether it would.
    Fail,
    /// It does not apply here.
    Skip,
}

/// One thing that was examined.
#[derive(Debug, Serialize)]
pub(super) struct Check {
    verdict: Verdict,
    name: &'static str,
    words: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl Check {
    pub(super) fn ok(name: &'static str, words: impl Into<String>) -> Self {
        Self::new(Verdict::Ok, name, words.into())
    }

    pub(super) fn warn(name: &'static str, words: impl Into<String>) -> Self {
        Self::new(Verdict::Warn, name, words.into())
    }

    pub(super) fn fail(name: &'static str, words: impl Into<String>) -> Self {
        Self::new(Verdict::Fail, name, words.into())
    }

    pub(super) fn skipped(name: &'static str, words: impl Into<String>) -> Self {
        Self::new(Verdict::Skip, name, words.into())
    }

    /// A check that was wanted and could not be made: nothing is known, and nothing is fine until it is.
    pub(super) fn unmade(name: &'static str, why: impl std::fmt::Display) -> Self {
        Self::fail(name, format!("not checked: {why}"))
    }

    /// What a send would have ended with.
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

    fn new(verdict: Verdict, name: &'static str, words: String) -> Self {
        Self {
            verdict,
            name,
            words,
            hint: None,
        }
    }

    fn line(&self) -> String {
        let verdict = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::Warn => "warn",
            Verdict::Fail => "fail",
            Verdict::Skip => "skip",
        };
        let words = escape::terminal(&self.words);
        let mut line = format!("{verdict:<4}  {:<15}  {words}\n", self.name);
        if let Some(hint) = &self.hint {
            line.push_str(&format!("      hint: {}\n", escape::terminal(hint)));
        }
        line
    }
}

/// Everything that was examined, in its order.
#[derive(Debug, Default)]
pub(super) struct Report(Vec<Check>);

impl Report {
    pub(super) fn push(&mut self, check: Check) {
        self.0.push(check);
    }

    pub(super) fn extend(&mut self, checks: Vec<Check>) {
        self.0.extend(checks);
    }

    pub(super) fn has_faults(&self) -> bool {
        self.count(Verdict::Fail) > 0
    }

    pub(super) fn has_faults_in(&self, name: &str) -> bool {
        let mut faults = self.0.iter().filter(|c| c.verdict == Verdict::Fail);
        faults.any(|check| check.name == name)
    }

    pub(super) fn lines(&self) -> String {
        self.0.iter().map(Check::line).collect()
    }

    /// `nothing is wrong`, `1 fault, 2 warnings`
    pub(super) fn summary(&self) -> String {
        let kinds = [(Verdict::Fail, "fault"), (Verdict::Warn, "warning")];
        let counts = kinds.map(|(verdict, noun)| (self.count(verdict), noun));
        let told: Vec<String> = counts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, noun)| counted(count, noun))
            .collect();
        if told.is_empty() {
            return "nothing is wrong".to_owned();
        }
        told.join(", ")
    }

    pub(super) fn json(&self) -> Value {
        json!({ "ok": !self.has_faults(), "checks": self.0 })
    }

    fn count(&self, verdict: Verdict) -> usize {
        self.0.iter().filter(|c| c.verdict == verdict).count()
    }
}
