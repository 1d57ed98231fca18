//! What can be said of an edition and its readers before anything is sent: the editor's second pair of eyes.
//!
//! Every finding points at the line where the editor wrote what it is about. Nothing here reaches out: the
//! same files give the same findings.

mod clients;
mod contrast;
mod dates;
mod head;
mod leaving;
mod links;
mod message;
mod pictures;
mod placeholders;
mod size;
mod styles;
mod wording;

pub use size::CUT;

use crate::diag::{Finding, Findings};
use crate::edition::Edition;
use crate::issue::Issue;
use crate::reader::{List, Reader, Status};
use crate::template::Template;

/// What is checked.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The issue.
    pub issue: &'a Issue,
    /// Its look.
    pub template: &'a Template,
    /// What was compiled from the two.
    pub edition: &'a Edition,
    /// Everybody who might get it.
    pub list: &'a List,
}

/// Checks everything.
pub fn edition(subject: &Subject<'_>, findings: &mut Findings) {
    let readers = selected(subject);
    audience(subject, &readers, findings);
    placeholders::check(subject, &readers, findings);
    head::check(subject, findings);
    links::check(subject, findings);
    dates::check(subject, findings);
    pictures::check(subject, findings);
    wording::check(subject, findings);
    styles::check(subject, findings);
    contrast::check(subject, findings);
    clients::check(subject, findings);
    size::check(subject, &readers, findings);
    if let Some(reader) = readers.first() {
        leaving::check(subject, reader, findings);
        message::check(subject, reader, findings);
    }
}

/// The readers who would get it.
fn selected<'a>(subject: &Subject<'a>) -> Vec<&'a Reader> {
    let issue = subject.issue;
    let readers = subject.list.readers.iter().map(|(reader, _)| reader);
    readers
        .filter(|reader| reader.status == Status::Active)
        .filter(|reader| issue.audience.selects(reader, issue.language.tag()))
        .collect()
}

fn audience(subject: &Subject<'_>, readers: &[&Reader], findings: &mut Findings) {
    if !readers.is_empty() {
        return;
    }
    let message = "the audience of this issue selects no active reader";
    findings.push(
        Finding::error("empty-audience", message)
            .at(subject.issue.audience_place.clone())
            .hint("compare the rule with the tags and attributes in subscribers.toml".to_owned()),
    );
}
