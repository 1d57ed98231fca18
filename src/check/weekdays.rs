//! Weekdays that are those of their dates: `Monday, 30 June 2025`.

use std::ops::Range;

use jiff::civil::{Date, Weekday};

use super::wording::is_compound;
use super::written_dates::{WrittenDate, year_in};
use crate::diag::{Finding, Findings, Place};
use crate::language::{CalendarWords, words};
use crate::toml_file::Text;

/// What may stand between a weekday and its date.
const ARTICLES: [&str; 21] = [
    "the", "den", "dem", "der", "de", "d", "le", "la", "el", "il", "lo", "al", "del", "dia", "día",
    "i", "a", "o", "an", "y", "på",
];
/// Before these a weekday recurs, and is not that of a date after it.
const EVERY: [&str; 16] = [
    "every", "each", "jeden", "jede", "jedem", "jeder", "chaque", "cada", "ogni", "elke", "iedere",
    "hver", "varje", "tous", "todos", "każdy",
];
/// What may follow a weekday that stands after its date: `8 December (Tuesday at noon)`.
const AT: [&str; 9] = ["at", "from", "um", "ab", "à", "a", "alle", "om", "kl"];
/// Newspapers whose names end in a weekday, by the words before it.
const PAPERS: [(&str, &str); 8] = [
    ("welt", "am"),
    ("bild", "am"),
    ("mail", "on"),
    ("sun", "on"),
    ("independent", "on"),
    ("scotland", "on"),
    ("wales", "on"),
    ("post", "on"),
];
/// No weekday is further from its date, in bytes.
const WIDEST_GAP: usize = 40;
/// Without a year, a date is one at most so many days from the issue's,
const MOST_DAYS_AWAY: i32 = 366;
/// and one of the year before at most so many: an issue of January may look back.
const MOST_DAYS_BACK: i32 = 180;
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

/// The name of a weekday in a text.
struct Named {
    span: Range<usize>,
    weekday: Weekday,
}

/// Reports each weekday that stands directly before or after a date and is not that date's.
pub(super) fn check(
    passage: &Text,
    words: &[(usize, &str)],
    dates: &[WrittenDate],
    calendar: &CalendarWords,
    issued: Date,
    findings: &mut Findings,
) {
    if dates.is_empty() {
        return;
    }
    let text = passage.value();
    for named in named_weekdays(text, words, calendar) {
        let claimed = claimed(text, &named, dates, calendar);
        let wrong = claimed
            .iter()
            .map(|date| right_date(text, &named, date, calendar, issued));
        // Of two dates around it the weekday may be either's.
        let Some(wrong) = wrong.collect::<Option<Vec<Date>>>() else {
            continue;
        };
        if let Some(date) = wrong.first() {
            let place = passage.place_of(named.span.clone());
            let word = &text[named.span];
            findings.push(wrong_weekday(word, *date, calendar, place));
        }
    }
}

/// The weekdays that may belong to a date: not those that recur, name a stretch of days or a newspaper, or are a part of
/// a compound.
fn named_weekdays(text: &str, words: &[(usize, &str)], calendar: &CalendarWords) -> Vec<Named> {
    let named = |index: usize| {
        let (weekday, count) = calendar.weekday_at(&words[index..])?;
        let (last, word) = words[index + count - 1];
        let span = words[index].0..last + word.len();
        let is_one = !is_compound(&text[span.end..]) && is_one_day(&words[..index], calendar);
        is_one.then_some(Named { span, weekday })
    };
    (0..words.len()).filter_map(named).collect()
}

/// Whether the words before a weekday leave it one day.
fn is_one_day(before: &[(usize, &str)], calendar: &CalendarWords) -> bool {
    let last = &before[before.len().saturating_sub(3)..];
    let lower: Vec<String> = last.iter().map(|(_, word)| word.to_lowercase()).collect();
    let recurs = lower
        .last()
        .is_some_and(|word| EVERY.contains(&word.as_str()));
    let is_paper = match lower.as_slice() {
        [.., name, on] => PAPERS.contains(&(name, on)),
        _ => false,
    };
    // `Tuesday–Sunday`, `Tuesday to Sunday`; a name of several words ends where the next word begins.
    let is_stretch = (0..last.len()).any(|index| {
        let found = calendar.weekday_at(&last[index..]);
        found.is_some_and(|(_, count)| index + count + 1 >= last.len())
    });
    !recurs && !is_paper && !is_stretch
}

