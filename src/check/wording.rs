//! Leftover notes and filler text.

use super::Subject;
use crate::diag::{Finding, Findings, Place, counted};
use crate::language::{Language, words};
use crate::newsletter::issue::{Issue, SENTENCES, code_spans};
use crate::toml_file::Text;

/// Notes in capitals that are never intended.
const NOTES: [&str; 2] = ["FIXME", "TKTK"];
/// Notes that may be intended: `Venue TBC`.
const OPEN_NOTES: [&str; 2] = ["TBD", "TBC"];
/// Languages in which `TBC` means tuberculosis. There it is a note only if it is alone.
const TBC_IS_A_WORD: [&str; 14] = [
    "de", "es", "it", "ro", "nl", "ca", "gl", "pt", "hu", "hr", "sr", "sl", "bs", "cs",
];
/// Notes that may be a name or a number, such as `Super Bowl XXX`. They are notes only if alone.
const LONE_NOTES: [&str; 2] = ["TK", "XXX"];
/// Filler text, in any case. `[name]` is a merge field.
const FILLING: [&str; 2] = ["lorem ipsum", "[date]"];
/// Languages in which `todo` is an ordinary word.
const TODO_IS_A_WORD: [&str; 10] = [
    "es", "pt", "gl", "ca", "it", "ast", "an", "oc", "lad", "mwl",
];

/// A leftover in a text.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Left<'a> {
    at: usize,
    word: &'a str,
    /// Whether it is certainly a leftover.
    is_certain: bool,
}

/// The notes that are ordinary words in the language of a passage.
#[derive(Clone, Copy, Default)]
struct Ordinary {
    todo: bool,
    tbc: bool,
}

impl Ordinary {
    fn of(language: &Language) -> Self {
        Self {
            todo: TODO_IS_A_WORD.contains(&language.primary()),
            tbc: TBC_IS_A_WORD.contains(&language.primary()),
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            todo: self.todo || other.todo,
            tbc: self.tbc || other.tbc,
        }
    }
}

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let passages = &subject.issue.source_map.passages;
    for (passage, ordinary) in passages.iter().zip(ordinary_words(subject.issue)) {
        report(passage, ordinary, findings);
    }
    let left: Vec<(&str, Place)> = passages.iter().flat_map(starter_sentences).collect();
    findings.extend_some(starter(&left));
}

/// Reports notes and filler text in a text of another file than an issue, in the language `language`.
pub(super) fn left_in(text: &Text, language: &Language, findings: &mut Findings) {
    report(text, Ordinary::of(language), findings);
}

fn report(text: &Text, ordinary: Ordinary, findings: &mut Findings) {
    for left in leftovers(text.value(), ordinary) {
        let place = text.place_of(left.at..left.at + left.word.len());
        findings.push(finding(&left).at(place));
    }
}

fn finding(left: &Left<'_>) -> Finding {
    let word = left.word;
    if left.is_certain {
        return Finding::error("leftover", format!("`{word}` was left in the text"))
            .hint("write the missing text");
    }
    let message = format!("`{word}` may have been left in the text");
    Finding::warning("possible-leftover", message).hint(
        "write the missing text; if the word is intended, allow `possible-leftover` in `[check]`",
    )
}

/// The sentences of the starter issue in a passage: one that is the whole passage, or one with a full stop anywhere in
/// it.
fn starter_sentences(passage: &Text) -> impl Iterator<Item = (&'static str, Place)> {
    let text = passage.value();
    let left = |sentence: &&str| match sentence.ends_with('.') {
        true => text.contains(*sentence),
        false => text.trim() == *sentence,
    };
    SENTENCES.into_iter().filter(left).map(|sentence| {
        let at = text.find(sentence).unwrap_or_default();
        (sentence, passage.place_of(at..at + sentence.len()))
    })
}

/// The finding about all sentences of the starter issue that are left, at the first.
fn starter(left: &[(&str, Place)]) -> Option<Finding> {
    let ((sentence, place), others) = left.split_first()?;
    let message = match others.len() {
        0 => format!("`{sentence}` is text of the starter issue"),
        count => format!(
            "`{sentence}` and {} are text of the starter issue",
            counted(count, "other passage")
        ),
    };
    let finding = Finding::warning("starter-text", message).at(place.clone());
    Some(finding.hint("write your own text"))
}

/// For each passage, the notes that are ordinary words in the language of its item, its section or the issue.
fn ordinary_words(issue: &Issue) -> Vec<Ordinary> {
    let mut words = vec![Ordinary::of(&issue.language); issue.source_map.passages.len()];
    let languages = issue.source_map.languages.iter();
    let (items, sections): (Vec<_>, Vec<_>) = languages.partition(|mention| mention.is_item);
    for mention in sections {
        words[mention.passages.clone()].fill(Ordinary::of(&mention.language));
    }
    for mention in items {
        for word in &mut words[mention.passages.clone()] {
            *word = word.or(Ordinary::of(&mention.language));
        }
    }
    words
}

