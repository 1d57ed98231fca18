//! Removes addresses and names from the deliveries of finished campaigns, and refusals that no longer count. States, reply
//! codes and times of the deliveries remain, so the totals still add up.

use std::collections::HashSet;

use super::value::v;
use super::{Store, StoreError};

/// How many deliveries one transaction changes: another process writes in between.
const ROWS: i64 = 5_000;

/// Campaigns that finished in time and have their addresses. A delivery that is open or uncertain needs its address: a
/// campaign finishes although the outcome of some is uncertain. So does a token that is not in the store yet.
const REMOVABLE: &str =
    "select id from send where finished_at <= ?1 and removed_after is null and tokens_added is null
     and not exists (select 1 from delivery where delivery.send = send.id
     and state in ('ready', 'leased', 'in_data', 'deferred', 'uncertain')) order by id";

/// A reply may contain the address. The reason of an exclusion is a word of ours, and is counted.
const REMOVE: &str =
    "update delivery set address = '', address_key = '', name = null, reader = '{}',
     why = case when state = 'excluded' then why end
     where send = ?1 and number > ?2 and number <= ?3
     and exists (select 1 from send where id = ?1 and finished_at is not null)";

impl Store {
    /// Removes the addresses, names, attributes and replies from the deliveries of the campaigns that finished at `before`
    /// or earlier, in Unix seconds, and stores that this was done after `days`. Returns how many campaigns there were.
    ///
    /// If the process is stopped, the next call continues.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn remove_addresses(&mut self, before: i64, days: u32) -> Result<usize, StoreError> {
        let campaigns = self.rows(REMOVABLE, &[v(before)], |row| row.int(0))?;
        for send in &campaigns {
            self.remove_addresses_of(*send)?;
            self.transaction(|connection| {
                // The reply that suspended a domain may contain an address too.
                let replies = "update domain set why = '' where send = ?1";
                connection.execute(replies, &[v(*send)])?;
                // So may the reason why a run stopped.
                let sql = "update send set removed_after = ?2, stop_why = case when stop_why is not null then '' end,
                     brake_why = case when brake_is_automatic = 1 and brake_why is not null then '' else brake_why end
                     where id = ?1";
                connection.execute(sql, &[v(*send), v(days)])
            })?;
        }
        Ok(campaigns.len())
    }

    /// The keys of the addresses whose refusals were counted at `before` or earlier for the last time, in Unix seconds.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn old_bounces(&self, before: i64) -> Result<HashSet<String>, StoreError> {
        let sql = "select distinct address_key from bounce where last_at <= ?1";
        let found = self.rows(sql, &[v(before)], |row| row.text(0))?;
        Ok(found.into_iter().collect())
    }

    /// Deletes the refusals of these addresses that were counted at `before` or earlier.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn remove_bounces(
        &mut self,
        addresses: HashSet<String>,
        before: i64,
    ) -> Result<(), StoreError> {
        let addresses: Vec<String> = addresses.into_iter().collect();
        let sql = "delete from bounce where address_key = ?1 and last_at <= ?2";
        for page in addresses.chunks(ROWS as usize) {
            self.transaction(|connection| {
                page.iter().try_for_each(|address| {
                    let deleted = connection.execute(sql, &[v(address), v(before)]);
                    deleted.map(drop)
                })
            })?;
        }
        Ok(())
    }

    fn remove_addresses_of(&mut self, send: i64) -> Result<(), StoreError> {
        let last = "select coalesce(max(number), 0) from delivery where send = ?1";
        let last = self.rows(last, &[v(send)], |row| row.int(0))?;
        let last = last.first().copied().unwrap_or_default();
        let mut done = 0;
        while done < last {
            let values = [v(send), v(done), v(done + ROWS)];
            self.transaction(|connection| connection.execute(REMOVE, &values))?;
            done += ROWS;
        }
        Ok(())
    }
}
