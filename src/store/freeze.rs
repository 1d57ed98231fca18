//! Freezes the recipients of a campaign: writes them as deliveries.

use super::connection::Connection;
use super::insert::insert;
use super::value::v;
use super::{Candidate, State, StoreError};
use crate::subscriber::Changed;

/// Writes candidates as deliveries, numbered from `first` on; how many.
pub(super) fn freeze(
    connection: &dyn Connection,
    send: i64,
    candidates: impl Iterator<Item = Result<Candidate, Changed>>,
    first: i64,
    now: i64,
) -> Result<i64, StoreError> {
    let mut fault = None;
    let sound = candidates.map_while(|one| one.map_err(|changed| fault = Some(changed)).ok());
    let rows = (first..).zip(sound).map(|(number, candidate)| {
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
    });
    let columns = [
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
    let count = insert(connection, "delivery", &columns, rows)?;
    if let Some(changed) = fault {
        return Err(StoreError::ListChanged(changed));
    }
    connection.execute(
        "update delivery set state = 'excluded', why =
         (select reason from suppression where suppression.address_key = delivery.address_key)
         where send = ?1 and state = 'ready'
         and exists (select 1 from suppression where suppression.address_key = delivery.address_key)",
        &[v(send)],
    )?;
    Ok(count as i64)
}
