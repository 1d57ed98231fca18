//! Refusals of an address over several issues, and the suppressions that follow.

use super::connection::Connection;
use super::value::v;
use super::{Send, Store, StoreError, domains, suppression};
use crate::outcome::RejectReason;

/// A day, in seconds.
const DAY: i64 = 24 * 60 * 60;

/// A refusal in the ledger, which may be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordedRefusal {
    /// The number of the delivery in the campaign.
    pub number: i64,
    /// The reason recorded for the recipient.
    pub reason: RejectReason,
}

/// Counts a refusal, and suppresses the address if the threshold of its reason is reached. An address that is suppressed
/// already keeps its reason, because the refusal may be taken back. A
/// command with the suppression key computes the hash.
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
    count_bounce(connection, send, refused, at)?;
    let is_suppressed = connection.execute(
        "insert into suppression (hash, address_key, reason, evidence, at)
         select 'address:' || delivery.address_key, delivery.address_key, 'bounced', delivery.why, ?4
         from delivery join bounce on bounce.address_key = delivery.address_key
         where delivery.send = ?1 and delivery.number = ?2 and bounce.kind = ?3
         and bounce.issues >= ?5 and bounce.last_at - bounce.first_at >= ?6
         on conflict do nothing",
        &[
            v(send),
            v(refused.number),
            v(refused.reason.as_str()),
            v(at),
            v(threshold.issues),
            v(i64::from(threshold.days) * DAY),
        ],
    )?;
    if is_suppressed == 0 {
        return Ok(());
    }
    suppression::record(connection, OF_DELIVERY, &[v(send), v(refused.number)], at)
}

/// The suppression of the address of delivery `?2` of the campaign `?1`.
const OF_DELIVERY: &str =
    "address_key = (select address_key from delivery where send = ?1 and number = ?2)";

fn count_bounce(
    connection: &dyn Connection,
    send: i64,
    refused: RecordedRefusal,
    at: i64,
) -> Result<(), StoreError> {
    let (number, kind) = (refused.number, refused.reason.as_str());
    connection.execute(
        "insert into bounce (address_key, kind, issues, first_at, last_at)
         select address_key, ?3, 1, ?4, ?4 from delivery where send = ?1 and number = ?2
         on conflict (address_key, kind) do update
         set issues = bounce.issues + 1, last_at = excluded.last_at",
        &[v(send), v(number), v(kind), v(at)],
    )?;
    Ok(())
}

/// Takes back refusals that were about the sender: the deliveries are ready again, and the suppressions are removed.
pub(super) fn take_back(
    connection: &dyn Connection,
    send: i64,
    refusals: &[RecordedRefusal],
    at: i64,
) -> Result<(), StoreError> {
    connection.lock_send(send)?;
    for refused in refusals {
        uncount(connection, send, *refused, at)?;
        set_ready(connection, send, refused.number, "refused", at)?;
    }
    connection.execute("delete from bounce where issues <= 0", &[])?;
    Ok(())
}

/// Why a suppression ends that a refusal about the sender has caused.
const TAKEN_BACK: &str = "the refusal was about the sender";

/// Removes a refusal from the count of its address, and the suppression that it has caused.
fn uncount(
    connection: &dyn Connection,
    send: i64,
    refused: RecordedRefusal,
    at: i64,
) -> Result<(), StoreError> {
    suppression::end(
        connection,
        "reason = 'bounced' and exists (
         select 1 from delivery where send = ?1 and number = ?2 and state = 'refused'
         and delivery.address_key = suppression.address_key
         and delivery.why = suppression.evidence
         and delivery.changed_at = suppression.at)",
        &[v(send), v(refused.number)],
        (TAKEN_BACK, at),
    )?;
    connection.execute(
        "update bounce set issues = issues - 1 where kind = ?3 and address_key = (
         select address_key from delivery where send = ?1 and number = ?2 and state = 'refused')",
        &[v(send), v(refused.number), v(refused.reason.as_str())],
    )?;
    Ok(())
}

/// Makes a delivery in `state` ready as if its last attempt had not been made.
fn set_ready(
    connection: &dyn Connection,
    send: i64,
    number: i64,
    state: &str,
    at: i64,
) -> Result<(), StoreError> {
    connection.execute(
        "update delivery set state = 'ready', next_try = null, attempts = attempts - 1, changed_at = ?3,
         first_try = case when attempts > 1 then first_try end, edition = case when attempts > 1 then edition end
         where send = ?1 and number = ?2 and state = ?4",
        &[v(send), v(number), v(at), v(state)],
    )?;
    Ok(())
}

/// Takes back deferrals that a retry would not fix: the deliveries are ready at once, and not bound to an edition if it
/// was their first attempt.
fn take_back_deferrals(
    connection: &dyn Connection,
    send: i64,
    deferred: &[i64],
    at: i64,
) -> Result<(), StoreError> {
    connection.lock_send(send)?;
    for number in deferred {
        set_ready(connection, send, *number, "deferred", at)?;
    }
    Ok(())
}

impl Store {
    /// Takes back refusals and deferrals that were about the sender and not about the recipients.
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

/// Deletes the counted refusals of recipients whose relay accepted the message of a campaign.
///
/// `cross join` keeps the deliveries first: each bounce is found by an index, while the other order would scan all
/// deliveries for each bounce.
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
