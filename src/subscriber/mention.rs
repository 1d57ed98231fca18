//! Where a text mentions an address or a name as a whole: `nada@fen.example` does not mention `ada@fen.example`.

use std::ops::Range;

/// Suffixes of files that may follow an address: `ada@fen.example.csv` is a file, not an address below `example.csv`.
const FILE_SUFFIXES: [&str; 14] = [
    "csv", "tsv", "txt", "json", "jsonl", "toml", "xls", "xlsx", "ods", "eml", "log", "pdf",
    "html", "gz",
];

/// A text in lower case in which each character keeps its place.
pub fn fold(text: &str) -> String {
    let small = |c: char| {
        let mut lower = c.to_lowercase();
        match (lower.next(), lower.next()) {
            (Some(small), None) if small.len_utf8() == c.len_utf8() => small,
            _ => c,
        }
    };
    text.chars().map(small).collect()
}

/// The places of an address in a text, both folded, where it is not a part of a longer address.
pub fn addresses<'a>(
    text: &'a str,
    address: &'a str,
) -> impl Iterator<Item = Range<usize>> + use<'a> {
    let found = text.match_indices(address);
    found
        .map(|(at, part)| at..at + part.len())
        .filter(|place| !begins_before(&text[..place.start]) && !ends_after(&text[place.end..]))
}

/// The places of a word in a text, both folded, where it is neither a part of a longer word nor a local part.
pub fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = Range<usize>> + use<'a> {
    let found = text.match_indices(word);
    found
        .map(|(at, part)| at..at + part.len())
        .filter(|place| is_apart(text, place) && !text[place.end..].starts_with('@'))
}

/// The places of a name of several words in a text, all folded. Any number of blanks or marks may separate the words.
pub fn names<'a>(
    text: &'a str,
    name: &'a [String],
) -> impl Iterator<Item = Range<usize>> + use<'a> {
    let first = name.first().map(String::as_str).unwrap_or_default();
    let begins = text.match_indices(first).filter(move |_| !first.is_empty());
    begins
        .filter_map(|(at, _)| Some(at..text.len() - after_name(&text[at..], name)?.len()))
        .filter(|place| is_apart(text, place))
}

/// The rest of a text that begins with a name.
fn after_name<'a>(text: &'a str, name: &[String]) -> Option<&'a str> {
    let mut rest = text;
    for (number, word) in name.iter().enumerate() {
        let next = rest.trim_start_matches(|c: char| c.is_whitespace() || ",_-.+".contains(c));
        if number > 0 && next.len() == rest.len() {
            return None;
        }
        rest = next.strip_prefix(word.as_str())?;
    }
    Some(rest)
}

/// Whether no letter or digit stands beside a place.
fn is_apart(text: &str, place: &Range<usize>) -> bool {
    let before = text[..place.start].chars().next_back();
    let after = text[place.end..].chars().next();
    ![before, after]
        .into_iter()
        .flatten()
        .any(char::is_alphanumeric)
}

/// Whether an address begins before the end of this text.
fn begins_before(text: &str) -> bool {
    let mut before = text.chars().rev();
    let is_joined = match before.next() {
        Some('.' | '_' | '-' | '+' | '%' | '\'') => before.next(),
        last => last,
    };
    is_joined.is_some_and(char::is_alphanumeric)
}

/// Whether a domain continues with this text.
fn ends_after(text: &str) -> bool {
    let mut after = text.chars();
    match after.next() {
        Some('-') => after.next().is_some_and(char::is_alphanumeric),
        Some('.') => {
            let label = after.as_str().split(|c: char| !c.is_alphanumeric()).next();
            label.is_some_and(|label| !label.is_empty() && !FILE_SUFFIXES.contains(&label))
        }
        next => next.is_some_and(char::is_alphanumeric),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_mentioned_as_a_whole() {
        let has = |text: &str| addresses(&fold(text), "da@shire.example").next().is_some();
        for text in [
            "da@shire.example",
            "letter from <DA@Shire.Example>.",
            "mail=da@shire.example, or mailto:da@shire.example",
            "'da@shire.example'",
            "da@shire.example.csv",
            "da@shire.example_2026.csv",
        ] {
            assert!(has(text), "{text}");
        }
        for text in [
            "ada@shire.example",
            "o'da@shire.example",
            "a.da@shire.example",
            "a+da@shire.example",
            "éda@shire.example",
            "da@shire.example.org",
            "da@shire.example-press.example",
            "da@shire.examples",
        ] {
            assert!(!has(text), "{text}");
        }
    }

    #[test]
    fn a_name_is_mentioned_as_a_whole() {
        let name = ["ada", "quell"].map(str::to_owned);
        let has = |text: &str| names(&fold(text), &name).next().is_some();
        for text in ["talk with Ada  QUELL.", "2026_ada-quell.csv", "Ada, Quell"] {
            assert!(has(text), "{text}");
        }
        for text in [
            "Ada",
            "Nada Quell",
            "Ada Quellinger",
            "AdaQuell",
            "Ada and Quell",
        ] {
            assert!(!has(text), "{text}");
        }
    }
}
