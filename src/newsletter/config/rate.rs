//! A rate of messages: `20/s`.

use std::str::FromStr;

/// A number of messages per unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    count: u32,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Second,
    Minute,
    Hour,
}

impl Unit {
    const ALL: [Self; 3] = [Self::Second, Self::Minute, Self::Hour];

    fn as_str(self) -> &'static str {
        match self {
            Self::Second => "s",
            Self::Minute => "min",
            Self::Hour => "h",
        }
    }

    fn seconds(self) -> f64 {
        match self {
            Self::Second => 1.0,
            Self::Minute => 60.0,
            Self::Hour => 3600.0,
        }
    }
}

/// A text is not a rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateError(String);

impl std::fmt::Display for RateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "invalid rate `{}`", self.0)
    }
}

impl std::error::Error for RateError {}

/// `20/s`, `600/min`, `5000/h`.
impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let wrong = || RateError(text.to_owned());
        let (count, unit) = text.trim().split_once('/').ok_or_else(wrong)?;
        let count: u32 = count.trim().parse().map_err(|_| wrong())?;
        let mut units = Unit::ALL.into_iter();
        let unit = units.find(|known| known.as_str() == unit.trim());
        let unit = unit.ok_or_else(wrong)?;
        if count == 0 {
            return Err(wrong());
        }
        Ok(Self { count, unit })
    }
}

/// Formats the rate as in the file: `20/s`.
impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.count, self.unit.as_str())
    }
}

impl Rate {
    /// A hint with examples of rates.
    pub const HINT: &str = "write `20/s`, `600/min` or `5000/h`";

    /// The rate in messages per second.
    pub fn per_second(self) -> f64 {
        f64::from(self.count) / self.unit.seconds()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_shown_as_it_is_written() {
        for text in ["20/s", "600/min", "5000/h"] {
            let rate: Rate = text.parse().unwrap();
            assert_eq!(rate.to_string(), text);
        }
    }

    #[test]
    fn invalid_rates_are_rejected() {
        for text in ["", "20", "0/s", "20/d", "-1/s", "many/s"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }
}
