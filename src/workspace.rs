//! From a newsletter's folder to everything that a command needs, with all that is wrong with it.

use std::iter;
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Time;

use crate::check::{self, Audience, Subject};
use crate::compile::edition::{self, Edition};
use crate::diag::Findings;
use crate::message::MessageOptions;
use crate::newsletter::config::{self, Newsletter};
use crate::newsletter::issue::{self, Issue};
use crate::newsletter::picture::Cache;
use crate::newsletter::template::{self, Template};
use crate::subscriber::{Census, List};

/// The files of a newsletter that every issue shares.
#[derive(Debug)]
pub struct Folder {
    /// The publication.
    pub publication: Newsletter,
    /// The list, which is read by whoever needs it.
    pub list: List,
    /// What is wrong with the publication.
    pub findings: Findings,
}

/// An issue, compiled.
#[derive(Debug)]
pub struct Compiled {
    /// The issue.
    pub issue: Issue,
    /// Its edition.
    pub edition: Edition,
    /// Its look.
    pub template: Template,
}

impl Compiled {
    /// The digest of its content: see [`edition::content`].
    pub fn content(&self, publication: &Newsletter) -> String {
        edition::content(&self.issue, publication, &self.template)
    }

    /// What letters bear that are not sent: the moment that the issue names, and codes that nobody accepts.
    pub fn specimen_stamp(&self, publication: &Newsletter) -> MessageOptions {
        let midnight = self.issue.date.to_datetime(Time::midnight());
        let day = publication.time_zone.to_ambiguous_timestamp(midnight);
        MessageOptions::specimen(match &self.issue.send_at {
            Some(moment) => moment.instant,
            None => day.compatible().unwrap_or(Timestamp::UNIX_EPOCH),
        })
    }
}

/// Reads the publication below `path`.
///
/// # Errors
/// Where the publication cannot be used: a folder with gaps in it, in which the faults of the other files can
/// be looked for and nothing else.
pub fn folder(path: &Path) -> Result<Folder, Box<Folder>> {
    let mut findings = Findings::new();
    let publication = config::read(path, &mut findings);
    let passages = match &publication {
        Ok(publication) => publication,
        Err(gaps) => gaps,
    };
    check::publication(passages, &mut findings);
    let with = |publication: Newsletter| Folder {
        list: List::below(path).with_declared(publication.tags.keys().cloned().collect()),
        publication,
        findings,
    };
    match publication {
        Ok(publication) => Ok(with(publication)),
        Err(gaps) => Err(Box::new(with(*gaps))),
    }
}

/// Reads, compiles and checks the issue `name` and the list; see [`issues`].
pub fn issue(
    path: &Path,
    folder: &Folder,
    name: &str,
    findings: &mut Findings,
) -> (Option<Compiled>, Census) {
    let (mut compiled, census) = issues(path, folder, &[name.to_owned()], findings);
    (compiled.pop().flatten(), census)
}

/// Reads, compiles and checks issues and the list, which is read once for all of them; see [`compile`].
pub fn issues(
    path: &Path,
    folder: &Folder,
    names: &[String],
    findings: &mut Findings,
) -> (Vec<Option<Compiled>>, Census) {
    let (each, census) = each_issue(path, folder, names, findings);
    let compiled = each.into_iter().map(|(compiled, told)| {
        findings.extend(told);
        compiled
    });
    (compiled.collect(), census)
}

/// As [`issues`], the findings of each issue apart; those of the list go into `findings`.
pub fn each_issue(
    path: &Path,
    folder: &Folder,
    names: &[String],
    findings: &mut Findings,
) -> (Vec<(Option<Compiled>, Findings)>, Census) {
    let mut of_each: Vec<Findings> = names.iter().map(|_| Findings::new()).collect();
    let compiled: Vec<_> = names
        .iter()
        .zip(&mut of_each)
        .map(|(name, findings)| compile(path, folder, name, findings))
        .collect();
    let known = || compiled.iter().flatten();
    let (census, audiences) = survey(&folder.list, known(), findings);
    let told = compiled.iter().zip(&mut of_each);
    let told = told.filter_map(|(compiled, findings)| Some((compiled.as_ref()?, findings)));
    for ((compiled, findings), audience) in told.zip(&audiences) {
        let subject = Subject {
            issue: &compiled.issue,
            template: &compiled.template,
            edition: &compiled.edition,
            census: &census,
            audience,
        };
        check::edition(&subject, findings);
        audience.report_unsendable(&folder.list, findings);
        if folder.publication.has_unread_defaults {
            const WITHOUT_DEFAULT: [&str; 2] = ["unfilled-placeholder", "unknown-placeholder"];
            findings.retain(|finding| !WITHOUT_DEFAULT.contains(&finding.code));
        }
    }
    drop(audiences);
    let of_each = of_each.into_iter().map(Findings::limited);
    (compiled.into_iter().zip(of_each).collect(), census)
}

/// Has the list pass by before the audience of each issue.
fn survey<'a>(
    list: &'a List,
    compiled: impl Iterator<Item = &'a Compiled> + Clone,
    findings: &mut Findings,
) -> (Census, Vec<Audience<'a>>) {
    let nobody = compiled.map(|one| Audience::of(&one.issue, &one.edition, list.declared()));
    let mut audiences: Vec<_> = nobody.clone().collect();
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

/// The pictures turned and resized for mail: at most two pixels of a picture for one of the column it stands in.
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

/// Reads and compiles the issue `name`, with its look.
///
/// Where the publication could not be read as far as its template, the issue's own faults are told and it is
/// not compiled: nobody knows the publication's defaults then, nor how it would look.
pub fn compile(
    path: &Path,
    folder: &Folder,
    name: &str,
    findings: &mut Findings,
) -> Option<Compiled> {
    let issue = issue::read(path, name, &folder.publication, findings);
    if folder.publication.template.is_empty() {
        return None;
    }
    let publication = &folder.publication;
    let (wanted, place) = issue.as_ref().map_or(
        (&publication.template, &publication.template_place),
        |issue| (&issue.template, &issue.template_place),
    );
    let template = template::read(path, wanted, place.as_ref(), findings);
    let mut issue = issue?;
    let mut template = template?;
    fit_pictures(path, &mut issue, &mut template, findings);
    let edition = Edition::compile(&issue, &folder.publication, &template);
    Some(Compiled {
        issue,
        edition,
        template,
    })
}
