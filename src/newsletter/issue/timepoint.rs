//! Dates and times of an issue.

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};

/// An instant with its local time in the newsletter's time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZonedTime {
    /// The instant.
    pub instant: Timestamp,
    /// The local date and time.
    pub local: civil::DateTime,
    /// The abbreviation of the zone at that time, such as `CET`.
    pub zone: String,
}

/// A date, with or without a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Timepoint {
    /// A date.
    Day(civil::Date),
    /// A date with a time.
    Moment(ZonedTime),
}

/// A date, or only its month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartialDate {
    /// A date.
    Day(civil::Date),
    /// A month, as its first day.
    Month(civil::Date),
}

impl Timepoint {
    /// The date in the newsletter's time zone.
    pub fn day(&self) -> civil::Date {
        match self {
            Self::Day(day) => *day,
            Self::Moment(moment) => moment.local.date(),
        }
    }
}

impl ZonedTime {
    /// The local time of `instant` in `zone`.
    pub fn at(instant: Timestamp, zone: &TimeZone) -> Self {
        let zoned = instant.to_zoned_datetime(zone.clone());
        Self {
            instant,
            local: zoned.datetime(),
            zone: zoned.strftime("%Z").to_string(),
        }
    }
}
