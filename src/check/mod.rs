//! Checks an edition and its recipients before sending.
//!
//! Every finding has the location of its cause in the editor's files. The checks use no network, so the same files
//! always produce the same findings.

mod audience;
mod client_support;
mod contrast;
mod dates;
mod deceptive_links;
mod homograph;
mod inbox_preview;
mod issue_date;
mod links;
mod message;
mod overridden;
mod pictures;
mod placeholders;
mod rule_names;
mod size;
mod style_sheet;
mod theme;
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

/// The input of the checks.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The issue.
    pub issue: &'a Issue,
    /// Its template.
    pub template: &'a Template,
    /// The edition compiled from both.
    pub edition: &'a Edition,
    /// The values and tags of the whole list.
    pub census: &'a Census,
    /// The recipients.
    pub audience: &'a Audience<'a>,
}

/// Checks the texts of `newsletter.toml`: leftover notes and filler text, and Markdown, which is not supported there.
pub fn newsletter(newsletter: &Newsletter, findings: &mut Findings) {
    for passage in &newsletter.passages {
        wording::left_in(&passage.text, &newsletter.language, findings);
        report_marks(&passage.text, passage.end, findings);
    }
}

/// Checks an edition.
pub fn edition(subject: &Subject<'_>, findings: &mut Findings) {
    // A list with errors may lack subscribers and values, so findings about missing ones would be unreliable.
    if subject.census.is_whole {
        subject.audience.check(findings);
        placeholders::check(subject, findings);
    }
    inbox_preview::check(subject, findings);
    links::check(subject, findings);
    dates::check(subject, findings);
    pictures::check(subject, findings);
    wording::check(subject, findings);
    theme::check(subject, findings);
    style_sheet::check(subject, findings);
    overridden::check(subject, findings);
    contrast::check(subject, findings);
    client_support::check(subject, findings);
    size::check(subject, findings);
    if let Some(recipient) = &subject.audience.first {
        unsubscribe::check(subject, recipient, findings);
        message::check(subject, recipient, findings);
    }
}
