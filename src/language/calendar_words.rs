//! Names of months and weekdays, for finding dates in running text.

use std::collections::{HashMap, HashSet};

use jiff::civil::{Date, Weekday, date};

use super::Dates;

/// The names of one language, found in upper and lower case.
pub struct CalendarWords {
    months: Names<i8>,
    weekdays: Names<Weekday>,
    /// The name of each weekday.
    written: HashMap<Weekday, String>,
    /// Words in every date besides the name of the month, such as `de` and `г`.
    fillers: HashSet<String>,
    /// Whether a full stop follows the day: `8. September`.
    pub has_ordinal_dot: bool,
    /// Whether the year comes first.
    pub is_year_first: bool,
}

/// Names by their first word, in lower case.
struct Names<T>(HashMap<String, Vec<(Vec<String>, T)>>);

impl<T: Copy> Names<T> {
    /// The names; none if two are equal or one has no letters.
    fn of(names: Vec<(Vec<String>, T)>) -> Self {
        let distinct: HashSet<&Vec<String>> = names.iter().map(|(words, _)| words).collect();
        let are_names =
            distinct.len() == names.len() && distinct.iter().all(|words| !words.is_empty());
        let mut by_first: HashMap<_, Vec<_>> = HashMap::new();
        for (words, value) in names.into_iter().filter(|_| are_names) {
            by_first
                .entry(words[0].clone())
                .or_default()
                .push((words, value));
        }
        Self(by_first)
    }

    /// The longest name at the beginning of `words`, and its number of words.
    fn at(&self, words: &[(usize, &str)]) -> Option<(T, usize)> {
        let (_, first) = words.first()?;
        let begins = |name: &[String]| {
            name.len() <= words.len()
                && name
                    .iter()
                    .zip(words)
                    .all(|(name, (_, word))| *name == word.to_lowercase())
        };
        let names = self.0.get(&first.to_lowercase())?;
        let found = names.iter().filter(|(name, _)| begins(name));
        let (name, value) = found.max_by_key(|(name, _)| name.len())?;
        Some((*value, name.len()))
    }
}

impl CalendarWords {
    /// The words in `dates` that are not numbers.
    pub fn of(dates: &Dates) -> Self {
        let written: Vec<String> = (1..=12)
            .map(|month| dates.day(date(2025, month, 8)))
            .collect();
        let mut months: Vec<Vec<String>> = written.iter().map(|day| names_in(day)).collect();
        let is_everywhere = |word: &&String| months.iter().all(|month| month.contains(word));
        let fillers: HashSet<String> = months[0].iter().filter(is_everywhere).cloned().collect();
        for month in &mut months {
            month.retain(|word| !fillers.contains(word));
        }
        // 1 to 7 September 2025 are Monday to Sunday.
        let weekdays = (1..=7).map(|day| {
            let day: Date = date(2025, 9, day);
            (day.weekday(), weekday_of(dates, day))
        });
        let weekdays: HashMap<Weekday, String> = weekdays.collect();
        let names = weekdays.iter().map(|(day, name)| (names_in(name), *day));
        Self {
            months: Names::of(months.into_iter().zip(1..).collect()),
            weekdays: Names::of(names.collect()),
            written: weekdays,
            fillers,
            has_ordinal_dot: written[0].contains("8."),
            is_year_first: written[0].starts_with("2025"),
        }
    }

    /// The month, from 1, whose name is at the beginning of `words`, and the number of words of the name.
    pub fn month_at(&self, words: &[(usize, &str)]) -> Option<(i8, usize)> {
        self.months.at(words)
    }

    /// The weekday whose name is at the beginning of `words`, and the number of words of the name.
    pub fn weekday_at(&self, words: &[(usize, &str)]) -> Option<(Weekday, usize)> {
        self.weekdays.at(words)
    }

    /// The month of a name, from 1.
    pub fn month(&self, word: &str) -> Option<i8> {
        self.month_at(&[(0, word)]).map(|(month, _)| month)
    }

    /// The weekday of a name.
    pub fn weekday(&self, word: &str) -> Option<Weekday> {
        self.weekday_at(&[(0, word)]).map(|(weekday, _)| weekday)
    }

    /// The name of a weekday.
    pub fn weekday_name(&self, weekday: Weekday) -> &str {
        self.written.get(&weekday).map_or("", String::as_str)
    }

    /// Whether every date has the word.
    pub fn is_filler(&self, word: &str) -> bool {
        self.fillers.contains(&word.to_lowercase())
    }
}

/// The words of a text with their offsets.
pub fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
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

/// The words without digits, in lower case.
fn names_in(text: &str) -> Vec<String> {
    words(text)
        .filter(|(_, word)| !word.contains(char::is_numeric))
        .map(|(_, word)| word.to_lowercase())
        .collect()
}

/// The name of the weekday: the additional words of a date with its weekday.
fn weekday_of(dates: &Dates, day: Date) -> String {
    let is_mark = |c: char| c.is_whitespace() || c.is_ascii_punctuation() || "،、".contains(c);
    let name = dates.weekday(day).replace(&dates.day(day), "");
    name.trim_matches(is_mark).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn names_are_those_of_the_language() {
        let of = |tag| CalendarWords::of(&Dates::new(&Language::parse(tag).expect("a tag")));
        let english = of("en");
        assert_eq!(english.month("June"), Some(6));
        assert_eq!(english.weekday("monday"), Some(Weekday::Monday));
        assert_eq!(of("fr").month("juin"), Some(6));
        assert_eq!(of("de").weekday("Dienstag"), Some(Weekday::Tuesday));
        assert_eq!(of("pl").month("września"), Some(9));
        assert_eq!(of("pt").weekday("feira"), None);
        assert_eq!(of("vi").month("tháng"), None);
        assert_eq!(of("ga").month("Fómhair"), None);
    }
}
