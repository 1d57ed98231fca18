//! Subject and preheader, which an inbox shows.

use super::Subject;
use crate::diag::{Finding, Findings, Place};
use crate::placeholder;

/// The longest subject in characters. Phones show 35 to 45, desktop clients about 70.
const LONGEST_SUBJECT: usize = 75;
/// The longest preheader in characters. No inbox shows more.
const LONGEST_PREHEADER: usize = 140;
/// The largest number of acronyms in a subject. More short words in capitals are a sentence.
const MOST_ACRONYMS: usize = 5;
/// Acronyms of more than four letters.
const LONG_ACRONYMS: [&str; 11] = [
    "UNESCO", "UNICEF", "UNHCR", "UNFCCC", "UNCTAD", "UNAIDS", "ASEAN", "COVID", "BRICS",
    "FRONTEX", "CITES",
];
/// Short words that are not acronyms.
const SHORT_WORDS: [&str; 66] = [
    "THE", "A", "AN", "AND", "OR", "OF", "FOR", "TO", "IN", "ON", "AT", "BY", "IS", "ARE", "YOU",
    "YOUR", "OUR", "ALL", "NOW", "NEW", "NEWS", "NOT", "NO", "GET", "BUY", "FREE", "SALE", "LAST",
    "CALL", "WIN", "OUT", "OFF", "ONE", "TWO", "JOIN", "SAVE", "OPEN", "MORE", "HELP", "READ",
    "ONLY", "DAY", "DAYS", "LEFT", "DER", "DIE", "DAS", "UND", "NUR", "WIR", "MIT", "FÜR", "NEU",
    "LE", "LA", "LES", "ET", "POUR", "VOUS", "EL", "LOS", "POR", "CON", "YA", "IL", "PER",
];

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let words = subject.issue.subject.as_str();
    let length = placeholder::typical_length(words);
    if length > LONGEST_SUBJECT {
        let message = format!("the subject has {length} characters");
        findings.push(
            warning("long-subject", message, subject_place(subject))
                .hint("inboxes cut it after 35 to 75 characters; put the important words first"),
        );
    }
    if is_shouted(words) {
        let message = "the subject is in capitals".to_owned();
        findings.push(
            warning("shouted-subject", message, subject_place(subject))
                .hint("write it as a sentence: capitals look like shouting and raise spam scores"),
        );
    }
    preheader(subject, findings);
}

fn preheader(subject: &Subject<'_>, findings: &mut Findings) {
    let Some(words) = &subject.issue.preheader else {
        let message = "this issue has no `preheader`".to_owned();
        findings.push(
            warning("missing-preheader", message, subject_place(subject))
                .hint("without a preheader, inboxes show the first words of the masthead"),
        );
        return;
    };
    let place = subject.issue.source_map.preheader.as_ref();
    if words.to_lowercase() == subject.issue.subject.to_lowercase() {
        let message = "the preheader repeats the subject".to_owned();
        findings.push(warning("preheader-repeats", message, place));
    }
    let length = placeholder::typical_length(words);
    if length > LONGEST_PREHEADER {
        let message = format!("the preheader has {length} characters");
        findings.push(
            warning("long-preheader", message, place)
                .hint(format!("no inbox shows more than {LONGEST_PREHEADER}")),
        );
    }
}

fn subject_place<'a>(subject: &Subject<'a>) -> Option<&'a Place> {
    subject.issue.source_map.subject.as_ref()
}

fn warning(code: &'static str, message: String, place: Option<&Place>) -> Finding {
    Finding::warning(code, message).at(place.cloned())
}

/// Whether a subject of eight or more letters has only capitals, unless all its words are acronyms.
fn is_shouted(words: &str) -> bool {
    let letters: Vec<char> = words.chars().filter(|c| c.is_alphabetic()).collect();
    letters.len() >= 8
        && letters.iter().all(|c| !c.is_lowercase())
        && letters.iter().any(|c| c.is_uppercase())
        && !are_acronyms(words)
}

/// Whether there are only a few words, and all may be acronyms: `NATO, EU & UN`.
fn are_acronyms(words: &str) -> bool {
    let words: Vec<&str> = words
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.contains(char::is_alphabetic))
        .collect();
    words.len() <= MOST_ACRONYMS && words.into_iter().all(is_acronym)
}

/// Whether a word in capitals is an acronym: a known long one, or a short word that is not an ordinary one.
fn is_acronym(word: &str) -> bool {
    let is_short = word.chars().filter(|c| c.is_alphabetic()).count() <= 4;
    LONG_ACRONYMS.contains(&word) || is_short && !SHORT_WORDS.contains(&word)
}
