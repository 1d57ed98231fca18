//! Dates: deadlines that are still ahead, weekdays that are those of their dates.

use jiff::civil::{Date, Weekday};

use super::Subject;
use super::wording::words;
use crate::diag::{Finding, Findings, Place};
use crate::document::Text;
use crate::issue::{DateMention, Timepoint};
use crate::language::{CalendarWords, Dates};

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    for date in &subject.issue.mentions.dates {
        past_deadline(subject, date, findings);
    }
    let language = &subject.issue.language;
    let calendar = CalendarWords::of(&Dates::new(language));
    let year = subject.issue.date.year();
    for passage in &subject.issue.mentions.passages {
        weekdays(passage, &calendar, year, findings);
    }
}

/// A call is read when the issue arrives: by then its deadline must not have passed.
fn past_deadline(subject: &Subject<'_>, date: &DateMention, findings: &mut Findings) {
    let issue = subject.issue;
    let is_past = match (&date.timepoint, &issue.send_at) {
        (Timepoint::Moment(deadline), Some(send_at)) => deadline.instant < send_at.instant,
        (deadline, Some(send_at)) => deadline.day() < send_at.local.date(),
        (deadline, None) => deadline.day() < issue.date,
    };
    if date.key == "deadline" && is_past {
        let message = "this deadline has passed when the issue goes out";
        findings.push(Finding::warning("past-deadline", message).at(date.place.clone()));
    }
}

/// `Monday, 30 June 2025` in running text: whether that day is a Monday.
fn weekdays(passage: &Text, calendar: &CalendarWords, year: i16, findings: &mut Findings) {
    let words: Vec<(usize, &str)> = words(passage.value()).collect();
    for (index, (_, word)) in words.iter().enumerate() {
        let Some(month) = calendar.month(word) else {
            continue;
        };
        let Some(weekday) = weekday_before(&words, index, calendar) else {
            continue;
        };
        let Some(day) = day_beside(&words, index) else {
            continue;
        };
        let written_year = words
            .get(index + 1..)
            .into_iter()
            .flatten()
            .take(2)
            .find_map(year_in);
        // Without a year, a date is this year's or the next one's.
        let years = written_year.map_or(vec![year, year + 1], |year| vec![year]);
        let dates: Vec<Date> = years
            .iter()
            .filter_map(|year| Date::new(*year, month, day).ok())
            .collect();
        if let [first, ..] = dates.as_slice()
            && dates.iter().all(|date| date.weekday() != weekday.2)
        {
            let place = passage.place_of(weekday.0..weekday.0 + weekday.1.len());
            findings.push(wrong_weekday(weekday.1, *first, calendar, place));
        }
    }
}

fn wrong_weekday(word: &str, date: Date, calendar: &CalendarWords, place: Place) -> Finding {
    let right = calendar.weekday_name(date.weekday());
    Finding::warning("wrong-weekday", format!("{date} is no {word}"))
        .at(place)
        .hint(format!("it is a {right}"))
}

type Found<'a> = (usize, &'a str, Weekday);

/// The weekday's name at most three words before the month: `Monday, the 30th of June` is as far as it goes.
fn weekday_before<'a>(
    words: &[(usize, &'a str)],
    month: usize,
    calendar: &CalendarWords,
) -> Option<Found<'a>> {
    let before = &words[month.saturating_sub(4)..month];
    before
        .iter()
        .rev()
        .find_map(|(at, word)| Some((*at, *word, calendar.weekday(word)?)))
}

/// The day's number, before the month or right behind it.
fn day_beside(words: &[(usize, &str)], month: usize) -> Option<i8> {
    let before = words[month.saturating_sub(2)..month].iter().rev();
    let behind = words.get(month + 1).into_iter();
    before.chain(behind).find_map(|(_, word)| day_in(word))
}

/// `30`, `30th`, `1er`
fn day_in(word: &str) -> Option<i8> {
    let digits = word
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(word.len());
    let is_ordinal = word.len() - digits <= 3;
    word[..digits]
        .parse()
        .ok()
        .filter(|day| is_ordinal && (1..=31).contains(day))
}

fn year_in((_, word): &(usize, &str)) -> Option<i16> {
    word.parse()
        .ok()
        .filter(|year| word.len() == 4 && (1900..2200).contains(year))
}
