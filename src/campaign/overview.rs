//! The issues and what can be done with each: the list of `franking send` without a name.

use std::fmt;

use super::schedule::{self, Progress};
use super::status::progress;
use crate::diag::{Findings, Severity, counted};
use crate::newsletter::issue::{self, ZonedTime};
use crate::store::{Store, StoreError, Totals};
use crate::util::escape;
use crate::workspace::{self, Compiled, Failure, Sources, Workspace};

/// An issue or a campaign, and what can be done with it.
#[derive(Debug)]
pub struct IssueOverview {
    /// The issue's name.
    pub name: String,
    /// What can be done with it.
    pub state: IssueState,
}

/// What can be done with an issue.
#[derive(Debug)]
pub enum IssueState {
    /// Its campaign has begun, or is finished or cancelled.
    Begun(Progress, Totals),
    /// It can be sent.
    Ready,
    /// It is to be sent at this time, which is in the future.
    Scheduled(ZonedTime),
    /// The same content was sent as the issue with this name.
    SentAs(String),
    /// Its files, the settings or the list have this many errors.
    HasErrors(usize),
}

impl IssueState {
    /// The position in the list: unfinished campaigns first, and last what is sent.
    fn rank(&self) -> u8 {
        match self {
            Self::Begun(Progress::Sent | Progress::Cancelled, _) => 5,
            Self::Begun(..) => 0,
            Self::Ready => 1,
            Self::Scheduled(_) => 2,
            Self::HasErrors(_) => 3,
            Self::SentAs(_) => 4,
        }
    }

    /// Whether it is a campaign with work left.
    pub fn is_unfinished(&self) -> bool {
        self.rank() == 0
    }
}

/// `ready`, `scheduled for 2026-11-30T09:00:00 CET`, `stopped, 12 of 25 accepted`
impl fmt::Display for IssueState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begun(progress, totals) => {
                let (accepted, all) = (totals.accepted, totals.recipients());
                write!(f, "{}, {accepted} of {all} accepted", progress.as_str())?;
                match totals.uncertain {
                    0 => Ok(()),
                    uncertain => write!(f, ", {uncertain} uncertain"),
                }
            }
            Self::Ready => f.write_str("ready"),
            Self::Scheduled(at) => write!(f, "scheduled for {} {}", at.local, at.zone),
            Self::SentAs(other) => write!(f, "sent as `{}`", escape::terminal(other)),
            Self::HasErrors(count) => f.write_str(&counted(*count, "error")),
        }
    }
}

/// All issues and campaigns: unfinished campaigns first, then issues that can be sent, issues that cannot, and finished
/// campaigns. Rehearsals are not included.
///
/// # Errors
/// If the ledger cannot be read.
pub fn overview(
    workspace: &Workspace,
    sources: &Sources,
    store: Option<&Store>,
) -> Result<Vec<IssueOverview>, Failure> {
    let mut rows = Vec::new();
    let mut names = issue::names(&workspace.directory);
    if let Some(store) = store {
        for send in store.sends()? {
            names.retain(|name| *name != send.issue);
            let totals = workspace.totals(store, &send, sources)?;
            let progress = progress(store, &send, &totals, sources, workspace)?;
            rows.push(IssueOverview {
                state: IssueState::Begun(progress, totals),
                name: send.issue,
            });
        }
    }
    rows.extend(not_begun(workspace, sources, store, &names)?);
    rows.sort_by(|a, b| (a.state.rank(), &a.name).cmp(&(b.state.rank(), &b.name)));
    Ok(rows)
}

fn not_begun(
    workspace: &Workspace,
    sources: &Sources,
    store: Option<&Store>,
    names: &[String],
) -> Result<Vec<IssueOverview>, StoreError> {
    let mut shared = sources.findings.clone();
    let (each, _) = workspace::each_issue(&workspace.directory, sources, names, &mut shared);
    let shared = errors(shared, sources);
    let rows = names.iter().zip(each).map(|(name, (compiled, findings))| {
        let errors = shared + errors(findings, sources);
        let state = match compiled {
            Some(compiled) if errors == 0 => unsent(workspace, sources, store, &compiled)?,
            _ => IssueState::HasErrors(errors),
        };
        let name = name.clone();
        Ok(IssueOverview { name, state })
    });
    rows.collect()
}

/// The number of errors that `[check] allow` does not allow.
fn errors(mut findings: Findings, sources: &Sources) -> usize {
    findings.allow(|code| sources.newsletter.allow.contains_key(code));
    findings.count(Severity::Error)
}

/// The state of an issue without errors that has no campaign of its own.
fn unsent(
    workspace: &Workspace,
    sources: &Sources,
    store: Option<&Store>,
    compiled: &Compiled,
) -> Result<IssueState, StoreError> {
    if let Some(store) = store {
        let directory = &workspace.directory;
        let newsletter = &sources.newsletter;
        if let Some(earlier) = schedule::of_campaigns(directory, store, compiled, newsletter)? {
            return Ok(IssueState::SentAs(earlier.send.issue));
        }
    }
    Ok(match &compiled.issue.send_at {
        Some(at) if at.instant > workspace.now => IssueState::Scheduled(at.clone()),
        _ => IssueState::Ready,
    })
}
