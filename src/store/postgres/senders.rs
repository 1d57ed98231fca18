//! Several senders of one send: who is at work, and what becomes of the deliveries of one that is no more.
//!
//! A sender has a row, and says before everything that it begins that it is at work, in the transaction in
//! which it begins it. Whoever waits for the others removes the rows that have expired, by the server's
//! clock, and takes up what they had in hand: what was only taken becomes ready, and of what may have been
//! sent nobody can know. A sender whose row is gone can begin nothing more.

use std::time::Duration;

use super::Postgres;
use crate::store::StoreError;
use crate::store::brake::Signal;
use crate::store::connection::{Connection, SenderLease};

/// How long others wait for a sender that is not heard of, in seconds: longer than a server takes that is
/// restarted, or a network that has to find another way.
const EXPIRES: i64 = 60;

/// It stops by itself before the others give it up, so that what leaves at the last moment is gone by then.
const TERM: SenderLease = SenderLease {
    valid: Duration::from_secs(45),
    heartbeat: Duration::from_secs(15),
};

/// Joins the senders; the number of the new one.
pub(super) fn register(server: &Postgres, send: i64) -> Result<(i64, SenderLease), StoreError> {
    let machine = hostname::get().unwrap_or_default();
    let name = format!("{} {}", machine.display(), std::process::id());
    let row = server.query(
        "insert into sender (send, name, expires_at)
         values (?1, ?2, clock_timestamp() + ?3::bigint * interval '1 second') returning id",
        &[send.into(), name.into(), EXPIRES.into()],
    )?;
    let id = row.first().and_then(|row| row.int(0));
    Ok((id.ok_or_else(|| server.damaged())?, TERM))
}

/// Says that `sender` is at work, and locks its row until the transaction ends: nobody removes it meanwhile. What it
/// has to know of its campaign comes back by the same journey.
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

/// The names of the senders of `send` that are at work.
pub(super) fn at_work(server: &Postgres, send: i64) -> Result<Vec<String>, StoreError> {
    let rows = server.query(
        "select name from sender where send = ?1 and expires_at > clock_timestamp() order by id",
        &[send.into()],
    )?;
    Ok(rows.into_iter().filter_map(|mut row| row.text(0)).collect())
}

/// Numbers a transaction that only records outcomes, which come late from a sender that was given up too.
pub(super) fn number_transaction(
    server: &Postgres,
    sender: i64,
    batch: i64,
) -> Result<(), StoreError> {
    let sql = "update sender set batch = ?2 where id = ?1";
    let values = [sender.into(), batch.into()];
    server.execute(sql, &values).map(drop)
}

/// Whether transaction number `batch` of `sender` was committed. The lock waits for a transaction that the server
/// still has open, so that the answer is final.
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
        // A server that has lost transactions, such as a replica that was promoted.
        Some(_) => Err(StoreError::Vanished(server.place.clone())),
        None => Err(StoreError::Replaced),
    }
}

/// Leaves the senders, unless it has something in hand, which the others then find when it has expired.
pub(super) fn deregister(server: &Postgres, sender: i64) -> Result<(), StoreError> {
    server.execute(
        "delete from sender where id = ?1 and not exists (
         select 1 from delivery where send = sender.send and delivery.sender = sender.id
         and state in ('leased', 'in_data'))",
        &[sender.into()],
    )?;
    Ok(())
}

/// Removes the senders that have expired and takes up what they had in hand, and what nobody has.
///
/// They are named one by one: in a condition that asks for whatever has no sender, a delivery that a new
/// sender takes at this moment would look as if nobody had it.
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
    let gone: Vec<i64> = rows.iter().filter_map(|row| row.int(0)).collect();
    let released = server.change(
        "update delivery set state = 'ready', attempts = attempts - 1, changed_at = $2, relay = null,
         first_try = case when attempts > 1 then first_try end
         where send = $1 and state = 'leased' and (sender is null or sender = any($3))",
        &[&send, &now, &gone],
    )?;
    let doubtful = server.change(
        "update delivery set state = 'uncertain', why = 'the sender was stopped before the reply',
             reply_code = null, enhanced_status = null
         where send = $1 and state = 'in_data' and (sender is null or sender = any($2))",
        &[&send, &gone],
    )?;
    Ok((released, doubtful))
}
