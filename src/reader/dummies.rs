//! Texts that stand for no value: what programs export where nothing is known.

use super::Address;
use crate::characters;

/// What programs write for nothing, in small letters.
const WORDS: [&str; 8] = [
    "null",
    "(null)",
    "undefined",
    "nan",
    "n/a",
    "#n/a",
    "n.a.",
    "not available",
];
/// As [`WORDS`], where a name is expected: as an attribute they may be an answer (`allergies = "none"`).
const WORDS_FOR_A_NAME: [&str; 6] = ["none", "nil", "na", "unknown", "anonymous", "no name"];
/// First names that look like a word for nothing, as people spell them.
const FIRST_NAMES: [&str; 3] = ["Na", "Nan", "Nil"];
/// A family name that looks like one.
const FAMILY_NAME: &str = "Null";
/// An attribute of these alone, such as `-` or `?`, says nothing.
const FILLERS: [char; 10] = ['-', '‐', '‑', '–', '—', '_', '.', '…', '?', '/'];

/// Whether an attribute's text stands for no value.
pub(super) fn is_no_value(text: &str) -> bool {
    let text = characters::trimmed(text);
    text.trim_matches(FILLERS).trim().is_empty() || is_field(text) || is_among(&WORDS, text)
}

/// Whether a name stands for no name: it has no letter, is an address or an unfilled merge field, was damaged by a
/// wrong encoding, or is a word for nothing.
pub(super) fn is_no_name(text: &str, is_family_name: bool) -> bool {
    let text = characters::trimmed(text);
    if FIRST_NAMES.contains(&text) || (is_family_name && text == FAMILY_NAME) {
        return false;
    }
    !text.contains(char::is_alphabetic)
        || text.contains(char::REPLACEMENT_CHARACTER)
        || (text.contains('@') && Address::parse(text).is_ok())
        || is_field(text)
        || is_among(&WORDS, text)
        || is_among(&WORDS_FOR_A_NAME, text)
}

/// Whether a program that should have filled in a value wrote its own placeholder instead.
fn is_field(text: &str) -> bool {
    let fields = [
        ("{{", "}}"),
        ("*|", "|*"),
        ("%%", "%%"),
        ("${", "}"),
        ("[[", "]]"),
    ];
    let is_whole = |(open, close): (&str, &str)| text.starts_with(open) && text.ends_with(close);
    fields.into_iter().any(is_whole)
}

fn is_among(words: &[&str], text: &str) -> bool {
    words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_for_nothing_is_no_name_and_a_name_that_looks_like_one_is() {
        for text in [
            "",
            " ",
            "\u{a0}",
            "\u{200b}",
            "-",
            ".",
            "?",
            "N/A",
            "n/a",
            "null",
            "NULL",
            "None",
            "none",
            "undefined",
            "NaN",
            "{{first_name}}",
            "*|FNAME|*",
            "ada@reed.example",
            "J\u{fffd}rgen",
        ] {
            assert!(is_no_name(text, false), "{text:?}");
        }
        for text in [
            "Ada",
            "ADA",
            "Nan",
            "Na",
            "O'Neil",
            "Ng",
            "李",
            "नीना",
            "J.",
        ] {
            assert!(!is_no_name(text, false), "{text:?}");
        }
        assert!(!is_no_name("Null", true));
    }

    #[test]
    fn an_attribute_may_be_an_answer_that_would_be_no_name() {
        for text in ["", "\u{200b}", "-", "—", "N/A", "null", "undefined"] {
            assert!(is_no_value(text), "{text:?}");
        }
        for text in ["none", "NA", "★★★", "7", "-7", "unknown"] {
            assert!(!is_no_value(text), "{text:?}");
        }
    }
}
