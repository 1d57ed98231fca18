//! Names of time zones that the IANA data base keeps for old programs only.

use crate::diag::{Finding, nearest};

/// The areas of the names in use; `US/Pacific` and `EST` are not among them.
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

/// Old names and abbreviations, and a place that keeps the time that people mean by them.
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

/// The warning for a name that is still understood, such as `EST`, which has no daylight saving time.
pub(super) fn obsolete(name: &str) -> Option<Finding> {
    let area = name.split_once('/').map_or("", |(area, _)| area);
    let is_current = AREAS.iter().any(|known| known.eq_ignore_ascii_case(area));
    let is_utc = ["UTC", "Etc/UTC"]
        .iter()
        .any(|utc| utc.eq_ignore_ascii_case(name));
    if is_current || is_utc {
        return None;
    }
    let message = format!("`{name}` is an obsolete name of a time zone");
    Some(Finding::warning("obsolete-time-zone", message).hint(hint(name)))
}

/// What to write in the place of `name`.
pub(super) fn hint(name: &str) -> String {
    let meant = MEANT.iter().find(|(old, _)| old.eq_ignore_ascii_case(name));
    if let Some((_, city)) = meant {
        return format!("write a city that keeps the time you mean, such as `{city}`");
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
