//! What is left of a send, and what went before: all that a plan asks. Page by page, and of each reader no more than
//! the mailbox.

use std::collections::HashMap;

use super::books::{MOST_COPIES, v};
use super::{Send, State, Store, StoreError};
use crate::issue::OnUncertain;

/// The addresses that must not be mailed: by the mailbox's key, the reason.
pub type Suppressions = HashMap<String, String>;

/// How many rows are in memory at once.
const PAGE: i64 = 5_000;

impl Store {
    /// Tells `hear` of every delivery that a run would try, in the order of the list: the mailbox, by its key, and
    /// before when it is not tried, in Unix seconds.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn left(
        &self,
        send: &Send,
        mut hear: impl FnMut(&str, Option<i64>),
    ) -> Result<(), StoreError> {
        // What is left behind by a sender that died is taken up, and what is in doubt is sent again where the
        // issue says so.
        let copies = match send.on_uncertain {
            OnUncertain::Resend => MOST_COPIES,
            OnUncertain::Hold | OnUncertain::Skip => 0,
        };
        let mut last = 0;
        loop {
            let page = self.rows(
                "select number, address_key, state, next_try from delivery
                 where send = ?1 and number > ?2
                 and (state in ('ready', 'leased', 'deferred')
                      or state in ('in_data', 'uncertain') and attempts < ?3)
                 order by number limit ?4",
                &[v(send.id), v(last), v(copies), v(PAGE)],
                |row| {
                    let state = State::from_word(&row.text(2)?)?;
                    let next_try = row.maybe(3, |row, column| row.int(column))?;
                    let next_try = next_try.filter(|_| state == State::Deferred);
                    Some((row.int(0)?, row.text(1)?, next_try))
                },
            )?;
            let Some(end) = page.last() else {
                return Ok(());
            };
            last = end.0;
            for (_, key, next_try) in &page {
                hear(key, *next_try);
            }
        }
    }

    /// The suppressed mailboxes, by their keys, each with the reason.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn suppressions(&self) -> Result<Suppressions, StoreError> {
        let sql = "select address_key, reason from suppression";
        let rows = self.rows(sql, &[], |row| Some((row.text(0)?, row.text(1)?)))?;
        Ok(rows.into_iter().collect())
    }

    /// How many letters were handed over to a relay in each second since a moment in Unix seconds. Of the
    /// uncertain nobody knows, so they count, and so do those of which it was not written down where they went.
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
