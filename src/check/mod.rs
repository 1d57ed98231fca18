//! What can be said of an edition and its readers before anything is sent: the editor's second pair of eyes.
//!
//! Every finding points at the line where the editor wrote what it is about. Nothing here reaches out: the
//! same files give the same findings.

mod audience;
mod client_support;
mod contrast;
mod dates;
mod deceptive_links;
mod homograph;
mod inbox_preview;
mod links;
mod message;
mod overridden;
mod pictures;
mod placeholders;
mod rule_names;
mod size;
mod style_sheet;
mod unsubscribe;
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
pub fn newsletter(newsletter: &Newsletter, findings: &mut Findings) {
    for passage in &newsletter.passages {
        wording::left_in(&passage.text, &newsletter.language, findings);
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
    inbox_preview::check(subject, findings);
    links::check(subject, findings);
    dates::check(subject, findings);
    pictures::check(subject, findings);
    wording::check(subject, findings);
    style_sheet::check(subject, findings);
    overridden::check(subject, findings);
    contrast::check(subject, findings);
    client_support::check(subject, findings);
    size::check(subject, findings);
    if let Some(reader) = &subject.audience.first {
        unsubscribe::check(subject, reader, findings);
        message::check(subject, reader, findings);
    }
}
