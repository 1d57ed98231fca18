//! The `date` of an issue: whether it is so far from other dates of the issue that its year is probably wrong.

use jiff::civil::Date;

use super::Subject;
use crate::diag::Finding;
use crate::newsletter::issue::DateSource;

/// The most days between the `date` and the month in the issue's name.
const MOST_DAYS_FROM_NAME: i32 = 200;
/// The least days between the `date` and every deadline and event from which the `date` is probably wrong.
const YEAR: i32 = 365;
/// The least number of deadlines and events that agree against the `date`: of two dates, either may be wrong.
const WITNESSES: usize = 2;

/// The finding about a doubtful `date`; with `send_at`, the two are compared instead.
pub(super) fn finding(subject: &Subject<'_>) -> Option<Finding> {
    if subject.issue.send_at.is_some() {
        return None;
    }
    let dates = &subject.issue.source_map.dates;
    // The keys of the issue are read before those of its sections.
    let own = dates.iter().find(|date| date.key == "date")?;
    let message = far_from_name(subject).or_else(|| far_from_dates(subject.issue.date, dates))?;
    let finding = Finding::warning("distant-date", message).at(own.place.clone());
    Some(finding.hint("correct the wrong date; check the year first"))
}

fn far_from_name(subject: &Subject<'_>) -> Option<String> {
    let (name, date) = (&subject.issue.name, subject.issue.date);
    let days = (date - month_in(name)?).get_days();
    let is_far = days.abs() > MOST_DAYS_FROM_NAME;
    is_far.then(|| format!("the `date` {date} does not fit the name of the issue, `{name}`"))
}

/// The month in a name such as `2026-11` or `news-2026-11`.
fn month_in(name: &str) -> Option<Date> {
    let numbers: Vec<&str> = name.split(|c: char| !c.is_ascii_digit()).collect();
    let is_month = |pair: &&[&str]| pair[0].len() == 4 && pair[1].len() == 2;
    let pair = numbers.windows(2).find(is_month)?;
    Date::new(year_in(pair[0])?, pair[1].parse().ok()?, 1).ok()
}

/// The year that `digits` are, of those in which an issue may be sent.
fn year_in(digits: &str) -> Option<i16> {
    let year = digits.parse().ok();
    year.filter(|year| (1970..2200).contains(year))
}

/// The message if all deadlines and events are more than a year before the `date`, or all are more than a year after it.
fn far_from_dates(date: Date, dates: &[DateSource]) -> Option<String> {
    let others = dates
        .iter()
        .filter(|one| matches!(one.key, "deadline" | "start" | "end"));
    let days: Vec<i32> = others
        .map(|one| (one.timepoint.day() - date).get_days())
        .collect();
    let word = match days.as_slice() {
        few if few.len() < WITNESSES => return None,
        all if all.iter().all(|days| *days < -YEAR) => "before",
        all if all.iter().all(|days| *days > YEAR) => "after",
        _ => return None,
    };
    Some(format!(
        "all deadlines and events are more than a year {word} the `date` {date}"
    ))
}
