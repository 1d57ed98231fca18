//! The rate limit of a relay, which all senders share: each reserves a time for every message that it has leased.

use std::time::Duration;

use super::Postgres;
use crate::store::StoreError;

/// The times are spread evenly, so the rate is not exceeded in any second.
const RESERVE: &str = "insert into pace (relay, next_slot)
    values ($1, clock_timestamp() + $2::float8 * interval '1 second')
    on conflict (relay) do update set next_slot =
        greatest(pace.next_slot, clock_timestamp()) + $2::float8 * interval '1 second'
    returning extract(epoch from next_slot - clock_timestamp())::float8 - $2::float8";

/// The class of the advisory locks, an arbitrary constant. The hash of the relay's name is the second part of the key.
const RELAY: i32 = 0x7265_6c61;

/// Acquires a lock for each relay until the transaction ends, always in the same order.
const LOCK: &str = "select pg_advisory_xact_lock($1, number) from (
    select distinct hashtext(name) as number from unnest($2::text[]) as name order by number) as relays";

/// Locks the quotas and rate limits of relays until the transaction ends.
pub(super) fn lock(server: &Postgres, relays: &[&str]) -> Result<(), StoreError> {
    server.rows(LOCK, &[&RELAY, &relays])?;
    Ok(())
}

pub(super) fn reserve(
    server: &Postgres,
    relay: &str,
    count: u32,
    per_second: f64,
) -> Result<Option<Duration>, StoreError> {
    let seconds = f64::from(count) / per_second;
    let rows = server.rows(RESERVE, &[&relay, &seconds])?;
    let wait = rows.first().map(|row| row.get::<_, f64>(0).max(0.0));
    Ok(wait.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()))
}
