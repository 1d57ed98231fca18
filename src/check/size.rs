//! The size of the HTML part. Gmail clips it at 102,400 bytes: the rest, with the unsubscribe link, is hidden behind
//! "View entire message", and the styles are lost.

use super::Subject;
use crate::diag::{Finding, Findings, Place};
use crate::message::Sizes;

/// The size at which Gmail clips the HTML part, in bytes.
pub const CUT: usize = 102_400;
/// The size of a nearly clipped message, in bytes.
const NEAR: usize = CUT * 9 / 10;

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let Some((_, longest)) = &subject.audience.longest else {
        return;
    };
    let sizes = Sizes::of(subject.edition, longest);
    if sizes.bytes > CUT {
        let message = format!(
            "Gmail clips this message: its HTML has {} bytes of {CUT}",
            sizes.bytes
        );
        findings.push(
            Finding::error("clipped", message)
                .at(place_at(subject, &sizes, CUT))
                .hint("Gmail clips in this section; shorten the issue or link to a web page"),
        );
    } else if sizes.bytes > NEAR {
        let message = format!("the HTML has {} bytes; Gmail clips at {CUT}", sizes.bytes);
        let last = place_at(subject, &sizes, sizes.bytes);
        findings.push(Finding::warning("nearly-clipped", message).at(last));
    }
}

fn place_at(subject: &Subject<'_>, sizes: &Sizes, offset: usize) -> Option<Place> {
    let section = subject.issue.sections.get(sizes.section_at(offset)?)?;
    Some(section.place.clone())
}
