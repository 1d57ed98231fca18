//! The remaining deliveries of a campaign and the messages sent before, for `plan`. They are read in pages.

use super::recovery::MOST_COPIES;
use super::value::{Row, v};
use super::{Send, State, Store, StoreError};
use crate::newsletter::issue::OnUncertain;

/// How many rows are in memory at once.
const PAGE: i64 = 5_000;

/// A delivery that a run would try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remaining {
    /// The mailbox.
    pub address_key: String,
    /// The address as the list writes it.
    pub address: String,
    /// Its state in the ledger.
    pub state: State,
    /// The earliest time of the next attempt, in Unix seconds.
    pub next_try: Option<i64>,
}

/// The condition in SQL that a run would attempt a delivery. Uncertain deliveries count if they were attempted fewer than
/// `?2` times.
const REMAINING: &str = "send = ?1 and (state in ('ready', 'leased', 'deferred')
    or state in ('in_data', 'uncertain') and attempts < ?2)";

/// The maximum number of attempts for a delivery whose message may have left.
fn copies(send: &Send) -> u32 {
    match send.on_uncertain {
        OnUncertain::Resend => MOST_COPIES,
        OnUncertain::Hold | OnUncertain::Skip => 0,
    }
}

impl Store {
    /// The first remaining recipient as JSON; with `only`, the one with that mailbox.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn first_remaining(
        &self,
        send: &Send,
        only: Option<&str>,
    ) -> Result<Option<String>, StoreError> {
        let sql = format!(
            "select reader from delivery where {REMAINING} and (?3 = '' or address_key = ?3) order by number limit 1"
        );
        let values = [v(send.id), v(copies(send)), v(only.unwrap_or_default())];
        let found = self.rows(&sql, &values, |row| row.text(0))?;
        Ok(found.into_iter().next())
    }

    /// Calls `visit` with each remaining delivery, in the order of the list.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn each_remaining(
        &self,
        send: &Send,
        mut visit: impl FnMut(&Remaining),
    ) -> Result<(), StoreError> {
        let mut last = 0;
        let sql = format!(
            "select number, address_key, address, state, next_try from delivery
             where {REMAINING} and number > ?3 order by number limit ?4"
        );
        loop {
            let values = [v(send.id), v(copies(send)), v(last), v(PAGE)];
            let page = self.rows(&sql, &values, read_remaining)?;
            let Some(end) = page.last() else {
                return Ok(());
            };
            last = end.0;
            page.iter().for_each(|(_, left)| visit(left));
        }
    }

    /// How many messages were sent to a relay in each second after `since` (Unix seconds). Uncertain deliveries count, and
    /// so do those without a recorded relay.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn handed_over_by_second(
        &self,
        relay: &str,
        since: i64,
    ) -> Result<Vec<(i64, usize)>, StoreError> {
        self.rows(
            "select changed_at, count(*) from delivery
             where state in ('accepted', 'uncertain') and changed_at > ?2 and (relay = ?1 or relay is null)
             group by changed_at order by changed_at",
            &[v(relay), v(since)],
            |row| Some((row.int(0)?, row.count(1)? as usize)),
        )
    }
}

/// The number of a delivery, and the delivery.
fn read_remaining(row: &mut Row) -> Option<(i64, Remaining)> {
    let state = State::from_word(&row.text(3)?)?;
    let next_try = row.maybe(4, |row, column| row.int(column))?;
    let left = Remaining {
        address_key: row.text(1)?,
        address: row.text(2)?,
        state,
        next_try: next_try.filter(|_| state == State::Deferred),
    };
    Some((row.int(0)?, left))
}
