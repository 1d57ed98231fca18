//! What can be said of an edition and its readers before anything is sent: the editor's second pair of eyes.
//!
//! Every finding points at the line where the editor wrote what it is about. Nothing here reaches out: the
//! same files give the same findings.

mod audience;
mod beaten;
mod clients;
mod contrast;
mod dates;
mod deceptive;
mod head;
mod leaving;
mod links;
mod lookalike;
mod message;
mod names;
mod pictures;
mod placeholders;
mod size;
mod styles;
mod weekdays;
mod wording;
mod written_dates;

pub use audience::Audience;
pub use size::CUT;

use crate::compile::edition::Edition;
use crate::diag::Findings;
use crate::newsletter::config::Newsletter;
use crate::newsletter::issue::{Issue, report_marks};
use crate::newsletter::template::Template;
use crate::subscriber::Census;

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
    pub census: &'a Census,
    /// Those who would get it.
    pub audience: &'a Audience<'a>,
}

/// Checks the words of `newsletter.toml`: notes and filling that were left, and Markdown, which is not read there.
pub fn publication(publication: &Newsletter, findings: &mut Findings) {
    for passage in &publication.passages {
        wording::left_in(&passage.text, &publication.language, findings);
        report_marks(&passage.text, passage.end, findings);
    }
}

/// Checks everything.
pub fn edition(subject: &Subject<'_>, findings: &mut Findings) {
    // Who is missing from a broken list, and what they have, is unknown: only its own errors are reported.
    if subject.census.is_whole {
        subject.audience.check(findings);
        placeholders::check(subject, findings);
    }
    head::check(subject, findings);
    links::check(subject, findings);
    dates::check(subject, findings);
    pictures::check(subject, findings);
    wording::check(subject, findings);
    styles::check(subject, findings);
    beaten::check(subject, findings);
    contrast::check(subject, findings);
    clients::check(subject, findings);
    size::check(subject, findings);
    if let Some(reader) = &subject.audience.first {
        leaving::check(subject, reader, findings);
        message::check(subject, reader, findings);
    }
}