/// The dates that the weekday stands directly before or after.
fn claimed<'a>(
    text: &str,
    named: &Named,
    dates: &'a [WrittenDate],
    calendar: &CalendarWords,
) -> Vec<&'a WrittenDate> {
    let next = dates.partition_point(|date| date.span.start < named.span.end);
    let before = next.checked_sub(1).map(|at| &dates[at]);
    let before = before.filter(|date| {
        let gap = text.get(date.span.end..named.span.start);
        gap.is_some_and(|gap| follows(gap, calendar)) && is_ended(&text[named.span.end..])
    });
    let after = dates.get(next).filter(|date| {
        let gap = &text[named.span.end..date.span.start];
        leads(gap, calendar)
    });
    before.into_iter().chain(after).collect()
}

/// Whether a gap lets a weekday lead to the date after it: a comma, a bracket, blanks, an article.
fn leads(gap: &str, calendar: &CalendarWords) -> bool {
    if gap.len() > WIDEST_GAP || !gap.starts_with(|c: char| !c.is_alphanumeric()) {
        return false;
    }
    let mut between = words(gap).map(|(_, word)| word.to_lowercase());
    let are_articles =
        between.all(|word| ARTICLES.contains(&word.as_str()) || calendar.is_filler(&word));
    // A line that ends without a comma may be a heading.
    let is_one_sentence = match gap.matches('\n').count() {
        0 => true,
        1 => gap.contains([',', '،']) || words(gap).next().is_some(),
        _ => false,
    };
    are_articles && is_one_sentence && has_only(gap, ",،(*_")
}

/// Whether a gap lets a weekday follow the date before it: a comma or a bracket.
fn follows(gap: &str, calendar: &CalendarWords) -> bool {
    gap.len() <= WIDEST_GAP
        && words(gap).all(|(_, word)| calendar.is_filler(word))
        && gap.matches('\n').count() < 2
        && gap.contains([',', '،', '('])
        && has_only(gap, ",،(*_.")
}

/// Whether nothing but words, blanks and `marks` is in a gap.
fn has_only(gap: &str, marks: &str) -> bool {
    gap.chars()
        .all(|c| c.is_alphanumeric() || c.is_whitespace() || marks.contains(c))
}

/// Whether the weekday before `after` is no part of a name or a stretch: `10 December 2026, Friday Forum`.
fn is_ended(after: &str) -> bool {
    let after = after.trim_start_matches(['*', '_']);
    let rest = after.trim_start();
    let next = words(rest).next();
    let is_name = rest.starts_with(char::is_alphanumeric)
        && next.is_none_or(|(_, word)| !AT.contains(&word.to_lowercase().as_str()));
    !is_name && !after.starts_with(['-', '–', '/', '\'', '’'])
}

/// The day that a date means where the weekday is not its own.
fn right_date(
    text: &str,
    named: &Named,
    written: &WrittenDate,
    calendar: &CalendarWords,
    issued: Date,
) -> Option<Date> {
    let start = named.span.start;
    if written.year.is_none() && is_of_another_year(text, start, calendar, issued.year()) {
        return None;
    }
    let dates = possible_dates(written, issued);
    if dates.iter().any(|date| date.weekday() == named.weekday) {
        return None;
    }
    // The hint names the nearest one, of a year that has not passed.
    let is_of_now = |date: &Date| written.year.is_some() || date.year() >= issued.year();
    let ahead = dates.into_iter().filter(is_of_now);
    ahead.min_by_key(|date| days_apart(*date, issued))
}

/// The day of the year that is written, or those of the years around the issue's.
fn possible_dates(written: &WrittenDate, issued: Date) -> Vec<Date> {
    let of = |year: i16| Date::new(year, written.month, written.day).ok();
    match written.year {
        Some(year) => of(year).into_iter().collect(),
        None => (issued.year() - 1..=issued.year() + 1)
            .filter_map(of)
            .filter(|date| days_apart(*date, issued) <= farthest(*date, issued))
            .collect(),
    }
}

fn farthest(date: Date, issued: Date) -> i32 {
    match date.year() < issued.year() {
        true => MOST_DAYS_BACK,
        false => MOST_DAYS_AWAY,
    }
}

fn days_apart(a: Date, b: Date) -> i32 {
    (a - b).get_days().abs()
}

/// Whether the sentence around `at` names a year that is not near `year`, or says that its date has passed.
fn is_of_another_year(text: &str, at: usize, calendar: &CalendarWords, year: i16) -> bool {
    let words: Vec<(usize, &str)> = words(sentence_around(text, at)).collect();
    let mut years = words.iter().filter_map(|(_, word)| year_in(word));
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
