//! Names in the form "Last, First", as libraries and membership software export them.
//!
//! Only the comma shows which part is the first name. A comma may also precede something else (a degree, a legal form,
//! a place), so both parts must look like names: a greeting with the default is better than one with a wrong name.

mod words;

use words::{OFFICES, ORGANIZATIONS, PARTICLES, TITLES};

/// The maximum number of words of a first name.
const MOST_FIRST: usize = 3;
/// The maximum number of words of a last name: `de la Cruz y Ortega`.
const MOST_LAST: usize = 5;
/// The commas of Latin, of Chinese and Japanese, and of Arabic.
const COMMAS: [char; 3] = [',', '，', '،'];
/// Characters of names besides letters: apostrophes, hyphens, the dot of an initial, the Persian joiner.
const MARKS: &str = "'’ʼ‘`´-‐‑.·\u{200c}\u{200d}";

/// The last and the first name of a name in this form.
pub(super) fn parts(name: &str) -> Option<(&str, &str)> {
    let (last, first) = name.split_once(COMMAS)?;
    let (last, first) = (last.trim(), first.trim());
    (is_family_name(last) && is_first_name(first, last)).then_some((last, first))
}

fn is_family_name(text: &str) -> bool {
    let is_end = |word: &str| ["jr", "sr", "ii", "iii", "iv"].contains(&bare(word).as_str());
    let mut words: Vec<&str> = text.split_whitespace().collect();
    if words.len() > 1 {
        words.pop_if(|word| is_end(word));
    }
    let is_part = |word: &&str| is_particle(word) || is_capitalized(word);
    words.len() <= MOST_LAST && words.iter().all(is_part) && are_names(&words)
}

fn is_first_name(text: &str, last: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (Some(start), Some(end)) = (words.first(), words.last()) else {
        return false;
    };
    // `Reed, Ada MBE`, but not `REED, ADA`.
    let has_acronym =
        last.chars().any(char::is_lowercase) && words.iter().any(|word| is_acronym(word));
    words.len() <= MOST_FIRST
        && starts_capitalized(start)
        && starts_capitalized(end)
        && words
            .iter()
            .all(|word| is_particle(word) || is_capitalized(word))
        && words.iter().all(|word| !is_abbreviated(word))
        && !has_acronym
        && are_names(&words)
}

/// Whether all `words` may belong to a name, and one is more than an initial and a particle.
fn are_names(words: &[&str]) -> bool {
    let is_other = |word: &&str| {
        let bare = bare(word);
        let lists: [&[&str]; 3] = [&TITLES, &OFFICES, &ORGANIZATIONS];
        lists.iter().any(|list| list.contains(&bare.as_str()))
    };
    words.iter().all(|word| has_letters_alone(word))
        && !words.iter().any(is_other)
        && words
            .iter()
            .any(|word| !is_particle(word) && !is_initial(word))
}

/// A word in lower case without dots: `Ph.D.` is `phd`.
fn bare(word: &str) -> String {
    word.replace('.', "").to_lowercase()
}

fn has_letters_alone(word: &str) -> bool {
    let is_sign = |c: char| c.is_numeric() || is_punctuation(c);
    word.contains(char::is_alphabetic) && !word.contains(|c| is_sign(c) && !MARKS.contains(c))
}

/// Whether a character is punctuation or a symbol; the vowel signs of Indic scripts are not.
fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation()
        || matches!(c, '\u{a1}'..='\u{bf}' | '×' | '÷')
        || matches!(c, '\u{2000}'..='\u{2bff}' | '\u{3000}'..='\u{3004}' | '\u{3007}'..='\u{3020}')
        || matches!(c, '\u{fe10}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff20}' | '\u{1f000}'..)
        || COMMAS.contains(&c)
        || "،؛؟。、".contains(c)
}

fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word.trim_start_matches(['\'', '’']))
        || matches!(word, "'t" | "’t" | "'s" | "’s")
}

/// Whether a word has a capital letter, as in `d'Arcy`, or is of a script without case.
fn is_capitalized(word: &str) -> bool {
    word.contains(char::is_uppercase) || !word.contains(char::is_lowercase)
}

