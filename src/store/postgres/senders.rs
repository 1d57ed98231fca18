//! The active senders of a campaign, and how the deliveries of a dead one are taken over.
//!
//! Each sender has a row with a lease, which it renews in the transaction of every lease and intent. The other senders
//! delete rows whose lease has expired by the server's clock, and take over their deliveries: `leased` becomes `ready`, and
//! `in_data` becomes `uncertain`. A sender without a row can lease and send nothing more.

use std::time::Duration;

use super::Postgres;
use crate::store::StoreError;
use crate::store::brake::Signal;
use crate::store::connection::{Connection, SenderLease};

/// How long the other senders wait without a heartbeat, in seconds: longer than the restart of a server or a change of the
/// network's routes.
const EXPIRES: i64 = 60;

/// A sender stops before the others take over its deliveries, so that a message that it begins at the last moment is sent by
/// then.
const LEASE: SenderLease = SenderLease {
    valid: Duration::from_secs(45),
    heartbeat: Duration::from_secs(15),
};

/// Registers a sender, and returns its identifier and its lease.
pub(super) fn register(server: &Postgres, send: i64) -> Result<(i64, SenderLease), StoreError> {
    let machine = hostname::get().unwrap_or_default();
    let name = format!("{} {}", machine.display(), std::process::id());
    let row = server.query(
        "insert into sender (send, name, expires_at)
         values (?1, ?2, clock_timestamp() + ?3::bigint * interval '1 second') returning id",
        &[send.into(), name.into(), EXPIRES.into()],
    )?;
    let id = row.first().and_then(|row| row.int(0));
    Ok((id.ok_or_else(|| server.damaged())?, LEASE))
}

/// Renews the lease of `sender`, and locks its row until the transaction ends, so that no other sender deletes it. The same
/// round trip returns the signal of the campaign.
pub(super) fn heartbeat(
    server: &Postgres,
    sender: i64,
    send: i64,
    batch: i64,
) -> Result<Signal, StoreError> {
    let renewed = server.query(
        "update sender set expires_at = clock_timestamp() + ?2::bigint * interval '1 second', batch = ?4
         where id = ?1 and expires_at > clock_timestamp()
         returning (select brake from send where id = ?3), (select edition from send where id = ?3)",
        &[sender.into(), EXPIRES.into(), send.into(), batch.into()],
    )?;
    let mut row = renewed.into_iter().next().ok_or(StoreError::Replaced)?;
    Signal::read(&mut row).ok_or_else(|| server.damaged())
}

/// The names of the active senders of `send`.
pub(super) fn active(server: &Postgres, send: i64) -> Result<Vec<String>, StoreError> {
    let rows = server.query(
        "select name from sender where send = ?1 and expires_at > clock_timestamp() order by id",
        &[send.into()],
    )?;
    Ok(rows.into_iter().filter_map(|mut row| row.text(0)).collect())
}

/// Numbers a transaction that only records outcomes. A sender that has lost its lease may do that too.
pub(super) fn number_transaction(
    server: &Postgres,
    sender: i64,
    batch: i64,
) -> Result<(), StoreError> {
    let sql = "update sender set batch = ?2 where id = ?1";
    let values = [sender.into(), batch.into()];
    server.execute(sql, &values).map(drop)
}

/// Whether transaction number `batch` of `sender` was committed. The lock waits until the server has ended a transaction
/// that is still open, so the result is final.
pub(super) fn has_committed(
    server: &Postgres,
    sender: i64,
    batch: i64,
) -> Result<bool, StoreError> {
    server.run("begin; set local lock_timeout = '5s'")?;
    let sql = "select batch from sender where id = ?1 for update";
    let found = server.query(sql, &[sender.into()]);
    server.run("rollback")?;
    match found?.first().and_then(|row| row.int(0)) {
        Some(last) if last == batch => Ok(true),
        Some(last) if last + 1 == batch => Ok(false),
        // The server has lost transactions, for example because a replica was promoted.
        Some(_) => Err(StoreError::Vanished(server.place.clone())),
        None => Err(StoreError::Replaced),
    }
}

/// Deletes the row of a sender. If it still has leased deliveries, the row stays until the lease expires, so that the other
/// senders take them over.
pub(super) fn deregister(server: &Postgres, sender: i64) -> Result<(), StoreError> {
    server.execute(
        "delete from sender where id = ?1 and not exists (
         select 1 from delivery where send = sender.send and delivery.sender = sender.id
         and state in ('leased', 'in_data'))",
        &[sender.into()],
    )?;
    Ok(())
}

/// Deletes the expired senders, and takes over their deliveries and those without a sender.
///
/// The expired senders are listed by their identifiers. A condition for deliveries whose sender does not exist would also
/// match one that a new sender is leasing in another transaction.
pub(super) fn take_over(
    server: &Postgres,
    send: i64,
    now: i64,
) -> Result<(usize, usize), StoreError> {
    let rows = server.query(
        "delete from sender where id in (
         select id from sender where send = ?1 and expires_at < clock_timestamp()
         for update skip locked) returning id",
        &[send.into()],
    )?;
    let expired: Vec<i64> = rows.iter().filter_map(|row| row.int(0)).collect();
    let released = server.change(
        "update delivery set state = 'ready', attempts = attempts - 1, changed_at = $2, relay = null,
         first_try = case when attempts > 1 then first_try end
         where send = $1 and state = 'leased' and (sender is null or sender = any($3))",
        &[&send, &now, &expired],
    )?;
    let uncertain = server.change(
        "update delivery set state = 'uncertain', why = 'the sender was stopped before the reply',
             reply_code = null, enhanced_status = null
         where send = $1 and state = 'in_data' and (sender is null or sender = any($2))",
        &[&send, &expired],
    )?;
    Ok((released, uncertain))
}
