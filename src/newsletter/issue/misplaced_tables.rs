//! Table headers such as `[[item]]`, which lack the name of their section.

use crate::diag::{Finding, Findings, Place};
use crate::toml_file::{Document, TomlValue};

/// The tables of a section, and their headers.
const PARTS: [(&str, &str); 6] = [
    ("item", "[[section.item]]"),
    ("exchange", "[[section.exchange]]"),
    ("guest", "[section.guest]"),
    ("image", "[section.image]"),
    ("link", "[section.link]"),
    ("authors", "[[section.authors]]"),
];

/// Reports tables of `sections` that are outside a section, and removes them from `file`.
pub(super) fn take_out(
    file: &mut Document<'_>,
    sections: &[TomlValue<'_>],
    findings: &mut Findings,
) {
    for (key, head) in PARTS {
        let Some(part) = file.take(key) else { continue };
        let place = Place::new(file.source(), head_of(&part));
        let owner = sections
            .iter()
            .rev()
            .find(|section| section.span().start < place.offset());
        // The section above it must not be reported as incomplete as well.
        if let Some(owner) = owner {
            findings.note_unread(&Place::new(file.source(), owner.span()), key);
        }
        let message = format!("`{key}` belongs in a section, not in the issue");
        let finding = Finding::error("unknown-key", message).at(place);
        findings.push(finding.hint(format!("write `{head}` below its `[[section]]`")));
    }
}

fn head_of(part: &TomlValue<'_>) -> std::ops::Range<usize> {
    let items = part.get_ref().as_array();
    let first = items.and_then(|items| items.iter().next());
    first.unwrap_or(part).span()
}
