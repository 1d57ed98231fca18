//! Words that were to be replaced before the letter goes out.

use super::Subject;
use crate::diag::{Finding, Findings};
use crate::document::Text;
use crate::issue::SENTENCES;

/// Notes to oneself, in capitals as people write them.
const NOTES: [&str; 7] = ["TODO", "TK", "TBD", "TBC", "FIXME", "XXX", "TKTK"];
/// Filling, in any letters.
const FILLING: [&str; 3] = ["lorem ipsum", "[name]", "[date]"];

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    for passage in &subject.issue.mentions.passages {
        for (at, word) in leftovers(passage.value()) {
            let message = format!("`{word}` was left in the text");
            findings.push(
                Finding::error("leftover", message).at(passage.place_of(at..at + word.len())),
            );
        }
        starter(passage, findings);
    }
}

/// Reports a sentence of the starter issue: one that fills the passage, or one that ends in a full stop and
/// stands anywhere in it.
fn starter(passage: &Text, findings: &mut Findings) {
    let text = passage.value();
    let left = |sentence: &&&str| match sentence.ends_with('.') {
        true => text.contains(**sentence),
        false => text.trim() == **sentence,
    };
    for sentence in SENTENCES.iter().filter(left) {
        let at = text.find(sentence).unwrap_or_default();
        let message = format!("`{sentence}` is text of the starter issue");
        findings.push(
            Finding::warning("starter-text", message)
                .at(passage.place_of(at..at + sentence.len()))
                .hint("replace it with your own words".to_owned()),
        );
    }
}

fn leftovers(text: &str) -> Vec<(usize, &str)> {
    let mut found: Vec<(usize, &str)> = words(text)
        .filter(|(_, word)| NOTES.contains(word))
        .collect();
    let lower = text.to_ascii_lowercase();
    for filling in FILLING {
        let places = lower.match_indices(filling);
        found.extend(places.map(|(at, _)| (at, &text[at..at + filling.len()])));
    }
    found.sort_unstable();
    found
}

/// The words of a text with their offsets.
pub(super) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let ends_word = |c: char| !c.is_alphanumeric();
    text.split_inclusive(ends_word)
        .scan(0, move |next, piece| {
            let at = *next;
            *next += piece.len();
            Some((at, piece.trim_end_matches(ends_word)))
        })
        .filter(|(_, word)| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_found_as_words_and_filling_in_any_letters() {
        let text = "TK: ask Atkins. Lorem Ipsum, todo list, TODO";
        let found = leftovers(text);
        assert_eq!(found, [(0, "TK"), (16, "Lorem Ipsum"), (40, "TODO")]);
        assert!(words("é à").all(|(at, word)| "é à"[at..].starts_with(word)));
    }
}
