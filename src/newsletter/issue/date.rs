//! Reading dates and times, in the newsletter's time zone.

use std::ops::RangeInclusive;

use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, civil};
use toml::Spanned;
use toml::value::{Date, Datetime, Offset, Time};

use super::raw::RawDate;
use super::reader::IssueReader;
use super::source_map::DateSource;
use super::{PartialDate, Timepoint, ZonedTime};
use crate::diag::Finding;
use crate::toml_file;

impl IssueReader<'_> {
    /// A day.
    pub(super) fn day(
        &mut self,
        value: Option<Spanned<RawDate>>,
        key: &'static str,
    ) -> Option<civil::Date> {
        match self.timepoint(value, key)? {
            Timepoint::Day(day) => Some(day),
            Timepoint::Moment(moment) => Some(moment.local.date()),
        }
    }

    /// A date with a time of day.
    pub(super) fn moment(
        &mut self,
        value: Option<Spanned<RawDate>>,
        key: &'static str,
    ) -> Option<ZonedTime> {
        let value = value?;
        let place = self.place(&value);
        match self.timepoint(Some(value), key)? {
            Timepoint::Moment(moment) => Some(moment),
            Timepoint::Day(day) => {
                self.findings.push(
                    Finding::error("bad-date", format!("`{key}` has no time of day"))
                        .at(place)
                        .hint(format!("write `{day}T09:00:00`")),
                );
                None
            }
        }
    }

    /// A date, with or without a time of day.
    pub(super) fn timepoint(
        &mut self,
        value: Option<Spanned<RawDate>>,
        key: &'static str,
    ) -> Option<Timepoint> {
        let value = value?;
        let place = self.place(&value);
        match checked_timepoint(value.into_inner(), key, self.zone) {
            Ok(timepoint) => {
                self.source_map.dates.push(DateSource {
                    key,
                    timepoint: timepoint.clone(),
                    place,
                });
                Some(timepoint)
            }
            Err(error) => {
                self.findings.push(error.finding(key).at(place));
                None
            }
        }
    }

    /// A date, or a month.
    pub(super) fn partial_date(
        &mut self,
        value: Option<Spanned<RawDate>>,
        key: &'static str,
    ) -> Option<PartialDate> {
        if let Some(RawDate::Text(text)) = value.as_ref().map(Spanned::get_ref)
            && let Some(month) = month(text)
        {
            return Some(PartialDate::Month(month));
        }
        self.day(value, key).map(PartialDate::Day)
    }
}

/// The date or moment of the key `key`.
fn checked_timepoint(raw: RawDate, key: &str, zone: &TimeZone) -> Result<Timepoint, DateError> {
    let date = match raw {
        RawDate::Date(date) => date,
        RawDate::Text(text) => text.trim().parse().map_err(|_| DateError::NoDate(text))?,
    };
    is_of_an_issue(date, key)?;
    timepoint(date, zone)
}

/// `2025-05`
fn month(text: &str) -> Option<civil::Date> {
    let (year, month) = text.trim().split_once('-')?;
    if year.len() != 4 || month.len() != 2 {
        return None;
    }
    civil::Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()
}

/// The valid years of an issue.
const YEARS: RangeInclusive<u16> = 1970..=2200;

/// Checks the year of the dates of an issue. Other dates, such as that of a publication, may be older.
fn is_of_an_issue(written: Datetime, key: &str) -> Result<(), DateError> {
    let year = written.date.map(|date| date.year);
    match year.filter(|year| !YEARS.contains(year)) {
        Some(_) if matches!(key, "date" | "send_at") => Err(DateError::Year(written)),
        _ => Ok(()),
    }
}

/// An invalid date.
enum DateError {
    NoDate(String),
    Year(Datetime),
    NoDay,
    DoesNotExist(String),
    Gap {
        local: civil::DateTime,
        zone: String,
    },
    Fold {
        local: civil::DateTime,
        offsets: [String; 2],
        zone: String,
    },
}

