//! A rate of messages: `20/s`.

use std::str::FromStr;

/// So many messages in a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    per_second: f64,
}

/// A text is no rate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateError(String);

impl std::fmt::Display for RateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` is no rate", self.0)
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
        let seconds = match unit.trim() {
            "s" => 1.0,
            "min" => 60.0,
            "h" => 3600.0,
            _ => return Err(wrong()),
        };
        if count == 0 {
            return Err(wrong());
        }
        Ok(Self {
            per_second: f64::from(count) / seconds,
        })
    }
}

impl Rate {
    /// How a rate is written.
    pub const HINT: &str = "write `20/s`, `600/min` or `5000/h`";

    /// Messages a second.
    pub fn per_second(self) -> f64 {
        self.per_second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_rate_is_told() {
        for text in ["", "20", "0/s", "20/d", "-1/s", "many/s"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }
}
