//! Dates in running text: `7 December 2026`, `December 7`, `2026. december 7.`

use std::ops::Range;

use super::wording::is_compound;
use crate::language::CalendarWords;

/// Words before a month without a day. A number after it is not a day: `In November 31 boats came`.
const IN: [&str; 5] = ["in", "im", "en", "em", "i"];

/// A day and a month, with or without a year.
pub(super) struct WrittenDate {
    pub day: i8,
    pub month: i8,
    pub year: Option<i16>,
    /// The bytes of day and month.
    pub named: Range<usize>,
    /// The bytes of the whole date.
    pub span: Range<usize>,
}

impl WrittenDate {
    /// The dates of a text, in its order.
    pub fn all(text: &str, words: &[(usize, &str)], calendar: &CalendarWords) -> Vec<Self> {
        let reader = Reader {
            text,
            words,
            calendar,
        };
        let dates = (0..words.len()).filter_map(|index| reader.date_at(index));
        dates.collect()
    }
}

struct Reader<'a> {
    text: &'a str,
    words: &'a [(usize, &'a str)],
    calendar: &'a CalendarWords,
}

impl Reader<'_> {
    /// The date whose month is the word at `index`.
    fn date_at(&self, index: usize) -> Option<WrittenDate> {
        let (month, count) = self.calendar.month_at(&self.words[index..])?;
        let last = index + count - 1;
        if is_compound(&self.text[self.end(last)..]) {
            return None;
        }
        let before = self.day_before(index).map(|(at, day)| (at..last, day));
        let after = || {
            self.day_after(index, last)
                .map(|day| (index..last + 1, day))
        };
        let (range, day) = before.or_else(after)?;
        Some(self.with_year(range, day, month))
    }

    /// The date of the words `range`, with the year next to them.
    fn with_year(&self, range: Range<usize>, day: i8, month: i8) -> WrittenDate {
        let year = self.year_after(range.end);
        let year = year.or_else(|| self.year_before(range.start));
        let named = self.words[range.start].0..self.end(range.end);
        let span = match year {
            Some((at, _)) => named.start.min(self.words[at].0)..named.end.max(self.end(at)),
            None => named.clone(),
        };
        WrittenDate {
            day,
            month,
            year: year.map(|(_, year)| year),
            named,
            span,
        }
    }

    fn end(&self, index: usize) -> usize {
        let (at, word) = self.words[index];
        at + word.len()
    }

    /// The day before the month, perhaps with a word such as `of` between them.
    fn day_before(&self, month: usize) -> Option<(usize, i8)> {
        let at = self.past_fillers_before(month)?;
        let day = day_in(self.words[at].1)?;
        let is_joined = (at..month).all(|index| self.is_joined(index, self.day_marks()));
        (is_joined && !self.is_fraction(at)).then_some((at, day))
    }

    /// The characters that may be between a day and its month.
    fn day_marks(&self) -> &'static [char] {
        match self.calendar.has_ordinal_dot {
            true => &['.', 'º', '-', '’', '\''],
            false => &['º', '-', '’', '\''],
        }
    }

    /// The day after the month.
    fn day_after(&self, month: usize, last: usize) -> Option<i8> {
        let is_alone = month
            .checked_sub(1)
            .is_some_and(|before| IN.contains(&self.words[before].1.to_lowercase().as_str()));
        let day = day_in(self.words.get(last + 1)?.1)?;
        (!is_alone && self.is_joined(last, &[])).then_some(day)
    }

    fn year_after(&self, last: usize) -> Option<(usize, i16)> {
        let is_between = |index: &usize| self.is_filler(*index);
        let at = (last + 1..self.words.len().min(last + 3)).find(|index| !is_between(index))?;
        let is_joined = (last..at).all(|index| self.is_joined(index, &['.', ',', '’']));
        Some((at, year_in(self.words[at].1)?)).filter(|_| is_joined)
    }

    fn year_before(&self, first: usize) -> Option<(usize, i16)> {
        let at = self.past_fillers_before(first)?;
        let is_joined = (at..first).all(|index| self.is_joined(index, &['.', '(', ')']));
        let year = year_in(self.words[at].1)?;
        (self.calendar.is_year_first && is_joined).then_some((at, year))
    }

    /// The last word before `index` that is not a filler such as `of`.
    fn past_fillers_before(&self, index: usize) -> Option<usize> {
        let before = index.saturating_sub(3)..index;
        before.rev().find(|index| !self.is_filler(*index))
    }

    fn is_filler(&self, index: usize) -> bool {
        let word = self.words[index].1;
        is_of(word) || self.calendar.is_filler(word)
    }

    /// Whether only spaces and `marks` are between a word and the next one.
    fn is_joined(&self, index: usize, marks: &[char]) -> bool {
        let gap = &self.text[self.end(index)..self.words[index + 1].0];
        gap.matches('\n').count() < 2
            && gap.chars().all(|c| c.is_whitespace() || marks.contains(&c))
    }

    /// Whether a number is the part of another one after its point: `7.30`.
    fn is_fraction(&self, index: usize) -> bool {
        let before = &self.text[..self.words[index].0];
        let whole = before.strip_suffix(['.', ':', ',']);
        whole.is_some_and(|whole| whole.ends_with(|c: char| c.is_ascii_digit()))
    }
}

fn is_of(word: &str) -> bool {
    ["of", "de", "di", "av"].contains(&word)
}

/// `30`, `30th`, `1er`
fn day_in(word: &str) -> Option<i8> {
    let digits = word.find(|c: char| !c.is_ascii_digit());
    let digits = digits.unwrap_or(word.len());
    let is_ordinal = word.len() - digits <= 3;
    let day = word[..digits].parse().ok();
    day.filter(|day| is_ordinal && (1..=31).contains(day))
}

pub(super) fn year_in(word: &str) -> Option<i16> {
    word.parse()
        .ok()
        .filter(|year| word.len() == 4 && (1900..2200).contains(year))
}
