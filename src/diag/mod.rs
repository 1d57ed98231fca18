//! Findings: diagnostics about the editor's files, each with its location.
//!
//! Findings are data. Nothing here prints or decides whether to continue: a reader collects findings until the end of
//! its file, and the caller checks [`Findings::has_errors`] once.

mod codes;
mod draw;
mod report;
mod source;
mod suggest;

pub use codes::{Explanation, codes, explain};
pub use draw::draw;
pub use report::{failed_sarif, github, github_error, json, sarif};
pub use source::{ChunkStart, Place, Position, Source};
pub use suggest::{did_you_mean, nearest, nearest_within, one_of, resembles};

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// The severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Information; nothing has to change.
    Note,
    /// A probable mistake; the issue can be sent.
    Warning,
    /// An error, which prevents sending.
    Error,
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// A diagnostic about a file of the newsletter.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The severity.
    pub severity: Severity,
    /// The code, such as `unknown-key`; codes never change.
    pub code: &'static str,
    /// The message: one sentence without a full stop.
    pub message: String,
    /// The location; `None` if the problem is in no file.
    pub place: Option<Place>,
    /// How to fix it.
    pub hint: Option<String>,
    /// A related location with its label.
    pub related: Option<Box<(Place, String)>>,
    /// The contributor of the text, who can be asked.
    pub contributor: Option<Box<str>>,
}

impl Finding {
    /// A finding that prevents sending.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message.into())
    }

    /// A finding that the editor should check.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message.into())
    }

    /// A finding of any severity.
    pub fn of(severity: Severity, code: &'static str, message: impl Into<String>) -> Self {
        Self::new(severity, code, message.into())
    }

    fn new(severity: Severity, code: &'static str, message: String) -> Self {
        debug_assert_eq!(
            explain(code).map(|explanation| explanation.severity),
            Some(severity),
            "codes.toml has another severity for `{code}`"
        );
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

    /// Sets the location.
    #[must_use]
    pub fn at(mut self, place: impl Into<Option<Place>>) -> Self {
        self.place = place.into();
        self
    }

    /// Sets the hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Hint>) -> Self {
        self.hint = hint.into().0;
        self
    }

    /// Sets the related location.
    #[must_use]
    pub fn related(mut self, place: Place, word: impl Into<String>) -> Self {
        self.related = Some(Box::new((place, word.into())));
        self
    }
}

/// A hint, or none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint(Option<String>);

impl From<&str> for Hint {
    fn from(hint: &str) -> Self {
        Self(Some(hint.to_owned()))
    }
}

impl From<String> for Hint {
    fn from(hint: String) -> Self {
        Self(Some(hint))
    }
}

impl From<Option<String>> for Hint {
    fn from(hint: Option<String>) -> Self {
        Self(hint)
    }
}

/// The limit of findings of one code in an issue.
pub const MOST_OF_A_CODE: usize = 50;

/// All findings of one run, over all files.
///
/// # Examples
///
/// ```
/// use franking::Findings;
/// use franking::diag::Finding;
///
/// let mut findings = Findings::new();
/// findings.push(Finding::warning("long-subject", "the subject has 90 characters"));
/// assert!(!findings.has_errors());
/// ```
#[derive(Debug, Default, Clone)]
pub struct Findings {
    all: Vec<Finding>,
    /// The keys with unreadable values: file, offset of their table, name.
    unread: BTreeSet<(String, usize, String)>,
}

impl Findings {
    /// An empty collection.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a finding.
    pub fn push(&mut self, finding: Finding) {
        self.all.push(finding);
    }

    /// Adds a finding, if there is one.
    pub fn extend_some(&mut self, finding: Option<Finding>) {
        self.all.extend(finding);
    }

