//! Dates: deadlines and events in the past, days that do not exist, wrong weekdays, mistyped years.

use jiff::civil::Date;

use super::written_dates::WrittenDate;
use super::{Subject, issue_date, weekdays};
use crate::diag::{Finding, Findings, counted};
use crate::language::{CalendarWords, Dates, words};
use crate::newsletter::issue::{Content, DateSource, Event, Timepoint};
use crate::toml_file::Text;

/// The most days between the issue's `date` and the day on which it is sent.
const MOST_DAYS_APART: i32 = 7;
/// The most years between the issue and a deadline or an event.
const MOST_YEARS_AHEAD: i16 = 3;
pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    match issue_date::finding(subject) {
        // The other dates are compared with it.
        Some(finding) => findings.push(finding),
        None => compare(subject, findings),
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

fn compare(subject: &Subject<'_>, findings: &mut Findings) {
    for date in &subject.issue.source_map.dates {
        past(subject, date, findings);
        distant(subject, date, findings);
    }
}

/// Reports deadlines and events that are over when the issue is sent.
fn past(subject: &Subject<'_>, date: &DateSource, findings: &mut Findings) {
    let (code, what, owner) = match date.key {
        "deadline" => ("past-deadline", "deadline", "call"),
        "start" | "end" => ("past-event", "event", "event"),
        _ => return,
    };
    if !is_past(subject, &date.timepoint) || (date.key == "start" && has_end(subject, date)) {
        return;
    }
    let message = format!("this {what} will have passed by the time the issue goes out");
    let finding = Finding::warning(code, message).at(date.place.clone());
    findings.push(finding.hint(format!("correct the date, or remove the {owner}")));
}

fn is_past(subject: &Subject<'_>, timepoint: &Timepoint) -> bool {
    let issue = subject.issue;
    match (timepoint, &issue.send_at) {
        (Timepoint::Moment(moment), Some(send_at)) => moment.instant < send_at.instant,
        (timepoint, Some(send_at)) => timepoint.day() < send_at.local.date(),
        (timepoint, None) => timepoint.day() < issue.date,
    }
}

/// Whether the event with this start has an end. Its end is checked instead.
fn has_end(subject: &Subject<'_>, start: &DateSource) -> bool {
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

/// Reports dates far from that of the issue, mostly with a mistyped year or month.
fn distant(subject: &Subject<'_>, date: &DateSource, findings: &mut Findings) {
    let issued = subject.issue.date;
    let day = date.timepoint.day();
    let years = day.year() - issued.year();
    let message = match date.key {
        "send_at" => far_send_at(day, issued),
        "deadline" | "start" | "end" if years > MOST_YEARS_AHEAD => Some(format!(
            "{day} is {years} years after the `date` of the issue"
        )),
        _ => None,
    };
    if let Some(message) = message {
        let hint = "correct the wrong date; check the year first";
        let finding = Finding::warning("distant-date", message).at(date.place.clone());
        findings.push(finding.hint(hint));
    }
}

/// The message about a `send_at` too far from the `date` of the issue.
fn far_send_at(day: Date, issued: Date) -> Option<String> {
    let days = (day - issued).get_days();
    (days.abs() > MOST_DAYS_APART).then(|| {
        let apart = counted(days.unsigned_abs() as usize, "day");
        let word = if days < 0 { "before" } else { "after" };
        format!("`send_at` is {apart} {word} the `date` of the issue, {issued}")
    })
}

/// Reports `31 November`, `31st of November` or `November 31` in running text.
fn impossible(passage: &Text, dates: &[WrittenDate], findings: &mut Findings) {
    for written in dates.iter().filter(|date| is_beyond(date.day, date.month)) {
        let day = &passage.value()[written.named.clone()];
        let message = format!("there is no {day} in the calendar");
        let place = passage.place_of(written.named.clone());
        findings.push(Finding::warning("impossible-date", message).at(place));
    }
}

/// Whether the month never has this day.
fn is_beyond(day: i8, month: i8) -> bool {
    // A leap year, in which February has 29 days.
    Date::new(2024, month, 1).is_ok_and(|first| day > first.days_in_month())
}
