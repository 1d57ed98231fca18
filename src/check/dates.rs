//! Dates: deadlines and events that are still ahead, days that are in the calendar, weekdays that are those of
//! their dates.

use jiff::civil::{Date, Weekday};

use super::Subject;
use super::wording::words;
use crate::diag::{Finding, Findings, Place, counted};
use crate::document::Text;
use crate::issue::{Content, DateMention, Event, Timepoint};
use crate::language::{CalendarWords, Dates};

/// How far the issue's `date` may be from the day on which it is sent.
const MOST_DAYS_APART: i32 = 7;
/// How far ahead of the issue a deadline or an event may be.
const MOST_YEARS_AHEAD: i16 = 3;
/// Words that put the year, the month or the weekday beside them into the past.
const LAST: [&str; 22] = [
    "last",
    "previous",
    "dernier",
    "dernière",
    "passé",
    "passée",
    "letzten",
    "letzter",
    "letztes",
    "letzte",
    "vergangenen",
    "vergangenes",
    "vorigen",
    "voriges",
    "pasado",
    "pasada",
    "passado",
    "passada",
    "scorso",
    "scorsa",
    "vorig",
    "afgelopen",
];
/// The stretches of time that [`LAST`] can stand beside, besides months and weekdays.
const PERIODS: [&str; 25] = [
    "year",
    "month",
    "week",
    "spring",
    "summer",
    "autumn",
    "winter",
    "an",
    "année",
    "mois",
    "semaine",
    "jahr",
    "jahres",
    "monat",
    "woche",
    "año",
    "mes",
    "semana",
    "anno",
    "mese",
    "settimana",
    "ano",
    "mês",
    "jaar",
    "maand",
];

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    for date in &subject.issue.mentions.dates {
        past(subject, date, findings);
        distant(subject, date, findings);
    }
    let language = &subject.issue.language;
    let calendar = CalendarWords::of(&Dates::new(language));
    let year = subject.issue.date.year();
    for passage in &subject.issue.mentions.passages {
        let words: Vec<(usize, &str)> = words(passage.value()).collect();
        weekdays(passage, &words, &calendar, year, findings);
        impossible(passage, &words, &calendar, findings);
    }
}

/// An issue is read when it arrives: by then its deadlines and events must not have passed.
fn past(subject: &Subject<'_>, date: &DateMention, findings: &mut Findings) {
    let (code, message) = match date.key {
        "deadline" => (
            "past-deadline",
            "this deadline has passed when the issue goes out",
        ),
        "start" | "end" => ("past-event", "this event is over when the issue goes out"),
        _ => return,
    };
    if !is_past(subject, &date.timepoint) || (date.key == "start" && may_go_on(subject, date)) {
        return;
    }
    findings.push(Finding::warning(code, message).at(date.place.clone()));
}

fn is_past(subject: &Subject<'_>, timepoint: &Timepoint) -> bool {
    let issue = subject.issue;
    match (timepoint, &issue.send_at) {
        (Timepoint::Moment(moment), Some(send_at)) => moment.instant < send_at.instant,
        (timepoint, Some(send_at)) => timepoint.day() < send_at.local.date(),
        (timepoint, None) => timepoint.day() < issue.date,
    }
}

/// Whether an event that has begun has an end, which decides then: the next date of the file, before another start.
fn may_go_on(subject: &Subject<'_>, start: &DateMention) -> bool {
    let ends = |event: &&Event| event.start == start.timepoint && event.end.is_some();
    let events = subject
        .issue
        .sections
        .iter()
        .filter_map(|section| match &section.content {
            Content::Events(events) => Some(events),
            _ => None,
        });
    events.flatten().any(|event| ends(&event))
}

/// A year or a month that was mistyped puts a date far from that of the issue.
fn distant(subject: &Subject<'_>, date: &DateMention, findings: &mut Findings) {
    let issued = subject.issue.date;
    let day = date.timepoint.day();
    let message = match date.key {
        "send_at" => {
            let days = (day - issued).get_days();
            let apart = counted(days.unsigned_abs() as usize, "day");
            let word = if days < 0 { "before" } else { "after" };
            (days.abs() > MOST_DAYS_APART)
                .then(|| format!("`send_at` is {apart} {word} the `date` of the issue, {issued}"))
        }
        "deadline" | "start" | "end" => {
            let years = day.year() - issued.year();
            (years > MOST_YEARS_AHEAD)
                .then(|| format!("{day} is {years} years after the `date` of the issue"))
        }
        _ => None,
    };
    if let Some(message) = message {
        let hint = "correct the one that is wrong; look at the year first".to_owned();
        let finding = Finding::warning("distant-date", message).at(date.place.clone());
        findings.push(finding.hint(hint));
    }
}

