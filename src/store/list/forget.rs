//! Removes a person from the store. What remains is the keyed hash of the mailbox, so that it is never mailed again.

use std::collections::BTreeSet;

use super::change::note_change;
use super::identity::Identity;
use super::traces;
use crate::store::connection::Connection;
use crate::store::value::v;
use crate::store::{Store, StoreError, suppression};
use crate::subscriber::MailboxHash;

/// What was known about a person who was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Forgotten {
    /// Whether the person was on the list.
    pub was_listed: bool,
    /// How many deliveries there were, of all campaigns.
    pub deliveries: usize,
    /// How many of them were open, and are excluded now.
    pub excluded: usize,
    /// How many of them are uncertain, and remain so.
    pub uncertain: usize,
}

/// The reason of an open delivery to a person who was forgotten.
pub(in crate::store) const FORGOTTEN: &str = "forgotten";

/// The state and the times of a delivery remain, so the totals still add up. A reply may contain the address.
const DELIVERIES: &str =
    "update delivery set address = ?2, address_key = ?2, name = null, reader = '{}',
     why = case when state in ('ready', 'deferred') then ?3 when state = 'excluded' then why end,
     next_try = case when state in ('ready', 'deferred') then null else next_try end,
     state = case when state in ('ready', 'deferred') then 'excluded' else state end
     where address_key = ?1";

/// The history keeps what happened when, by the hash: it has the hash already if the person left some time ago.
const EVENTS: &str =
    "update list_event set address_key = ?2, detail = null where address_key in (?1, ?2)";

/// Texts that may quote an address, of the campaigns in which the person is.
const TEXTS: [&str; 3] = [
    "update domain set why = '' where send in (select send from delivery where address_key = ?1)",
    "update send set stop_why = '' where stop_why is not null
     and id in (select send from delivery where address_key = ?1)",
    "update send set brake_why = '' where brake_why is not null and brake_is_automatic = 1
     and id in (select send from delivery where address_key = ?1)",
];

impl Store {
    /// Removes a person from the list and the ledger, in one transaction, and suppresses the mailbox by its hash. `now` is in
    /// Unix seconds.
    ///
    /// No sender may be active: it would have the address in memory.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn forget(
        &mut self,
        hash: &MailboxHash,
        address_key: &str,
        now: i64,
    ) -> Result<Forgotten, StoreError> {
        let forgotten = self.transaction(|connection| {
            let campaigns = "select distinct send from delivery where address_key = ?1
                 and state in ('leased', 'in_data')";
            for row in connection.query(campaigns, &[v(address_key)])? {
                let send = row.int(0).ok_or_else(|| connection.damaged())?;
                connection.take_over(send, now)?;
            }
            let counted = count(connection, address_key)?;
            let identity = Identity::of_everything(connection, hash, address_key)?;
            let person = [v(address_key)];
            for sql in TEXTS {
                connection.execute(sql, &person)?;
            }
            let values = [v(address_key), v(hash.as_str()), v(FORGOTTEN)];
            connection.execute(DELIVERIES, &values)?;
            connection.execute(EVENTS, &[v(address_key), v(hash.as_str())])?;
            connection.execute("delete from bounce where address_key = ?1", &person)?;
            let listed = "delete from subscriber where address_key = ?1";
            let was_listed = connection.execute(listed, &person)? > 0;
            note_change(connection, &BTreeSet::new())?;
            suppression::forget(connection, hash, address_key, now)?;
            traces::remove(connection, hash, &identity)?;
            Ok(Forgotten {
                was_listed,
                ..counted
            })
        })?;
        self.connection.erase_log()?;
        Ok(forgotten)
    }
}

fn count(connection: &dyn Connection, address_key: &str) -> Result<Forgotten, StoreError> {
    let counts = "select count(*), count(case when state in ('ready', 'deferred') then 1 end),
         count(case when state = 'uncertain' then 1 end) from delivery where address_key = ?1";
    let found = connection.query(counts, &[v(address_key)])?;
    let counts = found
        .first()
        .map(|row| [0, 1, 2].map(|column| row.count(column)));
    let Some([Some(deliveries), Some(excluded), Some(uncertain)]) = counts else {
        return Err(connection.damaged());
    };
    Ok(Forgotten {
        was_listed: false,
        deliveries: deliveries as usize,
        excluded: excluded as usize,
        uncertain: uncertain as usize,
    })
}
