//! Reading a newsletter directory: settings, list, issues and templates, with the findings about them.

use std::iter;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Time;

use super::stored_list::ListInStore;
use crate::check::{self, Audience, Subject};
use crate::compile::edition::{self, Edition};
use crate::diag::{Finding, Findings, Severity};
use crate::message::MessageOptions;
use crate::newsletter::config::{self, ListLocation, Newsletter};
use crate::newsletter::issue::{self, Issue};
use crate::newsletter::picture::Cache;
use crate::newsletter::template::{self, Template};
use crate::subscriber::{Census, FILE as LIST_FILE, List};

/// The files of a newsletter that every issue shares.
#[derive(Debug)]
pub struct Sources {
    /// The settings.
    pub newsletter: Newsletter,
    /// The list. It is read when it is needed, one subscriber at a time.
    pub list: List,
    /// The findings about the settings.
    pub findings: Findings,
}

/// An issue, compiled.
#[derive(Debug)]
pub struct Compiled {
    /// The issue.
    pub issue: Issue,
    /// Its edition.
    pub edition: Edition,
    /// Its template.
    pub template: Template,
}

impl Compiled {
    /// The digest of its content: see [`edition::content`].
    pub fn content(&self, newsletter: &Newsletter) -> String {
        edition::content(&self.issue, newsletter, &self.template)
    }

    /// The options of a message that is not sent: the date that the issue names, and unsubscribe links that do not work.
    pub fn specimen_options(&self, newsletter: &Newsletter) -> MessageOptions {
        let midnight = self.issue.date.to_datetime(Time::midnight());
        let day = newsletter.time_zone.to_ambiguous_timestamp(midnight);
        MessageOptions::specimen(match &self.issue.send_at {
            Some(moment) => moment.instant,
            None => day.compatible().unwrap_or(Timestamp::UNIX_EPOCH),
        })
    }
}

/// Reads the settings in the directory `path`.
///
/// # Errors
/// When the settings have errors: the returned sources have gaps and only serve to check the other files.
pub fn read(path: &Path) -> Result<Sources, Box<Sources>> {
    let mut findings = Findings::new();
    let newsletter = config::read(path, &mut findings);
    let passages = match &newsletter {
        Ok(newsletter) => newsletter,
        Err(gaps) => gaps,
    };
    check::newsletter(passages, &mut findings);
    let with = |newsletter: Newsletter| Sources {
        list: list(path, &newsletter),
        newsletter,
        findings,
    };
    match newsletter {
        Ok(newsletter) => Ok(with(newsletter)),
        Err(gaps) => Err(Box::new(with(*gaps))),
    }
}

/// The list that `[list]` names; nothing is read yet.
fn list(path: &Path, newsletter: &Newsletter) -> List {
    let list = match newsletter.list {
        ListLocation::File => List::below(path),
        ListLocation::Store => {
            List::stored(Arc::new(ListInStore::new(newsletter.store.clone(), path)))
        }
    };
    list.with_declared(newsletter.tags.keys().cloned().collect())
}

/// The note about a file of the list that is not read, because the list is in the store.
pub(super) fn unused_list(path: &Path, newsletter: &Newsletter) -> Option<Finding> {
    let is_unused = newsletter.list == ListLocation::Store && path.join(LIST_FILE).exists();
    let message = format!("the list is in the store; {LIST_FILE} is not read");
    is_unused.then(|| {
        Finding::of(Severity::Note, "unused-list", message).hint(format!(
            "move {LIST_FILE} away, or remove `[list]` `source` from newsletter.toml to use the file"
        ))
    })
}

/// Reads, compiles and checks the issue `name` and the list; see [`issues`].
pub fn issue(
    path: &Path,
    sources: &Sources,
    name: &str,
    findings: &mut Findings,
) -> (Option<Compiled>, Census) {
    let (mut compiled, census) = issues(path, sources, &[name.to_owned()], findings);
    (compiled.pop().flatten(), census)
}

/// Reads, compiles and checks issues and the list, which is read once for all of them; see [`compile`].
pub fn issues(
    path: &Path,
    sources: &Sources,
    names: &[String],
    findings: &mut Findings,
) -> (Vec<Option<Compiled>>, Census) {
    let (each, census) = each_issue(path, sources, names, findings);
    let compiled = each.into_iter().map(|(compiled, told)| {
        findings.extend(told);
        compiled
    });
    (compiled.collect(), census)
}

