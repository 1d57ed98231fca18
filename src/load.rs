//! From a newsletter's folder to everything that a command needs, with all that is wrong with it.

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Time;

use crate::check::{self, Subject};
use crate::diag::Findings;
use crate::edition::Edition;
use crate::issue::{self, Issue};
use crate::letter::Stamp;
use crate::publication::{self, Publication};
use crate::reader::{List, read_list};
use crate::template::{self, Template};

/// The files of a newsletter that every issue shares.
#[derive(Debug)]
pub struct Folder {
    /// The publication.
    pub publication: Publication,
    /// The list.
    pub list: List,
    /// What is wrong with the two.
    pub findings: Findings,
}

/// An issue, compiled.
#[derive(Debug)]
pub struct Compiled {
    /// The issue.
    pub issue: Issue,
    /// Its edition.
    pub edition: Edition,
}

impl Compiled {
    /// What letters bear that are not sent: the moment that the issue names, and codes that nobody accepts.
    pub fn specimen_stamp(&self, publication: &Publication) -> Stamp {
        let midnight = self.issue.date.to_datetime(Time::midnight());
        let day = publication.time_zone.to_ambiguous_timestamp(midnight);
        Stamp::specimen(match &self.issue.send_at {
            Some(moment) => moment.instant,
            None => day.compatible().unwrap_or(Timestamp::UNIX_EPOCH),
        })
    }
}

/// Reads the publication and the list below `path`.
///
/// # Errors
/// Where the publication cannot be used: a folder with gaps in it, in which the faults of the other files can
/// be looked for and nothing else.
pub fn folder(path: &Path) -> Result<Folder, Box<Folder>> {
    let mut findings = Findings::new();
    let publication = publication::read(path, &mut findings);
    let list = read_list(path, &mut findings);
    let with = |publication| Folder {
        publication,
        list,
        findings,
    };
    match publication {
        Ok(publication) => Ok(with(publication)),
        Err(gaps) => Err(Box::new(with(*gaps))),
    }
}

/// Reads, compiles and checks the issue `name`; see [`compile`].
pub fn issue(
    path: &Path,
    folder: &Folder,
    name: &str,
    findings: &mut Findings,
) -> Option<Compiled> {
    let (compiled, template) = compile(path, folder, name, findings)?;
    let subject = Subject {
        issue: &compiled.issue,
        template: &template,
        edition: &compiled.edition,
        list: &folder.list,
    };
    check::edition(&subject, findings);
    Some(compiled)
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
) -> Option<(Compiled, Template)> {
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
    let issue = issue?;
    let template = template?;
    let edition = Edition::compile(&issue, &folder.publication, &template);
    Some((Compiled { issue, edition }, template))
}
