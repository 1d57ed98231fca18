//! Dates: deadlines and events that are still ahead, days that are in the calendar, weekdays that are those of
//! their dates.

use jiff::civil::Date;

use super::written_dates::WrittenDate;
use super::{Subject, weekdays};
use crate::diag::{Finding, Findings, counted};
use crate::language::{CalendarWords, Dates, words};
use crate::newsletter::issue::{Content, DateSource, Event, Timepoint};
use crate::toml_file::Text;

/// How far the issue's `date` may be from the day on which it is sent.
const MOST_DAYS_APART: i32 = 7;
/// How far ahead of the issue a deadline or an event may be.
const MOST_YEARS_AHEAD: i16 = 3;
pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    for date in &subject.issue.source_map.dates {
        past(subject, date, findings);
        distant(subject, date, findings);
    }
    let language = &subject.issue.language;
    let calendar = CalendarWords::of(&Dates::new(language));
    let issued = subject.issue.date;
    for passage in &subject.issue.source_map.passages {
        let words: Vec<(usize, &str)> = words(passage.value()).collect();
        let dates = WrittenDate::all(passage.value(), &words, &calendar);
        weekdays::check(passage, &words, &dates, &calendar, issued, findings);
        impossible(passage, &dates, findings);
    }
}

/// An issue is read when it arrives: by then its deadlines and events must not have passed.
fn past(subject: &Subject<'_>, date: &DateSource, findings: &mut Findings) {
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
fn may_go_on(subject: &Subject<'_>, start: &DateSource) -> bool {
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
fn distant(subject: &Subject<'_>, date: &DateSource, findings: &mut Findings) {
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
fn impossible(passage: &Text, dates: &[WrittenDate], findings: &mut Findings) {
    for written in dates.iter().filter(|date| is_beyond(date.day, date.month)) {
        let day = &passage.value()[written.named.clone()];
        let message = format!("there is no {day} in the calendar");
        let place = passage.place_of(written.named.clone());
        findings.push(Finding::warning("impossible-date", message).at(place));
    }
}

/// Whether the month never has that day.
fn is_beyond(day: i8, month: i8) -> bool {
    // In a leap year February has most days.
    Date::new(2024, month, 1).is_ok_and(|first| day > first.days_in_month())
}
