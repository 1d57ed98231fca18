//! Times in the notations of other systems, as RFC 3339 in UTC, to the second.

use jiff::Timestamp;

/// RFC 3339 and its relatives with a zone: `2020-08-27T15:06:27.713Z`, `2024-03-13 00:03:09.183465+00:00`.
pub(super) fn iso(text: &str) -> Option<String> {
    let timestamp: Timestamp = text.parse().ok()?;
    seconds(timestamp.as_second())
}

/// A time in UTC without a zone, or with the word `UTC`: `2021-03-02 10:14:55`.
pub(super) fn utc(text: &str) -> Option<String> {
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    iso(&format!("{text}Z"))
}

/// A time as Go prints it: `2023-11-30 17:45:10.5 +0100 CET`. The year 1 stands for none.
pub(super) fn go(text: &str) -> Option<String> {
    let mut words = text.split_whitespace();
    let (date, time, offset) = (words.next()?, words.next()?, words.next()?);
    let (hours, minutes) = offset.split_at_checked(3)?;
    iso(&format!("{date}T{time}{hours}:{minutes}")).filter(|_| !date.starts_with("0001-"))
}

/// Seconds since 1970.
pub(super) fn unix(text: &str) -> Option<String> {
    seconds(text.parse().ok()?)
}

/// Whether a text in no known notation may be a time: it has digits, and a date in the order of ISO 8601 exists.
pub(super) fn may_be_time(text: &str) -> bool {
    let has_digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let shape = |date: &str| {
        let is_fit = |(at, byte): (usize, u8)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        };
        date.bytes().enumerate().all(is_fit)
    };
    let date = text.get(..10).filter(|date| shape(date));
    has_digits && date.is_none_or(|date| date.parse::<jiff::civil::Date>().is_ok())
}

fn seconds(seconds: i64) -> Option<String> {
    let timestamp = Timestamp::from_second(seconds).ok()?;
    Some(timestamp.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_other_systems_are_utc_to_the_second() {
        type Read = fn(&str) -> Option<String>;
        let cases: [(Read, &str, Option<&str>); 9] = [
            (
                iso,
                "2020-08-27T15:06:27.713Z",
                Some("2020-08-27T15:06:27Z"),
            ),
            (
                iso,
                "2024-03-13 00:03:09.183465+01:00",
                Some("2024-03-12T23:03:09Z"),
            ),
            (iso, "2024-03-13 00:03:09", None),
            (utc, "2021-03-02 10:14:55", Some("2021-03-02T10:14:55Z")),
            (utc, "2023-03-24 10:23:10 UTC", Some("2023-03-24T10:23:10Z")),
            (
                go,
                "2023-11-30 17:45:10.5 +0100 CET",
                Some("2023-11-30T16:45:10Z"),
            ),
            (go, "0001-01-01 00:00:00 +0000 UTC", None),
            (unix, "1700000000", Some("2023-11-14T22:13:20Z")),
            (unix, "soon", None),
        ];
        for (read, text, expected) in cases {
            assert_eq!(read(text).as_deref(), expected, "{text}");
        }
    }
}
