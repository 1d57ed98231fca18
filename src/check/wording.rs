//! Words that were to be replaced before the letter goes out.

use super::Subject;
use crate::diag::{Finding, Findings};
use crate::document::Text;
use crate::issue::{Issue, SENTENCES};
use crate::language::Language;

/// Notes to oneself, in capitals as people write them.
const NOTES: [&str; 4] = ["TBD", "TBC", "FIXME", "TKTK"];
/// Notes that are also a name or a number, such as `Super Bowl XXX`: notes only where they stand alone.
const LONE_NOTES: [&str; 2] = ["TK", "XXX"];
/// Filling, in any letters. `[name]` is a merge field.
const FILLING: [&str; 2] = ["lorem ipsum", "[date]"];
/// Languages in which `todo` is an ordinary word.
const TODO_IS_A_WORD: [&str; 10] = [
    "es", "pt", "gl", "ca", "it", "ast", "an", "oc", "lad", "mwl",
];

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let passages = subject.issue.mentions.passages.iter();
    for (passage, is_word) in passages.zip(todo_is_a_word(subject.issue)) {
        for (at, word) in leftovers(passage.value(), is_word) {
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

/// For each passage, whether it may be in a language in which `todo` is an ordinary word: that of its item, or that of
/// its section or the issue.
fn todo_is_a_word(issue: &Issue) -> Vec<bool> {
    let is_word = |language: &Language| TODO_IS_A_WORD.contains(&language.primary());
    let mut words = vec![is_word(&issue.language); issue.mentions.passages.len()];
    let languages = issue.mentions.languages.iter();
    let (items, sections): (Vec<_>, Vec<_>) = languages.partition(|mention| mention.is_item);
    for mention in sections {
        words[mention.passages.clone()].fill(is_word(&mention.language));
    }
    for mention in items
        .into_iter()
        .filter(|mention| is_word(&mention.language))
    {
        words[mention.passages.clone()].fill(true);
    }
    words
}

fn leftovers(text: &str, todo_is_a_word: bool) -> Vec<(usize, &str)> {
    let is_note = |(at, word): &(usize, &str)| {
        let (before, after) = (&text[..*at], &text[at + word.len()..]);
        match *word {
            "TODO" => !todo_is_a_word && opens_sentence(before) && !continues_capitals(after),
            word if LONE_NOTES.contains(&word) => opens_sentence(before) && is_closed(after),
            word => NOTES.contains(&word),
        }
    };
    let mut found: Vec<(usize, &str)> = words(text).filter(is_note).collect();
    let lower = text.to_ascii_lowercase();
    for filling in FILLING {
        let places = lower.match_indices(filling);
        found.extend(places.map(|(at, _)| (at, &text[at..at + filling.len()])));
    }
    found.sort_unstable();
    found
}

/// Whether a word after `before` is the first of a text, a line, a sentence or a bracket; marks of Markdown do not
/// count.
fn opens_sentence(before: &str) -> bool {
    let before = before.trim_end_matches([' ', '\t', '*', '_', '#', '>', '-', '`']);
    before
        .chars()
        .next_back()
        .is_none_or(|c| matches!(c, '\n' | '.' | '!' | '?' | ':' | ';' | '…' | '(' | '['))
}

/// Whether a colon, or the end of the line or bracket, follows a word.
fn is_closed(after: &str) -> bool {
    let after = after.trim_start_matches(['.', '!', '?', '…', '*', '_', '`']);
    let after = after.trim_start_matches([' ', '\t', '\r']);
    after.is_empty() || after.starts_with([':', '\n', ')', ']'])
}

/// Whether the words in capitals go on, as in a title such as `TODO INCLUIDO`, or the word is part of a compound.
fn continues_capitals(after: &str) -> bool {
    let next = after.trim_start_matches(' ');
    let word = next.split(|c: char| !c.is_alphanumeric()).next();
    let word = word.unwrap_or_default();
    word.chars().count() > 1 && word.chars().all(char::is_uppercase)
}

/// The words of a text with their offsets.
pub(super) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let ends_word = |c: char| !c.is_alphanumeric() && !is_combining(c);
    text.split_inclusive(ends_word)
        .scan(0, move |next, piece| {
            let at = *next;
            *next += piece.len();
            Some((at, piece.trim_end_matches(ends_word)))
        })
        .filter(|(_, word)| !word.is_empty())
}

/// Whether `c` is an accent on the letter before it, as in a decomposed `MÉTODO`.
fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_found_as_words_and_filling_in_any_letters() {
        let text = "TK: ask Atkins. Lorem Ipsum, todo list. TODO";
        let found = leftovers(text, false);
        assert_eq!(found, [(0, "TK"), (16, "Lorem Ipsum"), (40, "TODO")]);
        assert!(words("é à").all(|(at, word)| "é à"[at..].starts_with(word)));
    }

    #[test]
    fn a_note_that_is_also_a_word_counts_where_it_stands_alone() {
        for text in [
            "TODO: ask",
            "Words.\n\n- TODO ask her",
            "It costs (TODO).",
            "**TODO** ask",
            "XXX",
            "XXX: who?",
            "Price: XXX.",
            "TK",
            "The date [TK]",
        ] {
            assert_eq!(leftovers(text, false).len(), 1, "{text}");
        }
        for text in [
            "¡TODO gratis!",
            "TODO INCLUIDO",
            "MÉTODO and ME\u{301}TODO",
            "TK 1938",
            "Super Bowl XXX",
            "Super Bowl XXX: the film",
            "[Name]",
        ] {
            assert_eq!(leftovers(text, false), [], "{text}");
        }
        assert_eq!(leftovers("TODO sobre el río. LO DIMOS TODO", true), []);
    }
}