/// The leftovers of a text in its order, except those in code.
fn leftovers(text: &str, ordinary: Ordinary) -> Vec<Left<'_>> {
    let mut found: Vec<Left<'_>> = notes(text, ordinary).collect();
    let lower = text.to_ascii_lowercase();
    for filling in FILLING {
        let places = lower.match_indices(filling);
        found.extend(places.map(|(at, _)| Left {
            at,
            word: &text[at..at + filling.len()],
            is_certain: true,
        }));
    }
    if !found.is_empty() {
        let code = code_spans(text);
        let is_code = |at: usize| {
            let next = code.partition_point(|span| span.end <= at);
            code.get(next).is_some_and(|span| span.contains(&at))
        };
        found.retain(|left| !is_code(left.at));
    }
    found.sort_unstable();
    found
}

fn notes(text: &str, ordinary: Ordinary) -> impl Iterator<Item = Left<'_>> {
    words(text).filter_map(move |(at, word)| {
        let (before, rest) = text.split_at(at);
        let (word, after) = rest.split_at(word.len());
        let is_certain = certainty(before, word, after, ordinary)?;
        Some(Left {
            at,
            word,
            is_certain,
        })
    })
}

/// Whether the word between two texts is certainly a note; `None` if it is an ordinary word.
fn certainty(before: &str, word: &str, after: &str, ordinary: Ordinary) -> Option<bool> {
    if is_compound(after) {
        return None;
    }
    let is_alone = || opens_sentence(before) && is_closed(after) && !is_short_for(before, word);
    match word {
        "TODO" if ordinary.todo => {
            (opens_sentence(before) && after.starts_with(':')).then_some(false)
        }
        "TODO" => (opens_sentence(before) && !continues_capitals(after)).then_some(true),
        "TBC" if ordinary.tbc => is_alone().then_some(false),
        word if LONE_NOTES.contains(&word) => is_alone().then_some(false),
        word if OPEN_NOTES.contains(&word) => (!is_short_for(before, word)).then_some(false),
        word => NOTES.contains(&word).then_some(true),
    }
}

/// Whether a hyphen joins the word before `after` to another one, as in `TBC-Impfung`.
pub(super) fn is_compound(after: &str) -> bool {
    let rest = after.strip_prefix(['-', '\u{2010}', '\u{2011}']);
    rest.is_some_and(|rest| rest.starts_with(char::is_alphabetic))
}

/// Whether `word` in brackets consists of the initials of the words before it: `Techniker Krankenkasse (TK)`.
fn is_short_for(before: &str, word: &str) -> bool {
    let Some(before) = before.trim_end_matches(['*', '_']).strip_suffix('(') else {
        return false;
    };
    let last: Vec<(usize, &str)> = words(before).collect();
    let last = &last[last.len().saturating_sub(word.len())..];
    let initials = last.iter().filter_map(|(_, word)| word.chars().next());
    let initials: String = initials.flat_map(char::to_uppercase).collect();
    let is_tuberculosis = last
        .last()
        .is_some_and(|(_, word)| word.to_lowercase().starts_with("tuber"));
    initials == word || word == "TBC" && is_tuberculosis
}

/// Whether a word after `before` is the first in a text, a line, a sentence or brackets, apart from Markdown.
fn opens_sentence(before: &str) -> bool {
    let before = before.trim_end_matches([' ', '\t', '*', '_', '#', '>', '-', '`']);
    before
        .chars()
        .next_back()
        .is_none_or(|c| matches!(c, '\n' | '.' | '!' | '?' | ':' | ';' | '…' | '(' | '['))
}

/// Whether a word is followed by a colon, or by the end of its line or brackets.
fn is_closed(after: &str) -> bool {
    let after = after.trim_start_matches(['.', '!', '?', '…', '*', '_', '`']);
    let after = after.trim_start_matches([' ', '\t', '\r']);
    after.is_empty() || after.starts_with([':', '\n', ')', ']'])
}

/// Whether another word in capitals follows, as in `TODO INCLUIDO`.
fn continues_capitals(after: &str) -> bool {
    let next = after.trim_start_matches(' ');
    let word = next.split(|c: char| !c.is_alphanumeric()).next();
    let word = word.unwrap_or_default();
    word.chars().count() > 1 && word.chars().all(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_found_as_words_and_filling_in_any_letters() {
        let text = "TK: ask Atkins. Lorem Ipsum, todo list. TODO";
        let found = leftovers(text, Ordinary::default());
        let found: Vec<_> = found.iter().map(|left| (left.at, left.word)).collect();
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
            assert_eq!(leftovers(text, Ordinary::default()).len(), 1, "{text}");
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
            assert_eq!(leftovers(text, Ordinary::default()), [], "{text}");
        }
        let spanish = Ordinary {
            todo: true,
            tbc: true,
        };
        let text = "TODO sobre el río. LO DIMOS TODO";
        assert_eq!(leftovers(text, spanish), []);
    }
}
