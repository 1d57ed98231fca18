//! Unix seconds, as the ledger stores times, and RFC 3339 in UTC (`2026-11-30T08:00:00Z`), as people and programs read them.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The time in RFC 3339; the number itself if it is outside of the calendar.
pub fn format(seconds: i64) -> String {
    Timestamp::from_second(seconds)
        .map_or_else(|_| seconds.to_string(), |timestamp| timestamp.to_string())
}

/// A duration as people read it: the largest unit and the one below it, such as `2 days 3 h`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    let plural = if days == 1 { "" } else { "s" };
    match (days, hours, minutes) {
        (0, 0, 0) if seconds < 1 => format!("{} ms", time.as_millis()),
        (0, 0, 0) => format!("{rest} s"),
        (0, 0, _) => format!("{minutes} min {rest} s"),
        (0, ..) => format!("{hours} h {minutes} min"),
        (_, 0, _) => format!("{days} day{plural}"),
        _ => format!("{days} day{plural} {hours} h"),
    }
}

/// Serializes Unix seconds as RFC 3339, for `#[serde(serialize_with)]`.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(seconds: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    format(*seconds).serialize(serializer)
}

/// Reads a time in RFC 3339 as Unix seconds, for `#[serde(deserialize_with)]`.
///
/// # Errors
/// When it is none.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    Timestamp::deserialize(deserializer).map(Timestamp::as_second)
}

/// Serializes a time that may be unknown.
///
/// # Errors
/// Those of the serializer.
pub fn serialize_option<S: Serializer>(
    seconds: &Option<i64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    seconds.map(format).serialize(serializer)
}

/// Serializes the end of a period; 0 is none.
///
/// # Errors
/// Those of the serializer.
pub fn serialize_end<S: Serializer>(seconds: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    let end = Some(*seconds).filter(|seconds| *seconds != 0);
    serialize_option(&end, serializer)
}
