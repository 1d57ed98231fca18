//! From a newsletter's folder to everything that a command needs, with all that is wrong with it.

use std::path::Path;

use crate::check;
use crate::diag::Findings;
use crate::edition::Edition;
use crate::issue::{self, Issue};
use crate::publication::{self, Publication};
use crate::reader::{List, read_list};
use crate::template;

/// The files of a newsletter that every issue shares.
#[derive(Debug)]
pub struct Folder {
    /// The publication.
    pub publication: Publication,
    /// The list.
    pub list: List,
}

/// An issue, compiled.
#[derive(Debug)]
pub struct Compiled {
    /// The issue.
    pub issue: Issue,
    /// Its edition.
    pub edition: Edition,
}

/// Reads the publication and the list of `folder`. `None` where there is no publication to speak of; the
/// findings say why.
pub fn folder(folder: &Path, findings: &mut Findings) -> Option<Folder> {
    let publication = publication::read(folder, findings);
    let list = read_list(folder, findings);
    Some(Folder {
        publication: publication?,
        list,
    })
}

/// Reads, compiles and checks the issue `name`.
pub fn issue(
    path: &Path,
    folder: &Folder,
    name: &str,
    findings: &mut Findings,
) -> Option<Compiled> {
    let issue = issue::read(path, name, &folder.publication, findings);
    let wanted = issue
        .as_ref()
        .map_or(&folder.publication.template, |issue| &issue.template);
    let template = template::read(path, wanted, findings);
    let issue = issue?;
    let edition = Edition::compile(&issue, &folder.publication, &template?);
    check::edition(&issue, &edition, &folder.list, findings);
    Some(Compiled { issue, edition })
}
