//! Suppressed mailboxes: one row each, with the strictest reason, and the history of every change.
//!
//! A row is identified by the keyed hash of the mailbox. It has the key of the address too, until the person is forgotten.
//! SQL cannot compute the hash: a row that a refusal has caused has a provisional value instead until a command with the
//! suppression key replaces it; see [`adopt`].

use super::connection::Connection;
use super::value::{Value, v};
use super::{Store, StoreError};
use crate::subscriber::MailboxHash;
use crate::subscriber::import::SuppressionReason;

/// A suppression that is to be stored.
#[derive(Debug, Clone, Copy)]
pub struct NewSuppression<'a> {
    /// The hash of the mailbox.
    pub hash: &'a MailboxHash,
    /// The key of its address; `None` if only the hash is known.
    pub address_key: Option<&'a str>,
    /// The reason.
    pub reason: SuppressionReason,
    /// The word of another system for the reason.
    pub detail: Option<&'a str>,
    /// What shows the reason, such as the relay's reply or the file of an import.
    pub evidence: Option<&'a str>,
    /// Since when, in Unix seconds.
    pub at: i64,
}

/// Adds a row, or replaces the reason of the mailbox if the new one is stricter. The address is not added to a row that
/// has none: the person was forgotten.
const UPSERT: &str = "insert into suppression (hash, address_key, reason, detail, evidence, at)
     values (?1, ?2, ?3, ?4, ?5, ?6)
     on conflict (hash) do update set reason = excluded.reason, detail = excluded.detail,
     evidence = excluded.evidence, at = excluded.at
     where case excluded.reason when 'complained' then 4 when 'bounced' then 3 when 'blocked' then 2 else 1 end
     > case suppression.reason when 'complained' then 4 when 'bounced' then 3 when 'blocked' then 2 else 1 end";

/// How strict the reason `:reason` is, as [`UPSERT`] compares reasons.
pub(super) const RANK: &str =
    "case :reason when 'complained' then 4 when 'bounced' then 3 when 'blocked' then 2 else 1 end";

/// The condition that the person with the hash `:hash` has left and has not come back: the reason of the suppression may be a
/// stricter one, such as a bounce, which ends when the mailbox works again.
pub(super) const HAS_LEFT: &str = "exists (select 1 from suppression_event as departure
     where departure.hash = :hash and departure.action = 'suppress' and departure.reason = 'unsubscribed'
     and not exists (select 1 from suppression_event as later where later.hash = departure.hash
     and later.id > departure.id and later.action = 'unsuppress' and later.reason in ('unsubscribed', 'complained')))";

/// The hash of a row whose hash was not computed yet. A real hash has no colon.
fn provisional(address_key: &str) -> String {
    format!("address:{address_key}")
}

/// Suppresses a mailbox, and returns whether its row is new or has a stricter reason now.
pub(super) fn suppress(
    connection: &dyn Connection,
    new: &NewSuppression<'_>,
) -> Result<bool, StoreError> {
    if let Some(address_key) = new.address_key {
        adopt(connection, new.hash, address_key)?;
    }
    let hash = new.hash.as_str();
    let values = [
        v(hash),
        v(new.address_key),
        v(new.reason.as_str()),
        v(new.detail),
        v(new.evidence),
        v(new.at),
    ];
    let is_changed = connection.execute(UPSERT, &values)? > 0;
    if is_changed {
        record(connection, "hash = ?1", &[v(hash)], new.at)?;
    }
    Ok(is_changed)
}

/// Adds a suppression to the history. `condition` selects its row, with `values` as its parameters.
pub(super) fn record(
    connection: &dyn Connection,
    condition: &str,
    values: &[Value],
    at: i64,
) -> Result<(), StoreError> {
    let time = values.len() + 1;
    let sql = format!(
        "insert into suppression_event (at, hash, address_key, action, reason, why)
         select ?{time}, hash, address_key, 'suppress', reason, coalesce(detail, evidence)
         from suppression where {condition}"
    );
    let values = [values, &[v(at)]].concat();
    connection.execute(&sql, &values).map(drop)
}

/// Replaces the provisional hash of an address, if it has one, in its row and its history.
///
/// A forgotten person may have such a row beside the one without an address: it was caused by a refusal of a message that
/// was open. The two become one without an address.
pub(super) fn adopt(
    connection: &dyn Connection,
    hash: &MailboxHash,
    address_key: &str,
) -> Result<(), StoreError> {
    let old = provisional(address_key);
    let values = [v(hash.as_str()), v(&old)];
    let adopted = "update suppression set hash = ?1 where hash = ?2
         and not exists (select 1 from suppression as other where other.hash = ?1)";
    if connection.execute(adopted, &values)? == 0 {
        merge(connection, hash, &old)?;
    }
    let history = "update suppression_event set hash = ?1,
         address_key = (select address_key from suppression where suppression.hash = ?1) where hash = ?2";
    connection.execute(history, &values).map(drop)
}