    /// The findings in the order of their addition.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.all.iter()
    }

    /// Records that the value of `key` in the table at `table` could not be read, so that the key is not reported as
    /// missing.
    pub fn note_unread(&mut self, table: &Place, key: &str) {
        self.unread.insert(unread(table, key));
    }

    /// Whether the value of `key` in the table at `table` was reported as unreadable.
    pub fn is_unread(&self, table: &Place, key: &str) -> bool {
        !self.unread.is_empty() && self.unread.contains(&unread(table, key))
    }

    /// The number of findings.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Sets the contributor of the findings from number `first` on.
    pub fn attribute(&mut self, first: usize, contributor: &str) {
        for finding in &mut self.all[first..] {
            finding.contributor = Some(contributor.into());
        }
    }

    /// Removes the warnings and notes whose codes the newsletter allows; returns their number. Errors cannot be
    /// allowed.
    pub fn allow(&mut self, is_allowed: impl Fn(&str) -> bool) -> usize {
        let before = self.len();
        self.all
            .retain(|f| f.severity == Severity::Error || !is_allowed(f.code));
        before - self.len()
    }

    /// Keeps the first [`MOST_OF_A_CODE`] findings of each code, and adds one with the number of the others: a mistake
    /// that was pasted a thousand times is one mistake.
    #[must_use]
    pub fn limited(self) -> Self {
        let mut totals: BTreeMap<&'static str, usize> = BTreeMap::new();
        for finding in &self.all {
            *totals.entry(finding.code).or_default() += 1;
        }
        let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
        let mut limited = Self {
            all: Vec::new(),
            unread: self.unread,
        };
        for mut finding in self.all {
            let count = counts.entry(finding.code).or_default();
            *count += 1;
            if *count == MOST_OF_A_CODE + 1 {
                let more = totals[finding.code] - MOST_OF_A_CODE;
                finding.message = format!("{more} more findings of this kind are not shown");
                finding.hint = None;
                finding.related = None;
            }
            if *count <= MOST_OF_A_CODE + 1 {
                limited.all.push(finding);
            }
        }
        limited
    }

    /// Keeps the findings for which `is_kept` is true.
    pub fn retain(&mut self, is_kept: impl Fn(&Finding) -> bool) {
        self.all.retain(is_kept);
    }

    /// Drops findings with the same message and location as an earlier one: a template is checked with every issue that
    /// uses it.
    pub fn drop_repeated(&mut self) {
        let mut seen = BTreeSet::new();
        self.all.retain(|finding| {
            let Some(place) = &finding.place else {
                return true;
            };
            seen.insert((location(place), finding.code, finding.message.clone()))
        });
    }

    /// Adds another collection.
    pub fn extend(&mut self, other: Self) {
        self.all.extend(other.all);
        self.unread.extend(other.unread);
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// Whether one of them is an error at `place`.
    pub fn has_error_at(&self, place: Option<&Place>) -> bool {
        let is_error_there =
            |one: &Finding| one.severity == Severity::Error && one.place.as_ref() == place;
        self.all.iter().any(is_error_there)
    }

    /// The number of findings with this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.all.iter().filter(|f| f.severity == severity).count()
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The findings sorted by file and location.
    pub fn sorted(&self) -> Vec<&Finding> {
        let mut all: Vec<&Finding> = self.all.iter().collect();
        all.sort_by_key(|finding| finding.place.as_ref().map(location));
        all
    }

    /// The first error.
    pub fn first_error(&self) -> Option<&Finding> {
        self.all
            .iter()
            .find(|finding| finding.severity == Severity::Error)
    }

    /// `2 errors, 1 warning`, or `no findings`.
    pub fn summary(&self) -> String {
        let errors = self.count(Severity::Error);
        let warnings = self.count(Severity::Warning);
        let notes = self.count(Severity::Note);
        let parts: Vec<String> = [(errors, "error"), (warnings, "warning"), (notes, "note")]
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, word)| counted(*n, word))
            .collect();
        if parts.is_empty() {
            "no findings".to_owned()
        } else {
            parts.join(", ")
        }
    }
}

/// The file and the offset in it, which order the places of several files.
fn location(place: &Place) -> (String, usize) {
    (place.source().path().to_owned(), place.offset())
}

fn unread(table: &Place, key: &str) -> (String, usize, String) {
    let (file, offset) = location(table);
    (file, offset, key.to_owned())
}

/// A number with its noun, which gets a plural s: `1 recipient`, `2 recipients`.
pub fn counted(count: usize, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}
