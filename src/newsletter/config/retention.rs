//! How long personal data is kept: `30 days`, `3 years`, or `forever`.

use std::str::FromStr;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, ZonedDateTime};

/// How long personal data is kept after the event that makes it old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// This number of days.
    Days(u32),
    /// This number of years of the calendar.
    Years(u32),
    /// Without a limit.
    Forever,
}

/// The times of `[privacy]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionTimes {
    /// How long the store keeps the addresses and names of a campaign after its end, and those of people after they left.
    pub keep: Retention,
    /// How long the store keeps the evidence of consent after the person left.
    pub evidence: Retention,
}

/// A text is not a time for which data is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionError;

/// The most days: a hundred years. A longer time is a mistake.
const MOST_DAYS: u32 = 36_500;

/// The most years.
const MOST_YEARS: u32 = 100;

/// The number of days of a year, for [`Retention::days`].
const DAYS_OF_A_YEAR: u32 = 365;

impl Default for RetentionTimes {
    /// The evidence is kept for three years because a claim about unwanted mail can be brought for about that long in many
    /// countries of Europe, for example under section 195 of the German civil code.
    fn default() -> Self {
        Self {
            keep: Retention::Days(30),
            evidence: Retention::Years(3),
        }
    }
}

/// `30 days`, `1 day`, `3 years`, `forever`.
impl FromStr for Retention {
    type Err = RetentionError;

    fn from_str(text: &str) -> Result<Self, RetentionError> {
        if text == "forever" {
            return Ok(Self::Forever);
        }
        let (number, unit) = text.split_once(' ').ok_or(RetentionError)?;
        let number = number.parse().map_err(|_| RetentionError)?;
        match (number, unit) {
            (1..=MOST_DAYS, "day" | "days") => Ok(Self::Days(number)),
            (1..=MOST_YEARS, "year" | "years") => Ok(Self::Years(number)),
            _ => Err(RetentionError),
        }
    }
}

impl Retention {
    /// A hint with examples.
    pub const HINT: &str = "write a number of days or years, such as `30 days`, or `forever`";

    /// The moment before which data is old, in Unix seconds; `None` if it never is.
    pub fn before(self, now: Timestamp) -> Option<i64> {
        let today = ZonedDateTime::new(now, TimeZone::UTC);
        let before = match self {
            Self::Days(days) => today.checked_sub(i64::from(days).days()),
            Self::Years(years) => today.checked_sub(i64::from(years).years()),
            Self::Forever => return None,
        };
        before.ok().map(|before| before.timestamp().as_second())
    }

    /// The number of days, in years of 365 days; `None` for `forever`.
    pub fn days(self) -> Option<u32> {
        match self {
            Self::Days(days) => Some(days),
            Self::Years(years) => Some(years * DAYS_OF_A_YEAR),
            Self::Forever => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_years_and_forever_are_parsed_and_nothing_else() {
        assert_eq!("30 days".parse(), Ok(Retention::Days(30)));
        assert_eq!("1 day".parse(), Ok(Retention::Days(1)));
        assert_eq!("3 years".parse(), Ok(Retention::Years(3)));
        assert_eq!("1 year".parse(), Ok(Retention::Years(1)));
        assert_eq!("forever".parse(), Ok(Retention::Forever));
        for text in [
            "",
            "30",
            "0 days",
            "-1 days",
            "30 weeks",
            "30days",
            "never",
            "99999 days",
            "0 years",
            "101 years",
        ] {
            assert!(text.parse::<Retention>().is_err(), "{text}");
        }
    }

    #[test]
    fn years_are_those_of_the_calendar() {
        let now: Timestamp = "2026-11-30T08:00:00Z".parse().unwrap();
        let before = |text: &str| text.parse::<Retention>().unwrap().before(now);
        let moment = |text: &str| Some(text.parse::<Timestamp>().unwrap().as_second());
        assert_eq!(before("3 years"), moment("2023-11-30T08:00:00Z"));
        assert_eq!(before("30 days"), moment("2026-10-31T08:00:00Z"));
        assert_eq!(before("forever"), None);
    }
}
