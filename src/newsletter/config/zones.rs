//! Time zone names that the IANA database keeps only for old software.

use crate::diag::{Finding, nearest};

/// The areas of current names; `US/Pacific` and `EST` are not among them.
const AREAS: [&str; 10] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
];

/// Old names and abbreviations, and a city in the time zone that people mean by them.
const MEANT: [(&str, &str); 28] = [
    ("EST", "America/New_York"),
    ("EST5EDT", "America/New_York"),
    ("EDT", "America/New_York"),
    ("ET", "America/New_York"),
    ("CST", "America/Chicago"),
    ("CST6CDT", "America/Chicago"),
    ("CDT", "America/Chicago"),
    ("MST", "America/Denver"),
    ("MST7MDT", "America/Denver"),
    ("PST", "America/Los_Angeles"),
    ("PST8PDT", "America/Los_Angeles"),
    ("PDT", "America/Los_Angeles"),
    ("HST", "Pacific/Honolulu"),
    ("US/Eastern", "America/New_York"),
    ("US/Central", "America/Chicago"),
    ("US/Mountain", "America/Denver"),
    ("US/Pacific", "America/Los_Angeles"),
    ("CET", "Europe/Brussels"),
    ("CEST", "Europe/Brussels"),
    ("MEZ", "Europe/Berlin"),
    ("MET", "Europe/Brussels"),
    ("EET", "Europe/Athens"),
    ("WET", "Europe/Lisbon"),
    ("BST", "Europe/London"),
    ("GB", "Europe/London"),
    ("IST", "Asia/Kolkata"),
    ("JST", "Asia/Tokyo"),
    ("Japan", "Asia/Tokyo"),
];

/// Places that the database has renamed, with their current names.
const RENAMED: [(&str, &str); 22] = [
    ("Africa/Asmera", "Africa/Asmara"),
    ("America/Buenos_Aires", "America/Argentina/Buenos_Aires"),
    ("America/Catamarca", "America/Argentina/Catamarca"),
    ("America/Cordoba", "America/Argentina/Cordoba"),
    ("America/Godthab", "America/Nuuk"),
    ("America/Indianapolis", "America/Indiana/Indianapolis"),
    ("America/Jujuy", "America/Argentina/Jujuy"),
    ("America/Louisville", "America/Kentucky/Louisville"),
    ("America/Mendoza", "America/Argentina/Mendoza"),
    ("Asia/Calcutta", "Asia/Kolkata"),
    ("Asia/Dacca", "Asia/Dhaka"),
    ("Asia/Katmandu", "Asia/Kathmandu"),
    ("Asia/Macao", "Asia/Macau"),
    ("Asia/Rangoon", "Asia/Yangon"),
    ("Asia/Saigon", "Asia/Ho_Chi_Minh"),
    ("Asia/Thimbu", "Asia/Thimphu"),
    ("Asia/Ulan_Bator", "Asia/Ulaanbaatar"),
    ("Atlantic/Faeroe", "Atlantic/Faroe"),
    ("Europe/Kiev", "Europe/Kyiv"),
    ("Pacific/Enderbury", "Pacific/Kanton"),
    ("Pacific/Ponape", "Pacific/Pohnpei"),
    ("Pacific/Truk", "Pacific/Chuuk"),
];

/// Names of Greenwich time, to which offsets are added; the last is for a bare `+01:00`.
const OFFSETS: [&str; 10] = [
    "GMT",
    "UTC",
    "UCT",
    "Z",
    "ZULU",
    "UNIVERSAL",
    "GREENWICH",
    "GMT0",
    "UT",
    "",
];

/// The warning about a name that still works, such as `EST`, which has no daylight saving time.
pub(super) fn obsolete(name: &str) -> Option<Finding> {
    let area = name.split_once('/').map_or("", |(area, _)| area);
    let is_current = AREAS.iter().any(|known| known.eq_ignore_ascii_case(area));
    let is_utc = ["UTC", "Etc/UTC"]
        .iter()
        .any(|utc| utc.eq_ignore_ascii_case(name));
    if (is_current && renamed(name).is_none()) || is_utc {
        return None;
    }
    let message = format!("`{name}` is an obsolete time zone name");
    Some(Finding::warning("obsolete-time-zone", message).hint(hint(name)))
}

/// The current name of a renamed place.
fn renamed(name: &str) -> Option<&'static str> {
    let found = RENAMED
        .iter()
        .find(|(old, _)| old.eq_ignore_ascii_case(name));
    found.map(|(_, new)| *new)
}

/// Whether `name` is an offset from Greenwich time: `GMT`, `UTC+1`, `Z`, `Etc/GMT-1`.
fn is_offset(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let zone = upper.strip_prefix("ETC/").unwrap_or(&upper);
    let zone = zone.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | ':'));
    OFFSETS.contains(&zone.trim_end())
}

/// The name to write instead of `name`.
pub(super) fn hint(name: &str) -> String {
    if let Some(new) = renamed(name) {
        return format!("write `{new}`");
    }
    if is_offset(name) {
        return "write a city in that time zone, such as `Europe/London`, or `UTC`".to_owned();
    }
    let meant = MEANT.iter().find(|(old, _)| old.eq_ignore_ascii_case(name));
    if let Some((_, city)) = meant {
        return format!("write a city in that time zone, such as `{city}`");
    }
    let known: Vec<String> = jiff::tz::db()
        .available()
        .map(|name| name.to_string())
        .collect();
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write a name such as `Europe/Brussels`".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_gets_a_place_or_utc() {
        for name in [
            "GMT",
            "GMT+1",
            "Z",
            "UTC+1",
            "Etc/GMT-1",
            "etc/gmt+1",
            "+01:00",
        ] {
            assert!(hint(name).contains("`Europe/London`, or `UTC`"), "{name}");
        }
        assert_eq!(hint("Europe/Brusels"), "did you mean `Europe/Brussels`?");
    }

    #[test]
    fn renamed_places_get_their_new_names() {
        for (old, new) in RENAMED {
            assert_eq!(hint(old), format!("write `{new}`"));
            assert!(obsolete(old).is_some(), "{old}");
            assert!(obsolete(new).is_none(), "{new}");
            assert!(jiff::tz::TimeZone::get(new).is_ok(), "{new}");
        }
    }
}
