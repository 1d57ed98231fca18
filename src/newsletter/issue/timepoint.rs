//! Days and times of an issue.

use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};

/// A moment, and how a clock in the publication's zone shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZonedTime {
    /// The moment.
    pub instant: Timestamp,
    /// Date and time of day in the publication's zone.
    pub local: civil::DateTime,
    /// The zone's abbreviation then, such as `CET`.
    pub zone: String,
}

/// A day, or a moment on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Timepoint {
    /// The whole day.
    Day(civil::Date),
    /// A time of that day.
    Moment(ZonedTime),
}

/// A date of which the day may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartialDate {
    /// A day.
    Day(civil::Date),
    /// A month, by its first day.
    Month(civil::Date),
}

impl Timepoint {
    /// Its day in the publication's zone.
    pub fn day(&self) -> civil::Date {
        match self {
            Self::Day(day) => *day,
            Self::Moment(moment) => moment.local.date(),
        }
    }
}

impl ZonedTime {
    /// The moment `instant` as a clock in `zone` shows it.
    pub fn at(instant: Timestamp, zone: &TimeZone) -> Self {
        let zoned = instant.to_zoned_datetime(zone.clone());
        Self {
            instant,
            local: zoned.datetime(),
            zone: zoned.strftime("%Z").to_string(),
        }
    }
}
