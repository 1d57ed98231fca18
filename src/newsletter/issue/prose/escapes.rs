//! Merge conflicts and numeric character references, which are removed before parsing.

use crate::diag::{Finding, Findings, Place};
use crate::newsletter::issue::entity;
use crate::newsletter::issue::merge_conflict::{self, MergeConflict};
use crate::placeholder::{self, MarkedPlaceholder};
use crate::toml_file::Text;
use crate::util::characters::{self, Unwanted};
use crate::util::escape;

/// Reports merge conflicts. Their lines become spaces of the same length, so that no other finding is about them.
pub(super) fn refuse_conflicts(
    text: &Text,
    marked: &mut MarkedPlaceholder,
    findings: &mut Findings,
) {
    for found in merge_conflict::of(&marked.text) {
        if let Some(first) = found.lines.first() {
            let place = text.place_of(marked.original(first.clone()));
            findings.push(MergeConflict::finding(place));
        }
        for line in found.lines {
            let blanks = " ".repeat(line.len());
            marked.text.replace_range(line, &blanks);
        }
    }
}

/// Reports numeric character references (CommonMark 0.31.2 section 2.5) to characters that a text must not contain: a
/// private one would be read as a mark, and a control character would bypass the check of the text. Each loses its `&`,
/// which keeps the length of the text and so the locations.
pub(super) fn refuse_references(
    text: &Text,
    marked: &mut MarkedPlaceholder,
    findings: &mut Findings,
) {
    let places: Vec<usize> = marked.text.match_indices("&#").map(|(at, _)| at).collect();
    for at in places {
        let Some(reference) = entity::numbered(&marked.text[at..]) else {
            continue;
        };
        let place = text.place_of(marked.original(at..at + reference.length));
        let Some(finding) = reference_finding(reference.number, place) else {
            continue;
        };
        findings.push(finding);
        marked.text.replace_range(at..=at, " ");
    }
}

/// The finding about a reference to the character `number`. References to invisible characters are intended.
fn reference_finding(number: u32, place: Place) -> Option<Finding> {
    let Some(c) = char::from_u32(number) else {
        let message = format!("this is not the number of a character (U+{number:04X})");
        return Some(broken(message, place));
    };
    match characters::unwanted(c.encode_utf8(&mut [0; 4])).next() {
        Some((_, _, Unwanted::Invisible)) => None,
        Some((_, c, why)) => {
            let message = format!(
                "this is the number of {} (U+{:04X})",
                why.name(),
                u32::from(c)
            );
            Some(broken(message, place))
        }
        None => escape::is_private(c).then(|| placeholder::private(c, place)),
    }
}

fn broken(message: String, place: Place) -> Finding {
    Finding::error("broken-character", message)
        .at(place)
        .hint("remove it")
}
