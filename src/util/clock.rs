//! The clock: the only place that reads the current time.
//!
//! `FRANKING_NOW` (an RFC 3339 timestamp, such as `2026-11-30T09:00:00+01:00`) sets the clock of one run, to rehearse a
//! schedule, and for tests.

use jiff::Timestamp;

const VARIABLE: &str = "FRANKING_NOW";

/// Whether `FRANKING_NOW` sets the clock.
pub fn is_set() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// The current time, or that in `FRANKING_NOW`.
///
/// # Errors
/// If `FRANKING_NOW` is not an RFC 3339 timestamp: falling back to the real clock would send messages.
pub fn now() -> Result<Timestamp, &'static str> {
    match std::env::var(VARIABLE) {
        Ok(moment) => moment
            .parse()
            .map_err(|_| "write it with its offset, such as `2026-11-30T09:00:00+01:00`"),
        Err(_) => Ok(Timestamp::now()),
    }
}
