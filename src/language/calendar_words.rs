//! The names of months and weekdays, as dates in running text use them.

use std::collections::HashMap;

use jiff::civil::{Date, Weekday, date};

use super::Dates;

/// The names of one language, found in any letters.
pub struct CalendarWords {
    months: HashMap<String, i8>,
    /// With each weekday its name as the language writes it.
    weekdays: HashMap<String, (Weekday, String)>,
}

impl CalendarWords {
    /// The names that `dates` writes: whatever stands in a date and is no number.
    pub fn of(dates: &Dates) -> Self {
        let months = (1..=12).filter_map(|month| {
            let written = dates.day(date(2025, month, 8));
            Some((longest_word(&written)?.to_lowercase(), month))
        });
        // 1 to 7 September 2025 are Monday to Sunday.
        let weekdays = (1..=7).filter_map(|day| {
            let day: Date = date(2025, 9, day);
            let written = dates.weekday(day).replace(&dates.day(day), "");
            let name = longest_word(&written)?.to_owned();
            Some((name.to_lowercase(), (day.weekday(), name)))
        });
        Self {
            months: months.collect(),
            weekdays: weekdays.collect(),
        }
    }

    /// The month of a name, from 1.
    pub fn month(&self, word: &str) -> Option<i8> {
        self.months.get(&word.to_lowercase()).copied()
    }

    /// The weekday of a name.
    pub fn weekday(&self, word: &str) -> Option<Weekday> {
        let found = self.weekdays.get(&word.to_lowercase());
        found.map(|(weekday, _)| *weekday)
    }

    /// The name of a weekday.
    pub fn weekday_name(&self, weekday: Weekday) -> &str {
        let found = self.weekdays.values().find(|(known, _)| *known == weekday);
        found.map_or("", |(_, name)| name.as_str())
    }
}

fn longest_word(text: &str) -> Option<&str> {
    let words = text.split(|c: char| !c.is_alphabetic());
    let longest = words.max_by_key(|word| word.chars().count());
    longest.filter(|word| !word.is_empty())
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
    }
}