impl DateError {
    fn finding(self, key: &str) -> Finding {
        match self {
            Self::NoDate(text) => Finding::error("bad-date", toml_file::invalid_date(&text))
                .hint(toml_file::date_hint(&text)),
            Self::Year(written) => {
                let message = format!("`{written}` is not between the years 1970 and 2200");
                Finding::error("bad-date", message).hint(year_hint(written))
            }
            Self::NoDay => Finding::error("bad-date", format!("`{key}` is a time without a date"))
                .hint("write the date before it: `2026-05-30T09:00:00`"),
            Self::DoesNotExist(written) => Finding::error(
                "bad-date",
                format!("{written} does not exist in the calendar"),
            ),
            Self::Gap { local, zone } => Finding::error(
                "time-gap",
                format!("{local} does not exist in {zone}: the clocks are set forward"),
            )
            .hint("choose a time before or after the change"),
            Self::Fold {
                local,
                offsets: [first, second],
                zone,
            } => Finding::error(
                "time-twice",
                format!("{local} occurs twice in {zone}: the clocks are set back"),
            )
            .hint(format!(
                "write the offset: `{local}{first}` or `{local}{second}`"
            )),
        }
    }
}

/// A hint with the date in this century: `2026` for `0026` or `1026`.
fn year_hint(mut written: Datetime) -> String {
    let Some(date) = &mut written.date else {
        return "correct the year".to_owned();
    };
    date.year = 2000 + date.year % 100;
    format!("did you mean `{written}`?")
}

fn timepoint(written: Datetime, zone: &TimeZone) -> Result<Timepoint, DateError> {
    let Some(date) = written.date else {
        return Err(DateError::NoDay);
    };
    let day = calendar_day(date)?;
    let Some(time) = written.time else {
        return Ok(Timepoint::Day(day));
    };
    let local = day.to_datetime(time_of_day(time)?);
    let instant = match written.offset {
        Some(offset) => with_offset(local, offset)?,
        None => in_zone(local, zone)?,
    };
    Ok(Timepoint::Moment(ZonedTime::at(instant, zone)))
}

fn calendar_day(date: Date) -> Result<civil::Date, DateError> {
    let year = i16::try_from(date.year).unwrap_or(i16::MAX);
    civil::Date::new(year, date.month.cast_signed(), date.day.cast_signed())
        .map_err(|_| DateError::DoesNotExist(date.to_string()))
}

/// A time of day in whole seconds.
fn time_of_day(time: Time) -> Result<civil::Time, DateError> {
    let parts = [time.hour, time.minute, time.second.unwrap_or(0)];
    let [hour, minute, second] = parts.map(u8::cast_signed);
    civil::Time::new(hour, minute, second, 0).map_err(|_| DateError::DoesNotExist(time.to_string()))
}

fn with_offset(local: civil::DateTime, offset: Offset) -> Result<Timestamp, DateError> {
    jiff::tz::Offset::from_seconds(seconds_east(offset))
        .and_then(|offset| offset.to_timestamp(local))
        .map_err(|_| DateError::DoesNotExist(local.to_string()))
}

/// The seconds by which local time is ahead of UTC.
fn seconds_east(offset: Offset) -> i32 {
    match offset {
        Offset::Z => 0,
        Offset::Custom { minutes } => i32::from(minutes) * 60,
    }
}

/// The instant of a local time, which must occur exactly once.
fn in_zone(local: civil::DateTime, zone: &TimeZone) -> Result<Timestamp, DateError> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    let name = zone.iana_name().unwrap_or("this zone").to_owned();
    match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { .. } => ambiguous
            .unambiguous()
            .map_err(|_| DateError::DoesNotExist(local.to_string())),
        AmbiguousOffset::Gap { .. } => Err(DateError::Gap { local, zone: name }),
        AmbiguousOffset::Fold { before, after } => {
            let offsets = [before, after].map(rfc3339_offset);
            Err(DateError::Fold {
                local,
                offsets,
                zone: name,
            })
        }
    }
}

fn rfc3339_offset(offset: jiff::tz::Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}
