//! Texts that mean a missing value, such as `null`, in exported lists.

use super::Address;
use crate::placeholder;
use crate::util::characters;
use crate::util::network::is_host_name;

/// Words for a missing value, in lower case.
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
/// Further words for a missing name. As an attribute they may be a valid answer (`allergies = "none"`).
const WORDS_FOR_A_NAME: [&str; 6] = ["none", "nil", "na", "unknown", "anonymous", "no name"];
/// First names that look like such a word, in their usual spelling.
const FIRST_NAMES: [&str; 3] = ["Na", "Nan", "Nil"];
/// A last name that looks like such a word.
const FAMILY_NAME: &str = "Null";
/// Characters that alone mean a missing value, such as `-` or `?`.
const FILLERS: [char; 10] = ['-', '‐', '‑', '–', '—', '_', '.', '…', '?', '/'];

/// Whether the text of an attribute means a missing value.
pub(super) fn is_null_value(text: &str) -> bool {
    let text = characters::trimmed(text);
    text.trim_matches(FILLERS).trim().is_empty() || is_field(text) || is_among(&WORDS, text)
}

/// The reason why a name is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameProblem {
    /// It is not a name.
    NotAName,
    /// It contains a URL or a host name. Spammers sign up other people with such names to have their link mailed.
    Link,
    /// It is longer than [`LONGEST`].
    Long,
}

/// The maximum number of characters of a name.
pub(super) const LONGEST: usize = 600;

/// The problem of a single-line name, if any.
pub(super) fn name_problem(name: &str, is_family_name: bool) -> Option<NameProblem> {
    if is_not_a_name(name, is_family_name) {
        Some(NameProblem::NotAName)
    } else if has_link(name) {
        Some(NameProblem::Link)
    } else {
        (name.len() > LONGEST && name.chars().count() > LONGEST).then_some(NameProblem::Long)
    }
}

/// Whether a name contains a URL or a host name.
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

/// Whether a word is a host name, with or without a path: `heron.example`, `t.me/heron`.
fn is_host(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let (host, path) = word
        .split_once(['/', '?', ':'])
        .map_or((word, None), |(host, path)| (host, Some(path)));
    is_host_name(host) && (path.is_some() || host.find('.') != Some(1))
}

/// Whether a text is not a name: it has no letter, is an address or an unfilled merge field, has a damaged encoding, or
/// is a word for a missing value.
fn is_not_a_name(text: &str, is_family_name: bool) -> bool {
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

/// Whether a text is an unfilled field of an export program.
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

/// Whether the whole text is a merge field.
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
    fn a_null_value_is_not_a_name_and_a_name_that_looks_like_one_is() {
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
            assert!(is_not_a_name(text, false), "{text:?}");
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
            assert!(!is_not_a_name(text, false), "{text:?}");
        }
        assert!(!is_not_a_name("Null", true));
    }

    #[test]
    fn a_link_is_not_a_name() {
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
            assert_eq!(name_problem(text, false), Some(NameProblem::Link), "{text}");
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
            assert_eq!(name_problem(text, false), None, "{text}");
        }
        let long = "Ada ".repeat(200);
        assert_eq!(name_problem(&long, false), Some(NameProblem::Long));
    }

    #[test]
    fn an_attribute_may_be_an_answer_that_is_not_a_name() {
        for text in ["", "\u{200b}", "-", "—", "N/A", "null", "undefined"] {
            assert!(is_null_value(text), "{text:?}");
        }
        for text in ["none", "NA", "★★★", "7", "-7", "unknown"] {
            assert!(!is_null_value(text), "{text:?}");
        }
    }
}