/// Deletes the row with the provisional hash `old`; its reason remains if it is the stricter one.
fn merge(connection: &dyn Connection, hash: &MailboxHash, old: &str) -> Result<(), StoreError> {
    let sql = "delete from suppression where hash = ?1 returning reason, detail, evidence, at";
    for row in connection.query(sql, &[v(old)])? {
        let mut values = vec![v(hash.as_str()), Value::Null];
        values.extend(row.0);
        connection.execute(UPSERT, &values)?;
    }
    Ok(())
}

/// Ends the suppressions that `condition` selects, with `values` as its parameters, adds that to the history with the
/// reason `why`, and returns how many there were. If the mailbox did not work, and the person has left too, the person
/// remains suppressed for that.
pub(super) fn end(
    connection: &dyn Connection,
    condition: &str,
    values: &[Value],
    (why, at): (&str, i64),
) -> Result<usize, StoreError> {
    let (time, reason) = (values.len() + 1, values.len() + 2);
    let sql = format!(
        "insert into suppression_event (at, hash, address_key, action, reason, why)
         select ?{time}, hash, address_key, 'unsuppress', reason, ?{reason} from suppression where {condition}"
    );
    connection.execute(&sql, &[values, &[v(at), v(why)]].concat())?;
    let has_left = HAS_LEFT.replace(":hash", "suppression.hash");
    let sql = format!(
        "delete from suppression where {condition} and not (reason in ('blocked', 'bounced') and {has_left})"
    );
    let ended = connection.execute(&sql, values)?;
    let departure =
        "select id from suppression_event as departure where departure.hash = suppression.hash
         and action = 'suppress' and reason = 'unsubscribed' order by id desc limit 1";
    let sql = format!(
        "update suppression set reason = 'unsubscribed', detail = null,
         evidence = (select why from suppression_event where id = ({departure})),
         at = (select at from suppression_event where id = ({departure})) where {condition}"
    );
    Ok(ended + connection.execute(&sql, values)?)
}

impl Store {
    /// Suppresses a mailbox: it is not mailed again. Of several reasons the strictest remains. Returns whether the row of
    /// the mailbox is new or has a stricter reason now.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn suppress(&mut self, new: &NewSuppression<'_>) -> Result<bool, StoreError> {
        self.transaction(|connection| suppress(connection, new))
    }

    /// Adds a further reason of a mailbox that is suppressed already to the history. If there is no `note`, only that a
    /// person has left is added, once. Returns whether something was added.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn note_suppression(
        &mut self,
        hash: &MailboxHash,
        (reason, note): (SuppressionReason, Option<&str>),
        at: i64,
    ) -> Result<bool, StoreError> {
        let has_left = HAS_LEFT.replace(":hash", "suppression.hash");
        let sql = format!(
            "insert into suppression_event (at, hash, address_key, action, reason, why)
             select cast(?2 as bigint), hash, address_key, 'suppress', cast(?3 as text), cast(?4 as text) from suppression
             where hash = ?1 and (cast(?4 as text) is not null or cast(?3 as text) = 'unsubscribed' and not {has_left})"
        );
        let values = [v(hash.as_str()), v(at), v(reason.as_str()), v(note)];
        let added = self.transaction(|connection| connection.execute(&sql, &values))?;
        Ok(added > 0)
    }

    /// Ends the suppression of a mailbox, and returns whether there was one. `why` is kept in the history. A person who has
    /// left and whose mailbox did not work remains suppressed as `unsubscribed`.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn unsuppress(
        &mut self,
        hash: &MailboxHash,
        why: &str,
        at: i64,
    ) -> Result<bool, StoreError> {
        let values = [v(hash.as_str())];
        let ended =
            self.transaction(|connection| end(connection, "hash = ?1", &values, (why, at)))?;
        Ok(ended > 0)
    }
}

/// Suppresses a mailbox, and removes its address and every text that may contain it. The hash, the reason and the times
/// remain.
pub(super) fn forget(
    connection: &dyn Connection,
    hash: &MailboxHash,
    address_key: &str,
    at: i64,
) -> Result<(), StoreError> {
    suppress(
        connection,
        &NewSuppression {
            hash,
            address_key: Some(address_key),
            reason: SuppressionReason::Unsubscribed,
            detail: None,
            evidence: None,
            at,
        },
    )?;
    for sql in [
        "update suppression_event set address_key = null, why = null where hash = ?1",
        "update suppression set address_key = null, detail = null, evidence = null where hash = ?1",
    ] {
        connection.execute(sql, &[v(hash.as_str())])?;
    }
    Ok(())
}
