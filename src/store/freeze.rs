//! Freezes the recipients of a campaign: writes them as deliveries.

use super::connection::Connection;
use super::insert::insert;
use super::value::{Value, v};
use super::{Candidate, State, StoreError};
use crate::subscriber::Changed;

/// Writes candidates as deliveries, numbered from `first` on, and returns how many.
pub(super) fn freeze(
    connection: &dyn Connection,
    send: i64,
    candidates: impl Iterator<Item = Result<Candidate, Changed>>,
    first: i64,
    now: i64,
) -> Result<i64, StoreError> {
    let mut error = None;
    let unchanged = candidates.map_while(|one| one.map_err(|changed| error = Some(changed)).ok());
    let numbered = (first..).zip(unchanged);
    let rows = numbered.map(|(number, candidate)| row(send, number, candidate, now));
    let count = insert(connection, "delivery", &COLUMNS, rows)?;
    if let Some(changed) = error {
        return Err(StoreError::ListChanged(changed));
    }
    exclude_suppressed(connection, send)?;
    Ok(count as i64)
}

const COLUMNS: [&str; 9] = [
    "send",
    "number",
    "address",
    "address_key",
    "name",
    "reader",
    "state",
    "why",
    "changed_at",
];

/// The values of [`COLUMNS`].
fn row(send: i64, number: i64, candidate: Candidate, now: i64) -> Vec<Value> {
    let state = match &candidate.exclusion {
        Some(_) => State::Excluded,
        None => State::Ready,
    };
    vec![
        v(send),
        v(number),
        v(candidate.address),
        v(candidate.address_key),
        v(candidate.name),
        v(candidate.subscriber),
        v(state.as_str()),
        v(candidate.exclusion),
        v(now),
    ]
}

fn exclude_suppressed(connection: &dyn Connection, send: i64) -> Result<(), StoreError> {
    connection.execute(
        "update delivery set state = 'excluded', why =
         (select reason from suppression where suppression.address_key = delivery.address_key)
         where send = ?1 and state = 'ready'
         and exists (select 1 from suppression where suppression.address_key = delivery.address_key)",
        &[v(send)],
    )?;
    Ok(())
}
