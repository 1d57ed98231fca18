//! Freezes the recipients of a campaign: writes them as deliveries.

use super::connection::Connection;
use super::list::StoredAudience;
use super::value::{Value, v};
use super::{Candidate, State, StoreError};
use crate::subscriber::Changed;

/// The candidates of a campaign, from a list in a file or in the store.
pub struct Candidates<'a>(CandidateSource<'a>);

enum CandidateSource<'a> {
    Listed(Box<dyn Iterator<Item = Result<Candidate, Changed>> + 'a>),
    /// The number of the last subscriber that was written stands beside the audience.
    Stored(StoredAudience<'a>, i64),
}

impl<'a> Candidates<'a> {
    /// Candidates that are read one at a time.
    pub fn listed(candidates: impl Iterator<Item = Result<Candidate, Changed>> + 'a) -> Self {
        Self(CandidateSource::Listed(Box::new(candidates)))
    }

    /// The subscribers in the store whom an audience rule selects.
    pub fn stored(audience: StoredAudience<'a>) -> Self {
        Self(CandidateSource::Stored(audience, 0))
    }

    /// Writes all candidates as deliveries, numbered from `first` on, and returns how many.
    pub(super) fn freeze(
        mut self,
        connection: &dyn Connection,
        send: i64,
        first: i64,
        now: i64,
    ) -> Result<i64, StoreError> {
        let mut count = 0;
        while let Some(frozen) = self.freeze_next(connection, send, first + count, now)? {
            count += frozen;
        }
        Ok(count)
    }

    /// Writes the next candidates as deliveries, numbered from `first` on, and returns how many; `None` at the end.
    pub(super) fn freeze_next(
        &mut self,
        connection: &dyn Connection,
        send: i64,
        first: i64,
        now: i64,
    ) -> Result<Option<i64>, StoreError> {
        match &mut self.0 {
            CandidateSource::Listed(candidates) => {
                let count = freeze(connection, send, candidates.by_ref().take(STEP), first, now)?;
                Ok((count > 0).then_some(count))
            }
            CandidateSource::Stored(audience, last) => {
                let (count, end) = audience.freeze_next(connection, send, (*last, first), now)?;
                *last = end.unwrap_or(*last);
                Ok(end.map(|_| count as i64))
            }
        }
    }
}

/// How many candidates of a list in a file one transaction freezes.
const STEP: usize = 20_000;

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
    let mut rows = numbered.map(|(number, candidate)| row(send, number, candidate, now));
    let count = connection.insert("delivery", &COLUMNS, &mut rows)?;
    if let Some(changed) = error {
        return Err(StoreError::ListChanged(changed));
    }
    exclude_suppressed(connection, send, first)?;
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

fn exclude_suppressed(
    connection: &dyn Connection,
    send: i64,
    first: i64,
) -> Result<(), StoreError> {
    connection.execute(
        "update delivery set state = 'excluded', why =
         (select reason from suppression where suppression.address_key = delivery.address_key)
         where send = ?1 and number >= ?2 and state = 'ready'
         and exists (select 1 from suppression where suppression.address_key = delivery.address_key)",
        &[v(send), v(first)],
    )?;
    Ok(())
}
