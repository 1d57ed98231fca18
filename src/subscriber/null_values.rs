//! Texts that stand for no value: what programs export where nothing is known.

use super::Address;
use crate::placeholder;
use crate::util::characters;
use crate::util::network::is_host_name;

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

/// Why a name is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameProblem {
    /// It stands for no name.
    Nothing,
    /// It has a URL or a host name in it: who signs up with it wants it to be mailed to others.
    Link,
    /// It is longer than [`LONGEST`].
    Long,
}

/// The most characters of a name.
pub(super) const LONGEST: usize = 600;

/// What is wrong with a name in one line.
pub(super) fn flaw(name: &str, is_family_name: bool) -> Option<NameProblem> {
    if is_no_name(name, is_family_name) {
        Some(NameProblem::Nothing)
    } else if has_link(name) {
        Some(NameProblem::Link)
    } else {
        (name.len() > LONGEST && name.chars().count() > LONGEST).then_some(NameProblem::Long)
    }
}

/// Whether a URL or a host name is in a name.
fn has_link(name: &str) -> bool {
    let has_sign = name.bytes().any(|byte| matches!(byte, b'.' | b':' | b'/'));
    if !has_sign {
        return false;
    }
    let lower = name.to_lowercase();
    let is_url = ["://", "http", "www.", "xn--"]
        .iter()
        .any(|sign| lower.contains(sign));
    is_url || name.split_whitespace().any(is_host)
}

/// Whether a word is a host name, with a path or without: `heron.example`, `t.me/heron`.
fn is_host(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let (host, path) = word
        .split_once(['/', '?', ':'])
        .map_or((word, None), |(host, path)| (host, Some(path)));
    is_host_name(host) && (path.is_some() || host.find('.') != Some(1))
}

/// Whether a name stands for no name: it has no letter, is an address or an unfilled merge field, was damaged by a
/// wrong encoding, or is a word for nothing.
fn is_no_name(text: &str, is_family_name: bool) -> bool {
    let text = characters::trimmed(text);
    if FIRST_NAMES.contains(&text) || (is_family_name && text == FAMILY_NAME) {
        return false;
    }
    !text.contains(char::is_alphabetic)
        || text.contains(char::REPLACEMENT_CHARACTER)
        || (text.contains('@') && Address::parse(text).is_ok())
        || is_field(text)
        || is_merge_field(text)
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

/// Whether the whole of a name is a merge field of some program.
fn is_merge_field(text: &str) -> bool {
    let fields = placeholder::merge_fields(text, &[]);
    fields
        .first()
        .is_some_and(|field| field.at == (0..text.len()))
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
            "{first_name}",
            "[FNAME]",
            "%NAME%",
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
    fn a_link_is_no_name() {
        for text in [
            "https://heron.example/win",
            "HTTP://HERON.EXAMPLE",
            "Ada www.heron.example",
            "heron.com",
            "HERON.COM",
            "Win at t.me/heron!",
            "bit.ly/3x",
            "xn--bcher-kva.example",
        ] {
            assert_eq!(flaw(text, false), Some(NameProblem::Link), "{text}");
        }
        for text in [
            "J.R.R. Tolkien",
            "Dr.Ada Lovelace",
            "Anna.Maria",
            "J.De Vries",
            "Sammy Davis Jr.",
            "St. John",
            "M.A.",
            "Ada / Bo",
            "Ada: the first",
            "Ada @ Heron",
        ] {
            assert_eq!(flaw(text, false), None, "{text}");
        }
        assert_eq!(flaw(&"Ada ".repeat(200), false), Some(NameProblem::Long));
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
