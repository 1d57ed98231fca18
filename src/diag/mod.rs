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
pub use source::{Before, Place, Position, Source};
pub use suggest::{nearest, nearest_within, one_of, resembles};

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing has to change.
    Note,
    /// Probably a mistake; the issue can still be sent.
    Warning,
    /// Nothing is sent while this stands.
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
        debug_assert_eq!(
            explain(code).map(|explanation| explanation.severity),
            Some(severity),
            "what codes.toml says of `{code}`"
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

/// How many findings of one code are kept of an issue.
pub const MOST_OF_A_CODE: usize = 50;

/// All findings of one run, over all files.
#[derive(Debug, Default, Clone)]
pub struct Findings {
    all: Vec<Finding>,
    /// The keys whose values were there and could not be read: file, begin of their table, name.
    unread: BTreeSet<(String, usize, String)>,
}

impl Findings {
    /// No findings yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        self.all.push(finding);
    }

    /// Adds one, if there is one.
    pub fn extend_some(&mut self, finding: Option<Finding>) {
        self.all.extend(finding);
    }

    /// The findings in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.all.iter()
    }

    /// Remembers that `key` of the table at `table` is there, though nothing could be made of it: what was
    /// told once is not told again as missing.
    pub fn note_unread(&mut self, table: &Place, key: &str) {
        self.unread.insert(unread(table, key));
    }

    /// Whether `key` of the table at `table` was told before as one that cannot be read.
    pub fn is_unread(&self, table: &Place, key: &str) -> bool {
        !self.unread.is_empty() && self.unread.contains(&unread(table, key))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Says of those from number `first` on who delivered the text that they are about.
    pub fn attribute(&mut self, first: usize, contributor: &str) {
        for finding in &mut self.all[first..] {
            finding.contributor = Some(contributor.into());
        }
    }

    /// Takes out the warnings and notes whose codes the publication has allowed; how many. An error is no
    /// matter of taste.
    pub fn allow(&mut self, is_allowed: impl Fn(&str) -> bool) -> usize {
        let before = self.len();
        self.all
            .retain(|f| f.severity == Severity::Error || !is_allowed(f.code));
        before - self.len()
    }

    /// Keeps the first [`MOST_OF_A_CODE`] of each code and says in one more that there are others: a slip that was
    /// pasted a thousand times is one slip.
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

    /// Keeps those of which `is_kept` is true.
    pub fn retain(&mut self, is_kept: impl Fn(&Finding) -> bool) {
        self.all.retain(is_kept);
    }

    /// Drops what was told before, in the same words at the same place: a template is looked at with every
    /// issue that is dressed in it.
    pub fn drop_repeated(&mut self) {
        let mut told = BTreeSet::new();
        self.all.retain(|finding| {
            let Some(place) = &finding.place else {
                return true;
            };
            let file = place.source().path().to_owned();
            let message = finding.message.clone();
            told.insert((file, place.offset(), finding.code, message))
        });
    }

    /// Takes over another collection.
    pub fn extend(&mut self, other: Self) {
        self.all.extend(other.all);
        self.unread.extend(other.unread);
    }

    /// Whether any of them stops a send.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// How many have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.all.iter().filter(|f| f.severity == severity).count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The findings by file and place, as a reader goes through the files.
    pub fn sorted(&self) -> Vec<&Finding> {
        let mut all: Vec<&Finding> = self.all.iter().collect();
        all.sort_by_key(|f| {
            f.place
                .as_ref()
                .map(|p| (p.source().path().to_owned(), p.offset()))
        });
        all
    }

    /// The first finding that stops a send.
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

fn unread(table: &Place, key: &str) -> (String, usize, String) {
    let file = table.source().path().to_owned();
    (file, table.offset(), key.to_owned())
}

/// `1 reader`, `2 readers`: a number with its noun, which takes an s.
pub fn counted(count: usize, noun: &str) -> String {
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{s}")
}