/// As [`issues`], the findings of each issue apart; those of the list go into `findings`.
pub fn each_issue(
    path: &Path,
    sources: &Sources,
    names: &[String],
    findings: &mut Findings,
) -> (Vec<(Option<Compiled>, Findings)>, Census) {
    let mut findings_of_each: Vec<Findings> = names.iter().map(|_| Findings::new()).collect();
    let compiled: Vec<_> = names
        .iter()
        .zip(&mut findings_of_each)
        .map(|(name, findings)| compile(path, sources, name, findings))
        .collect();
    let known = || compiled.iter().flatten();
    let (census, audiences) = survey(&sources.list, known(), findings);
    let checked = compiled.iter().zip(&mut findings_of_each);
    let checked = checked.filter_map(|(compiled, findings)| Some((compiled.as_ref()?, findings)));
    for ((compiled, findings), audience) in checked.zip(&audiences) {
        let subject = Subject {
            issue: &compiled.issue,
            template: &compiled.template,
            edition: &compiled.edition,
            census: &census,
            audience,
        };
        check::edition(&subject, findings);
        audience.report_unsendable(&sources.list, findings);
        if sources.newsletter.has_unread_defaults {
            const WITHOUT_DEFAULT: [&str; 2] = ["unfilled-placeholder", "unknown-placeholder"];
            findings.retain(|finding| !WITHOUT_DEFAULT.contains(&finding.code));
        }
    }
    drop(audiences);
    let findings_of_each = findings_of_each.into_iter().map(Findings::limited);
    (compiled.into_iter().zip(findings_of_each).collect(), census)
}

/// Reads the list once and counts the audience of each issue.
fn survey<'a>(
    list: &'a List,
    compiled: impl Iterator<Item = &'a Compiled> + Clone,
    findings: &mut Findings,
) -> (Census, Vec<Audience<'a>>) {
    let nobody = compiled.map(|one| Audience::of(&one.issue, &one.edition, list.declared()));
    let mut audiences: Vec<_> = nobody.clone().collect();
    if let Some(census) = survey_stored(list, &mut audiences, findings) {
        return (census, audiences);
    }
    let mut readers = list.read();
    for reader in readers.by_ref() {
        audiences.iter_mut().for_each(|one| one.see(&reader));
    }
    let Some(census) = readers.end(findings) else {
        return (Census::default(), nobody.collect());
    };
    if !census.repeated.is_empty() {
        // Only now the strictest status of each mailbox is known.
        audiences = nobody.collect();
        for reader in list.read_again(&census).filter_map(Result::ok) {
            audiences.iter_mut().for_each(|one| one.see(&reader));
        }
    }
    (census, audiences)
}

/// Answers the questions about each audience from a list in the store. `None` if the list is in a file.
fn survey_stored(
    list: &List,
    audiences: &mut [Audience<'_>],
    findings: &mut Findings,
) -> Option<Census> {
    let questions: Vec<_> = audiences.iter().map(Audience::question).collect();
    let census = list.survey(&questions, findings, &mut |number, reader| {
        audiences[number].see(reader);
    })?;
    if audiences.iter().any(Audience::has_unknown_names) {
        // Each name on the list may be the one that was meant.
        for reader in list.read() {
            audiences.iter_mut().for_each(|one| one.see_names(&reader));
        }
    }
    Some(census)
}

/// Rotates and resizes the pictures for mail: at most two pixels for each pixel of their column.
fn fit_pictures(path: &Path, issue: &mut Issue, template: &mut Template, findings: &mut Findings) {
    let cache = Cache::of(path);
    let widest = template.width * 2;
    for (number, file) in issue.pictures.iter_mut().enumerate() {
        if let Err(finding) = file.fit(widest, &cache) {
            let shown = issue
                .source_map
                .pictures
                .iter()
                .find(|shown| shown.file == number);
            findings.push(finding.at(shown.map(|shown| shown.src_place.clone())));
        }
    }
    let logo = template.logo.iter_mut();
    for file in logo.flat_map(|logo| iter::once(&mut logo.file).chain(&mut logo.dark)) {
        if let Err(finding) = file.fit(widest, &cache) {
            findings.push(finding);
        }
    }
}

/// Reads and compiles the issue `name` with its template.
///
/// If the settings could not be read as far as the template, the findings of the issue are reported and it is not
/// compiled, because the defaults are unknown.
pub fn compile(
    path: &Path,
    sources: &Sources,
    name: &str,
    findings: &mut Findings,
) -> Option<Compiled> {
    let issue = issue::read(path, name, &sources.newsletter, findings);
    if sources.newsletter.template.is_empty() {
        return None;
    }
    let newsletter = &sources.newsletter;
    let (wanted, place) = issue.as_ref().map_or(
        (&newsletter.template, &newsletter.template_place),
        |issue| (&issue.template, &issue.template_place),
    );
    let template = template::read(path, wanted, place.as_ref(), findings);
    let mut issue = issue?;
    let mut template = template?;
    fit_pictures(path, &mut issue, &mut template, findings);
    let edition = Edition::compile(&issue, &sources.newsletter, &template);
    Some(Compiled {
        issue,
        edition,
        template,
    })
}
