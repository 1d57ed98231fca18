//! Findings: what can be said about the editor's files, each with its place.
//!
//! A finding is data. Nothing here prints or decides whether to go on: a reader of files collects
//! findings until it has seen everything, and the caller looks at [`Findings::has_errors`] once.

mod codes;
mod draw;
mod report;
mod source;
mod suggest;

pub use codes::{Explanation, codes, explain};
pub use draw::draw;
pub use report::{github, json, sarif};
pub use source::{Place, Position, Source};
pub use suggest::{nearest, one_of};

use serde::Serialize;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing has to change.
    Note,
    /// Probably a mistake; the issue can still be sent.
    Warning,
    /// Nothing is sent while this stands.
    Error,
}

/// One fault or remark about a file of the newsletter's folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// How much it weighs.
    pub severity: Severity,
    /// A stable word for this sort of finding, such as `unknown-key`.
    pub code: &'static str,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where it is wrong; `None` only where no file holds the fault.
    pub place: Option<Place>,
    /// What to do about it.
    pub hint: Option<String>,
    /// A second place that belongs to the same fault, with a word about it.
    pub related: Option<Box<(Place, String)>>,
    /// Who delivered the text that it is about, and can be asked.
    pub contributor: Option<Box<str>>,
}

impl Finding {
    /// A finding that stops the send.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message.into())
    }

    /// A finding that the editor should look at.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message.into())
    }

    /// A finding of any weight.
    pub fn of(severity: Severity, code: &'static str, message: impl Into<String>) -> Self {
        Self::new(severity, code, message.into())
    }

    fn new(severity: Severity, code: &'static str, message: String) -> Self {
        debug_assert!(explain(code).is_some(), "`{code}` is not in codes.toml");
        Self {
            severity,
            code,
            message,
            place: None,
            hint: None,
            related: None,
            contributor: None,
        }
    }

    /// The same finding with its place.
    #[must_use]
    pub fn at(mut self, place: impl Into<Option<Place>>) -> Self {
        self.place = place.into();
        self
    }

    /// The same finding with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Option<String>>) -> Self {
        self.hint = hint.into();
        self
    }

    /// The same finding with a second place.
    #[must_use]
    pub fn related(mut self, place: Place, word: impl Into<String>) -> Self {
        self.related = Some(Box::new((place, word.into())));
        self
    }
}

/// All findings of one run, over all files.
#[derive(Debug, Default, Clone)]
pub struct Findings(Vec<Finding>);

impl Findings {
    /// No findings yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Says of those from number `first` on who delivered the text that they are about.
    pub fn attribute(&mut self, first: usize, contributor: &str) {
        for finding in &mut self.0[first..] {
            finding.contributor = Some(contributor.into());
        }
    }

    /// Takes out the warnings and notes whose codes the publication has allowed; how many. An error is no
    /// matter of taste.
    pub fn allow(&mut self, is_allowed: impl Fn(&str) -> bool) -> usize {
        let before = self.len();
        self.0
            .retain(|f| f.severity == Severity::Error || !is_allowed(f.code));
        before - self.len()
    }

    /// Takes over another collection.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Whether any of them stops a send.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// How many have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.0.iter().filter(|f| f.severity == severity).count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The findings by file and place, as a reader goes through the files.
    pub fn sorted(&self) -> Vec<&Finding> {
        let mut all: Vec<&Finding> = self.0.iter().collect();
        all.sort_by_key(|f| {
            f.place
                .as_ref()
                .map(|p| (p.source().path().to_owned(), p.span().start))
        });
        all
    }

    /// `2 errors, 1 warning`, or `no findings`.
    pub fn summary(&self) -> String {
        let errors = self.count(Severity::Error);
        let warnings = self.count(Severity::Warning);
        let notes = self.count(Severity::Note);
        let parts: Vec<String> = [(errors, "error"), (warnings, "warning"), (notes, "note")]
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, word)| format!("{n} {word}{}", if *n == 1 { "" } else { "s" }))
            .collect();
        if parts.is_empty() {
            "no findings".to_owned()
        } else {
            parts.join(", ")
        }
    }
}
