//! The elements and classes of a document, to remove rules that cannot match.

use crate::newsletter::template::{Part, Selector};

/// The elements and classes of a document.
pub(super) struct UsedSelectors<'a> {
    elements: Vec<&'a str>,
    classes: Vec<&'a str>,
}

impl<'a> UsedSelectors<'a> {
    pub(super) fn of(document: &'a str) -> Self {
        let class = memchr::memmem::Finder::new(" class=\"");
        let places = class.find_iter(document.as_bytes());
        let classes = places.map(|at| &document[at + class.needle().len()..]);
        let classes = classes.filter_map(|rest| rest.split('"').next());
        let tags = memchr::memchr_iter(b'<', document.as_bytes());
        Self {
            elements: different(tags.map(|at| name_at_head(&document[at + 1..]))),
            classes: different(classes.flat_map(|classes| classes.split(' '))),
        }
    }

    /// Whether the document has every class and element that a selector names. Its other parts are not checked.
    pub(super) fn may_match(&self, selector: &Selector) -> bool {
        selector.parts.iter().all(|part| match part {
            Part::Element(name) => self.elements.contains(&name.as_str()),
            Part::Class(name) => self.classes.contains(&name.as_str()),
            _ => true,
        })
    }
}

/// The distinct names. There are a few dozen, so a linear search is faster than hashing.
fn different<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut different = Vec::new();
    for name in names {
        if !different.contains(&name) {
            different.push(name);
        }
    }
    different
}

/// The name at the head of `text`, of an element or a class.
fn name_at_head(text: &str) -> &str {
    let end = text.bytes().position(|byte| !is_name(byte));
    &text[..end.unwrap_or(text.len())]
}

/// Whatever is beyond ASCII is a part of a name.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | 128..)
}
