//! Words that were to be replaced before the letter goes out.

use super::Subject;
use crate::diag::{Finding, Findings};

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
