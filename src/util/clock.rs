//! The one place that asks what time it is; everything else is told.
//!
//! `FRANKING_NOW` (an RFC 3339 moment, such as `2026-11-30T09:00:00+01:00`) sets the clock of one run:
//! an operator rehearses a schedule with it, and the tests live through a week in a minute.

use jiff::Timestamp;

const VARIABLE: &str = "FRANKING_NOW";

/// Whether `FRANKING_NOW` sets the clock.
pub fn is_set() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// The moment of this call, or the one that `FRANKING_NOW` names.
///
/// # Errors
/// When `FRANKING_NOW` is set and is no RFC 3339 moment: a rehearsal on the real clock would send.
pub fn now() -> Result<Timestamp, &'static str> {
    match std::env::var(VARIABLE) {
        Ok(moment) => moment
            .parse()
            .map_err(|_| "write it with its offset, such as `2026-11-30T09:00:00+01:00`"),
        Err(_) => Ok(Timestamp::now()),
    }
}
