//! Check issues: their files, the list, copies of issues, and on request their links.

use super::schedule;
use crate::diag::{Finding, Findings};
use crate::linkcheck::{Reach, Visit, visit};
use crate::newsletter::issue::{self, IssueIdentity, LinkSource};
use crate::newsletter::template;
use crate::placeholder;
use crate::store::{Store, StoreError};
use crate::subscriber::Census;
use crate::util::escape;
use crate::workspace::{self, Compiled, Failure, Sources, Warning, Workspace};

/// The result of all checks of issues except requests to their links.
#[derive(Debug)]
pub struct CheckedIssues {
    /// The names of the issues.
    pub names: Vec<String>,
    /// All findings, including those that the newsletter allows.
    pub findings: Findings,
    /// The list.
    pub census: Census,
    /// The links that are the same for all recipients.
    pub links: Vec<LinkSource>,
    /// Warnings about the ledger.
    pub warnings: Vec<Warning>,
    /// Why the ledger cannot be read, if it cannot. A send would fail with this error.
    pub ledger_error: Option<Failure>,
}

/// Checks the issues `given` by name or file; if none are given, all issues, and files that look like one.
///
/// # Errors
/// If there is no such issue, or the campaigns of the ledger cannot be read.
pub fn check_issues(
    workspace: &Workspace,
    sources: &Sources,
    given: &[String],
) -> Result<CheckedIssues, Failure> {
    let directory = &workspace.directory;
    let names = names(given, workspace)?;
    let mut findings = sources.findings.clone();
    let (compiled, census) = workspace::issues(directory, sources, &names, &mut findings);
    let compiled: Vec<Compiled> = compiled.into_iter().flatten().collect();
    if given.is_empty() {
        issue::report_strays(directory, &mut findings);
        template::report_misnamed(directory, &mut findings);
    }
    let (store, warnings, ledger_error) = match workspace.ledger_to_read(sources) {
        Ok(found) => (found.value, found.warnings, None),
        Err(error) => (None, Vec::new(), Some(error)),
    };
    let sent = match &store {
        Some(store) => report_sent(workspace, sources, store, &compiled, &mut findings)?,
        None => Vec::new(),
    };
    report_copies(workspace, sources, &names, &sent, &mut findings);
    findings.drop_repeated();
    Ok(CheckedIssues {
        names,
        findings,
        census,
        links: compiled.into_iter().flat_map(common_links).collect(),
        warnings,
        ledger_error,
    })
}

/// Requests every link, and reports those that fail.
pub fn check_links(links: &[LinkSource], findings: &mut Findings) {
    let urls: Vec<String> = links.iter().map(|link| link.url.clone()).collect();
    for (link, visit) in links.iter().zip(visit(&urls, Reach::Public)) {
        let why = match visit {
            Visit::Found => continue,
            Visit::Status(status) => format!("the server answers {status}"),
            Visit::Failed(why) => escape::terminal(&why),
        };
        let message = format!("this link does not work: {why}");
        findings.push(Finding::warning("dead-link", message).at(link.place.clone()));
    }
}

fn names(given: &[String], workspace: &Workspace) -> Result<Vec<String>, Failure> {
    if given.is_empty() {
        return Ok(issue::names(&workspace.directory));
    }
    let names = given.iter().map(|given| workspace.issue_name(given));
    names.collect()
}

/// The links of an issue without placeholders. Personalized links are not requested.
fn common_links(compiled: Compiled) -> impl Iterator<Item = LinkSource> {
    let links = compiled.issue.source_map.links.into_iter();
    links.filter(|link| link.url.starts_with("http") && !placeholder::has_mark(&link.url))
}

/// Reports the issues that have no campaign of their own and were sent as another issue, and returns their names.
fn report_sent(
    workspace: &Workspace,
    sources: &Sources,
    store: &Store,
    issues: &[Compiled],
    findings: &mut Findings,
) -> Result<Vec<String>, StoreError> {
    let directory = &workspace.directory;
    let mut sent = Vec::new();
    for compiled in issues {
        let issue = &compiled.issue;
        if store.send_of(&issue.name)?.is_some() {
            continue;
        }
        let earlier = schedule::of_campaigns(directory, store, compiled, &sources.newsletter)?;
        if let Some(earlier) = earlier {
            findings.push(earlier.finding(&IssueIdentity::of(issue)));
            sent.push(issue.name.clone());
        }
    }
    Ok(sent)
}

/// Reports the issues among `names` that are copies of others, or have copies. Copies among `sent` are reported already.
fn report_copies(
    workspace: &Workspace,
    sources: &Sources,
    names: &[String],
    sent: &[String],
    findings: &mut Findings,
) {
    let all = issue::names(&workspace.directory);
    for copy in schedule::of_files(&workspace.directory, sources, &all) {
        let (name, original) = (&copy.head.name, &copy.original);
        let is_checked = names.contains(name) || names.contains(original);
        if is_checked && !sent.contains(name) {
            findings.push(copy.finding());
        }
    }
}
