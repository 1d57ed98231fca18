//! Refusals over several issues: what one of them does not prove, several may.

use super::connection::Connection;
use super::value::v;
use super::{Send, Store, StoreError, domains};
use crate::outcome::RejectReason;

/// In seconds.
const DAY: i64 = 24 * 60 * 60;

/// A refusal that was taken down before its worth was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedRefusal {
    /// The delivery's number in the send.
    pub number: i64,
    /// What was believed of the reader.
    pub reason: RejectReason,
}

/// Counts the refusal of a delivery that is refused, and suppresses the address if it is one too many.
pub(super) fn count(
    connection: &dyn Connection,
    send: i64,
    refused: RecordedRefusal,
    at: i64,
) -> Result<(), StoreError> {
    let Some(threshold) = refused.reason.threshold() else {
        return Ok(());
    };
    connection.lock_send(send)?;
    let (number, kind) = (refused.number, refused.reason.as_str());
    connection.execute(
        "insert into bounce (address_key, kind, issues, first_at, last_at)
         select address_key, ?3, 1, ?4, ?4 from delivery where send = ?1 and number = ?2
         on conflict (address_key, kind) do update
         set issues = bounce.issues + 1, last_at = excluded.last_at",
        &[v(send), v(number), v(kind), v(at)],
    )?;
    connection.execute(
        "insert into suppression (address_key, reason, evidence, at)
         select delivery.address_key, 'bounced', delivery.why, ?4
         from delivery join bounce on bounce.address_key = delivery.address_key
         where delivery.send = ?1 and delivery.number = ?2 and bounce.kind = ?3
         and bounce.issues >= ?5 and bounce.last_at - bounce.first_at >= ?6
         on conflict do nothing",
        &[
            v(send),
            v(number),
            v(kind),
            v(at),
            v(threshold.issues),
            v(i64::from(threshold.days) * DAY),
        ],
    )?;
    Ok(())
}

/// Takes back refusals that were meant for us and not for the readers: they are ready again, and nobody is
/// suppressed for one.
pub(super) fn take_back(
    connection: &dyn Connection,
    send: i64,
    refusals: &[RecordedRefusal],
    at: i64,
) -> Result<(), StoreError> {
    connection.lock_send(send)?;
    for refused in refusals {
        let row = [v(send), v(refused.number)];
        connection.execute(
            "delete from suppression where reason = 'bounced' and exists (
             select 1 from delivery where send = ?1 and number = ?2 and state = 'refused'
             and delivery.address_key = suppression.address_key
             and delivery.why = suppression.evidence
             and delivery.changed_at = suppression.at)",
            &row,
        )?;
        connection.execute(
            "update bounce set issues = issues - 1 where kind = ?3 and address_key = (
             select address_key from delivery where send = ?1 and number = ?2 and state = 'refused')",
            &[v(send), v(refused.number), v(refused.reason.as_str())],
        )?;
        connection.execute(
            "update delivery set state = 'ready', next_try = null, attempts = attempts - 1, changed_at = ?3,
             first_try = case when attempts > 1 then first_try end, edition = case when attempts > 1 then edition end
             where send = ?1 and number = ?2 and state = 'refused'",
            &[v(send), v(refused.number), v(at)],
        )?;
    }
    connection.execute("delete from bounce where issues <= 0", &[])?;
    Ok(())
}

/// Takes back deferrals that no waiting would correct: they are tried at once, and are bound to no edition where it was
/// their first try.
fn take_back_deferrals(
    connection: &dyn Connection,
    send: i64,
    deferred: &[i64],
    at: i64,
) -> Result<(), StoreError> {
    connection.lock_send(send)?;
    for number in deferred {
        connection.execute(
            "update delivery set state = 'ready', next_try = null, attempts = attempts - 1, changed_at = ?3,
             first_try = case when attempts > 1 then first_try end, edition = case when attempts > 1 then edition end
             where send = ?1 and number = ?2 and state = 'deferred'",
            &[v(send), v(*number), v(at)],
        )?;
    }
    Ok(())
}

impl Store {
    /// Takes back what a run has recorded that was about the sender and not about its recipients.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn take_back(
        &mut self,
        send: &Send,
        refused: &[RecordedRefusal],
        deferred: &[i64],
        at: i64,
    ) -> Result<(), StoreError> {
        self.transaction(|connection| {
            take_back(connection, send.id, refused, at)?;
            take_back_deferrals(connection, send.id, deferred, at)?;
            domains::unblock(connection, send.id)
        })
    }
}

/// Forgets the refusals of everybody who has got the letter of a send.
///
/// The deliveries stand first, whichever are fewer: a look into the bounces is a look into an index, and the
/// other way round it would be a walk over all deliveries for each of them.
pub(super) fn forgive(connection: &dyn Connection, send: i64) -> Result<(), StoreError> {
    if connection
        .query("select 1 from bounce limit 1", &[])?
        .is_empty()
    {
        return Ok(());
    }
    connection.execute(
        "delete from bounce where address_key in (
         select bounce.address_key from delivery cross join bounce
         where delivery.send = ?1 and delivery.state = 'accepted'
         and bounce.address_key = delivery.address_key)",
        &[v(send)],
    )?;
    Ok(())
}
