//! One rate for all senders: each keeps moments for what it has taken, one behind the other.

use std::time::Duration;

use super::Postgres;
use crate::store::StoreError;

/// The moments are spread evenly: a relay that counts by the second never sees more than its rate.
const RESERVE: &str = "insert into pace (relay, next_slot)
    values ($1, clock_timestamp() + $2::float8 * interval '1 second')
    on conflict (relay) do update set next_slot =
        greatest(pace.next_slot, clock_timestamp()) + $2::float8 * interval '1 second'
    returning extract(epoch from next_slot - clock_timestamp())::float8 - $2::float8";

/// Any number, so long as it is always the same: what a relay's name says behind it is nobody else's lock.
const RELAY: i32 = 0x7265_6c61;

/// The locks end with the transaction. They are taken in one order, whatever the order of the names.
const HOLD: &str = "select pg_advisory_xact_lock($1, number) from (
    select distinct hashtext(name) as number from unnest($2::text[]) as name order by number) as relays";

/// Keeps the other senders from what is counted of these relays until the transaction ends.
pub(super) fn hold(server: &Postgres, relays: &[&str]) -> Result<(), StoreError> {
    server.rows(HOLD, &[&RELAY, &relays])?;
    Ok(())
}

pub(super) fn reserve(
    server: &Postgres,
    relay: &str,
    count: u32,
    per_second: f64,
) -> Result<Option<Duration>, StoreError> {
    let taken = f64::from(count) / per_second;
    let rows = server.rows(RESERVE, &[&relay, &taken])?;
    let wait = rows.first().map(|row| row.get::<_, f64>(0).max(0.0));
    Ok(wait.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()))
}
