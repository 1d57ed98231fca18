//! How long personal data is kept: `30 days`, or `forever`.

use std::str::FromStr;

/// How long the ledger keeps the addresses and names of finished campaigns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retention {
    /// As many days after the end of the campaign.
    Days(u32),
    /// Without a limit.
    Forever,
}

/// A text is not a time for which data is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionError;

/// The most days: a hundred years. A longer time is a mistake.
const MOST_DAYS: u32 = 36_500;

impl Default for Retention {
    fn default() -> Self {
        Self::Days(30)
    }
}

/// `30 days`, `1 day`, `forever`.
impl FromStr for Retention {
    type Err = RetentionError;

    fn from_str(text: &str) -> Result<Self, RetentionError> {
        if text == "forever" {
            return Ok(Self::Forever);
        }
        let (days, unit) = text.split_once(' ').ok_or(RetentionError)?;
        let days = days.parse().map_err(|_| RetentionError)?;
        let is_unit = matches!(unit, "day" | "days");
        match days {
            1..=MOST_DAYS if is_unit => Ok(Self::Days(days)),
            _ => Err(RetentionError),
        }
    }
}

impl Retention {
    /// A hint with examples.
    pub const HINT: &str = "write a number of days, such as `30 days`, or `forever`";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_forever_are_parsed_and_nothing_else() {
        assert_eq!("30 days".parse(), Ok(Retention::Days(30)));
        assert_eq!("1 day".parse(), Ok(Retention::Days(1)));
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
        ] {
            assert!(text.parse::<Retention>().is_err(), "{text}");
        }
    }
}
