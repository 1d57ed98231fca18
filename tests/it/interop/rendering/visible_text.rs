//! The text of a message that is visible on the rendered page.

use serde::Deserialize;

use super::plain_text::{self, Written};
use crate::support::browser::Page;

/// What `scripts/seen.js` finds.
#[derive(Deserialize)]
pub(super) struct Seen {
    words: String,
    alternatives: Vec<String>,
    faults: Vec<String>,
    /// Where the links lead, in their order.
    pub(super) links: Vec<String>,
}

impl Seen {
    pub(super) fn on(page: &mut Page) -> Self {
        let seen = page.evaluate(include_str!("../../scripts/seen.js"));
        serde_json::from_value(seen).expect("what is seen")
    }

    /// What is there and cannot be seen, and what of `written` is not there or not in its order.
    pub(super) fn faults(&self, written: &[Written]) -> Vec<String> {
        let words = written.iter().filter_map(|one| match one {
            Written::Words(words) => Some(words.as_str()),
            Written::Picture(_) => None,
        });
        let missed = plain_text::missed(words, &self.words);
        let missed = missed.map(|words| format!("not seen: {words}"));
        self.faults.iter().cloned().chain(missed).collect()
    }

    /// The pictures of `written` without their alternative texts on the page.
    pub(super) fn mute_pictures(&self, written: &[Written]) -> Vec<String> {
        let pictures = written.iter().filter_map(|one| match one {
            Written::Picture(alt) => Some(alt),
            Written::Words(_) => None,
        });
        let mute = pictures.filter(|alt| !self.alternatives.contains(alt));
        mute.map(|alt| format!("no alternative text: {alt}"))
            .collect()
    }
}
