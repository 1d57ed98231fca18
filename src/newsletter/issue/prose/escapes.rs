//! Merge conflicts and character references, which are taken out before the parser reads the text.

use crate::diag::{Finding, Findings, Place};
use crate::newsletter::issue::entity;
use crate::newsletter::issue::merge_conflict::{self, MergeConflict};
use crate::placeholder::{self, Marked};
use crate::toml_file::Text;
use crate::util::characters::{self, Unwanted};
use crate::util::escape;

/// Reports merge conflicts. Their lines become blanks of the same length, because a second finding about them says
/// nothing new.
pub(super) fn refuse_conflicts(text: &Text, marked: &mut Marked, findings: &mut Findings) {
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

/// A character may be written as its number (CommonMark 0.31.2 section 2.5). One of ours would be taken for a mark
/// after the parser, and a control character would get round the look at the text. It is reported, and loses its
/// `&`: places are counted in a text that keeps its length.
pub(super) fn refuse_references(text: &Text, marked: &mut Marked, findings: &mut Findings) {
    let places: Vec<usize> = marked.text.match_indices("&#").map(|(at, _)| at).collect();
    for at in places {
        let Some(reference) = entity::numbered(&marked.text[at..]) else {
            continue;
        };
        let place = text.place_of(marked.original(at..at + reference.length));
        let Some(fault) = fault(reference.number, place) else {
            continue;
        };
        findings.push(fault);
        marked.text.replace_range(at..=at, " ");
    }
}

/// What is wrong with a reference to the character `number`. An invisible character that is written as its number is
/// meant.
fn fault(number: u32, place: Place) -> Option<Finding> {
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
        .hint("remove it".to_owned())
}