/// `31 November`, `31st of November` or `November 31` in running text.
fn impossible(
    passage: &Text,
    words: &[(usize, &str)],
    calendar: &CalendarWords,
    findings: &mut Findings,
) {
    let text = passage.value();
    let words: Vec<(usize, &str)> = words
        .iter()
        .copied()
        .filter(|(_, word)| !is_of(word))
        .collect();
    for pair in words.windows(2) {
        let [(first_at, first), (second_at, second)] = *pair else {
            continue;
        };
        let between = text[first_at + first.len()..second_at].trim();
        if !(between.is_empty() || between == "." || is_of(between)) {
            continue;
        }
        let span = first_at..second_at + second.len();
        if is_beyond(first, second, calendar) || is_beyond(second, first, calendar) {
            let message = format!("there is no {} in the calendar", &text[span.clone()]);
            let place = passage.place_of(span);
            findings.push(Finding::warning("impossible-date", message).at(place));
        }
    }
}

fn is_of(word: &str) -> bool {
    ["of", "de", "di", "av"].contains(&word)
}

/// Whether the month never has that day.
fn is_beyond(day: &str, month: &str, calendar: &CalendarWords) -> bool {
    let Some((day, month)) = day_in(day).zip(calendar.month(month)) else {
        return false;
    };
    // In a leap year February has most days.
    Date::new(2024, month, 1).is_ok_and(|first| day > first.days_in_month())
}

/// `Monday, 30 June 2025` in running text: whether that day is a Monday.
fn weekdays(
    passage: &Text,
    words: &[(usize, &str)],
    calendar: &CalendarWords,
    year: i16,
    findings: &mut Findings,
) {
    for (index, (_, word)) in words.iter().enumerate() {
        let Some(month) = calendar.month(word) else {
            continue;
        };
        let Some(weekday) = weekday_before(words, index, calendar) else {
            continue;
        };
        let Some(day) = day_beside(words, index) else {
            continue;
        };
        let written_year = words
            .get(index + 1..)
            .into_iter()
            .flatten()
            .take(2)
            .find_map(year_in);
        if written_year.is_none() && is_of_another_year(passage.value(), weekday.0, calendar, year)
        {
            continue;
        }
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

/// Whether the sentence around `at` names a year that is not near `year`, or says that its date has passed.
fn is_of_another_year(text: &str, at: usize, calendar: &CalendarWords, year: i16) -> bool {
    let words: Vec<(usize, &str)> = words(sentence_around(text, at)).collect();
    let mut years = words.iter().filter_map(year_in);
    let is_last = |pair: &[(usize, &str)]| match pair {
        [(_, first), (_, second)] => {
            is_last(first) && is_period(second, calendar)
                || is_last(second) && is_period(first, calendar)
        }
        _ => false,
    };
    years.any(|named| !(year..=year + 1).contains(&named))
        || words.iter().any(|(_, word)| *word == "ago")
        || words.windows(2).any(is_last)
}

/// The sentence around the byte `at`. The full stop after a number, as in `13. Juni`, does not end one.
fn sentence_around(text: &str, at: usize) -> &str {
    let ends = text
        .match_indices(['.', '!', '?', '\n'])
        .filter(|(end, _)| {
            let is_ordinal = text[..*end].ends_with(|c: char| c.is_ascii_digit());
            let is_last = text[end + 1..].starts_with(char::is_whitespace);
            is_last && !is_ordinal || text[*end..].starts_with('\n')
        });
    let ends: Vec<usize> = ends.map(|(end, _)| end).collect();
    let next = ends.partition_point(|end| *end < at);
    let start = next.checked_sub(1).map_or(0, |before| ends[before] + 1);
    let end = ends.get(next).copied().unwrap_or(text.len());
    &text[start..end]
}

/// `last` in the languages of most newsletters.
fn is_last(word: &str) -> bool {
    LAST.contains(&word.to_lowercase().as_str())
}

/// Whether the word names a stretch of time that "last" can be said of: a year, a month, a weekday.
fn is_period(word: &str, calendar: &CalendarWords) -> bool {
    PERIODS.contains(&word.to_lowercase().as_str())
        || calendar.month(word).is_some()
        || calendar.weekday(word).is_some()
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
