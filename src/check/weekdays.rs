//! Weekdays that do not match their dates, as in `Sunday, 30 June 2025`.

use std::ops::Range;

use jiff::civil::{Date, Weekday};

use super::wording::is_compound;
use super::written_dates::{WrittenDate, year_in};
use crate::diag::{Finding, Findings, Place};
use crate::language::{CalendarWords, words};
use crate::toml_file::Text;

/// Words that may occur between a weekday and its date.
const ARTICLES: [&str; 21] = [
    "the", "den", "dem", "der", "de", "d", "le", "la", "el", "il", "lo", "al", "del", "dia", "día",
    "i", "a", "o", "an", "y", "på",
];
/// Words before a weekday that recurs and does not belong to the date after it.
const EVERY: [&str; 16] = [
    "every", "each", "jeden", "jede", "jedem", "jeder", "chaque", "cada", "ogni", "elke", "iedere",
    "hver", "varje", "tous", "todos", "każdy",
];
/// Words that may follow a weekday after its date: `8 December (Tuesday at noon)`.
const AT: [&str; 9] = ["at", "from", "um", "ab", "à", "a", "alle", "om", "kl"];
/// Newspapers whose names end in a weekday, by the two words before it.
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
/// The widest gap between a weekday and its date, in bytes.
const WIDEST_GAP: usize = 40;
/// The most days between the issue and a date without a year.
const MOST_DAYS_AWAY: i32 = 366;
/// The same for a date in the previous year, which an issue in January may mention.
const MOST_DAYS_BACK: i32 = 180;
/// Words that mean the previous year, month or weekday.
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
/// Periods that can follow or precede [`LAST`], besides months and weekdays.
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

/// Reports each weekday directly before or after a date that does not match it.
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
        // Between two dates, the weekday may belong to either.
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

/// The weekdays that may belong to a date. Not those that recur, are part of a range, a newspaper's name or a compound.
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

/// Whether a weekday after these words means a single day.
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
    // `Tuesday–Sunday`, `Tuesday to Sunday`. In some languages a weekday has several words.
    let is_range = (0..last.len()).any(|index| {
        let found = calendar.weekday_at(&last[index..]);
        found.is_some_and(|(_, count)| index + count + 1 >= last.len())
    });
    !recurs && !is_paper && !is_range
}

/// The dates directly before and after the weekday.
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

/// Whether a weekday before this gap belongs to the date after it: a comma, a bracket, spaces, an article.
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

/// Whether a weekday after this gap belongs to the date before it: a comma or a bracket.
fn follows(gap: &str, calendar: &CalendarWords) -> bool {
    gap.len() <= WIDEST_GAP
        && words(gap).all(|(_, word)| calendar.is_filler(word))
        && gap.matches('\n').count() < 2
        && gap.contains([',', '،', '('])
        && has_only(gap, ",،(*_.")
}

/// Whether a gap has only words, spaces and `marks`.
fn has_only(gap: &str, marks: &str) -> bool {
    gap.chars()
        .all(|c| c.is_alphanumeric() || c.is_whitespace() || marks.contains(c))
}

/// Whether the weekday before `after` is not part of a name or range, as in `10 December 2026, Friday Forum`.
fn is_ended(after: &str) -> bool {
    let after = after.trim_start_matches(['*', '_']);
    let rest = after.trim_start();
    let next = words(rest).next();
    let is_name = rest.starts_with(char::is_alphanumeric)
        && next.is_none_or(|(_, word)| !AT.contains(&word.to_lowercase().as_str()));
    !is_name && !after.starts_with(['-', '–', '/', '\'', '’'])
}

/// The date that was probably meant, if its weekday is another one.
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
    // The hint has the nearest date that is not in a past year.
    let is_of_now = |date: &Date| written.year.is_some() || date.year() >= issued.year();
    let ahead = dates.into_iter().filter(is_of_now);
    ahead.min_by_key(|date| days_apart(*date, issued))
}

/// The date in its year, or in the years around that of the issue.
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

/// Whether the sentence around `at` has another year than `year` and the next, or means a past date.
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

/// Whether the word means `last`, in common languages.
fn is_last(word: &str) -> bool {
    LAST.contains(&word.to_lowercase().as_str())
}

/// Whether the word is a period, a month or a weekday.
fn is_period(word: &str, calendar: &CalendarWords) -> bool {
    PERIODS.contains(&word.to_lowercase().as_str())
        || calendar.month(word).is_some()
        || calendar.weekday(word).is_some()
}

fn wrong_weekday(word: &str, date: Date, calendar: &CalendarWords, place: Place) -> Finding {
    let right = calendar.weekday_name(date.weekday());
    Finding::warning("wrong-weekday", format!("{date} is not a {word}"))
        .at(place)
        .hint(format!("it is a {right}"))
}