fn starts_capitalized(word: &str) -> bool {
    let letter = word.chars().find(|c| c.is_alphabetic());
    letter.is_some_and(|letter| !letter.is_lowercase())
        || word.starts_with("d'")
        || word.starts_with("d’")
}

/// Whether a word is one letter, with or without a dot. A letter of a script without case may be a whole name.
fn is_initial(word: &str) -> bool {
    let mut letters = word.chars().filter(|c| c.is_alphabetic());
    letters.next().is_some_and(char::is_uppercase) && letters.next().is_none()
}

/// Whether a word has a dot and is not an initial, such as `Ph.D.` and `Inc.`.
fn is_abbreviated(word: &str) -> bool {
    word.contains('.') && !is_initial(word)
}

/// Whether a word consists of several capitals, such as `MBE`.
fn is_acronym(word: &str) -> bool {
    let mut letters = word.chars().filter(|c| c.is_alphabetic());
    letters.clone().count() > 1 && letters.all(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_the_family_name_first() {
        for (name, last, first) in [
            ("Reed, Ada", "Reed", "Ada"),
            ("Reed,Ada", "Reed", "Ada"),
            (" Reed ,  Ada ", "Reed", "Ada"),
            ("Reed，Ada", "Reed", "Ada"),
            ("رید، آدا", "رید", "آدا"),
            ("李，明", "李", "明"),
            ("शर्मा, नीना", "शर्मा", "नीना"),
            ("O'Brien, Máire", "O'Brien", "Máire"),
            ("O’Brien, Máire", "O’Brien", "Máire"),
            ("d'Arcy, Ann", "d'Arcy", "Ann"),
            ("al-Hassan, Omar", "al-Hassan", "Omar"),
            ("van den Berg, Jan-Willem", "van den Berg", "Jan-Willem"),
            ("van 't Hoff, Jacobus", "van 't Hoff", "Jacobus"),
            ("de la Cruz y Ortega, Inés", "de la Cruz y Ortega", "Inés"),
            ("García, María del Carmen", "García", "María del Carmen"),
            ("Reed, Ada M.", "Reed", "Ada M."),
            ("DUPONT, Jean", "DUPONT", "Jean"),
            ("REED, ADA", "REED", "ADA"),
            ("King Jr., Martin Luther", "King Jr.", "Martin Luther"),
            ("St. John, Ann", "St. John", "Ann"),
            ("Ng, Bo", "Ng", "Bo"),
        ] {
            assert_eq!(parts(name), Some((last, first)), "{name}");
        }
    }

    #[test]
    fn a_comma_before_something_else() {
        for name in [
            "Ada Reed",
            "Dr. Ada Reed",
            "Reed, Jr.",
            "Reed, Jr",
            "Reed, III",
            "Reed, V",
            "Reed, PhD",
            "Reed, Ph.D.",
            "Reed, MD",
            "Reed, M.D.",
            "Reed, M. D.",
            "REED, MD",
            "Reed, MBE",
            "Reed, Ada MBE",
            "Reed, Dr. Ada",
            "Reed, Dr Ada",
            "Reed, Mrs",
            "Ada Reed, Editor",
            "Ada Reed, Managing Director",
            "Reed, Esq.",
            "Reed, J.",
            "Ada Reed, FRS",
            "Heron Ltd, London",
            "Heron Ltd., London",
            "Acme, Inc.",
            "Acme, Inc",
            "Heron e.V., Bonn",
            "University of Gent, Gent",
            "Bank of Bo, Gent",
            "Reed & Co, Ada",
            "Reed, 7",
            "Reed 7, Ada",
            "Reed, Ada, Bo",
            "Reed, Ada，Bo",
            "Reed, Ada Bo Cleo Dora",
            "Reed, please",
            "Goethe, Johann von",
            "Reed, Ada (Press)",
            "Reed, \"Ada\"",
            "Reed, Ada / Bo",
            "Reed, “Ada”",
            "Reed, ★",
            "Reed, 😀",
            ", Ada",
            "Reed,",
            "van, Ada",
            ",",
        ] {
            assert_eq!(parts(name), None, "{name}");
        }
    }
}
