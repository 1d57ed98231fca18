//! Leases deliveries and applies changes, many with each statement. Several senders lease at the same time.

use tokio_postgres::Row;

use super::Postgres;
use crate::store::change::DeliveryUpdate;
use crate::store::connection::Connection;
use crate::store::token_row::TokenRow;
use crate::store::{Change, LeaseRequest, Leased, NextDue, State, StoreError, bounces, due};

/// Selects the next deliveries and updates them in the same statement. `skip locked` passes over rows that another sender
/// is leasing: without it, sixteen senders were three times slower.
///
/// The order is that of the index, with `next_try` first although it is null for all deliveries that are ready: for an
/// order by `number` alone PostgreSQL would sort all open rows for each lease.
const LEASE: &str = "with due as (
    select number, coalesce(suppression.reason, case when not $8::boolean then null
        when subscriber.id is null then 'removed'
        when subscriber.status <> 'active' then subscriber.status end) as reason,
        domain.until, domain.name || ' is suspended: ' || domain.why as rest
    from delivery left join suppression on suppression.address_key = delivery.address_key
    left join subscriber on $8::boolean and subscriber.address_key = delivery.address_key
    left join domain on domain.send = delivery.send and domain.until > $2
    and domain.name = split_part(delivery.address_key, '@', 2)
    where delivery.send = $1 and ($4::text is null or delivery.address_key = $4) and WHICH
    order by next_try, number limit $3 for update of delivery skip locked)
update delivery set
    state = case when due.reason is not null then 'excluded'
                 when due.until is not null then 'deferred' else 'leased' end,
    why = coalesce(due.reason, due.rest, why), sender = $5, changed_at = $2,
    reply_code = case when due.reason is null and due.until is null then reply_code end,
    enhanced_status = case when due.reason is null and due.until is null then enhanced_status end,
    next_try = case when due.reason is null then due.until end,
    attempts = case when due.reason is null and due.until is null then attempts + 1 else attempts end,
    first_try = case when due.reason is null and due.until is null then coalesce(first_try, $2) else first_try end,
    relay = case when due.reason is null and due.until is null then $7 else relay end
from due where delivery.send = $1 and delivery.number = due.number
and ($6::boolean or due.until is not null)
returning delivery.number, reader, attempts, first_try, state = 'leased',
    coalesce(delivery.edition, (select edition from send where id = $1))";

const READY: &str = "delivery.state = 'ready' and next_try is null and $2::bigint is not null";
const DEFERRED: &str = "delivery.state = 'deferred' and next_try <= $2::bigint";

/// How many deliveries are deferred at once when the next ones all belong to suspended domains.
const SWEEP: i64 = 5_000;

/// Leases deliveries that are ready, then those that are due again.
pub(super) fn lease(
    server: &Postgres,
    send: i64,
    wanted: &LeaseRequest,
    limit: usize,
) -> Result<Vec<Leased>, StoreError> {
    let sender = server.sender()?;
    let (now, only, relay) = (wanted.now, &wanted.only, &*wanted.relay);
    let follows = wanted.follows_list;
    let mut leased = Vec::new();
    for which in [READY, DEFERRED] {
        let sql = LEASE.replace("WHICH", which);
        while leased.len() < limit {
            let left = (limit - leased.len()) as i64;
            let rows = server.rows(
                &sql,
                &[&send, &now, &left, &only, &sender, &true, &relay, &follows],
            )?;
            if rows.is_empty() {
                break;
            }
            let found = read_leased(&rows);
            if found.is_empty() {
                // Each statement is a round trip, so deliveries of suspended domains are deferred many at once.
                server.rows(
                    &sql,
                    &[
                        &send, &now, &SWEEP, &only, &sender, &false, &relay, &follows,
                    ],
                )?;
            }
            leased.extend(found);
        }
    }
    Ok(leased)
}

/// The leased deliveries among the updated rows, by number. The others were excluded or deferred.
fn read_leased(rows: &[Row]) -> Vec<Leased> {
    let leased = rows.iter().filter(|row| row.get(4)).map(read);
    let mut leased: Vec<Leased> = leased.collect();
    leased.sort_by_key(|delivery| delivery.number);
    leased
}

fn read(row: &Row) -> Leased {
    Leased {
        number: row.get(0),
        subscriber: row.get(1),
        attempt: u32::try_from(row.get::<_, i64>(2)).unwrap_or(u32::MAX),
        first_try: row.get(3),
        edition: row.get(5),
    }
}

/// Applies any number of changes with one statement.
const APPLY: &str = "update delivery set
    state = change.state, why = coalesce(change.why, delivery.why), next_try = change.next_try,
    reply_code = case when change.why is null then delivery.reply_code else change.reply_code end,
    enhanced_status = case when change.why is null then delivery.enhanced_status else change.enhanced_status end,
    changed_at = change.at, attempts = delivery.attempts + change.attempts,
    first_try = case when delivery.attempts + change.attempts > 0 then delivery.first_try end,
    relay = nullif(coalesce(change.relay, delivery.relay), ''),
    edition = case when delivery.attempts + change.attempts > 0 then coalesce(delivery.edition, change.edition) end
from unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[], $10::text[],
    $11::bigint[], $12::bigint[], $13::text[])
    as change (number, before, state, why, next_try, at, attempts, relay, edition, reply_code, enhanced_status)
where delivery.send = $1 and delivery.sender = $2 and delivery.number = change.number
    and position('|' || delivery.state || '|' in change.before) > 0";

/// The states from which an acceptance may start: one that arrives after the sender has lost its lease is still valid.
const LATE: &str = "|in_data|uncertain|";

pub(super) fn apply(server: &Postgres, send: i64, changes: &[&Change]) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    let sender = server.sender()?;
    let rows: Vec<_> = changes.iter().map(|change| change.update()).collect();
    let before = changes.iter().zip(&rows).map(|(change, row)| match change {
        Change::Accepted { .. } => LATE,
        _ => row.from,
    });
    let changed = update(server, send, sender, &rows, &before.collect::<Vec<_>>())?;
    if changed != changes.len() {
        return Err(not_applied(server, sender, changes));
    }
    for (change, row) in changes.iter().zip(&rows) {
        if let Some(refused) = change.refused() {
            bounces::count(server, send, refused, row.at)?;
        }
    }
    Ok(())
}

/// Updates the rows of the deliveries; `before` are the states from which each update may start. Returns how many rows have
/// changed.
fn update(
    server: &Postgres,
    send: i64,
    sender: i64,
    rows: &[DeliveryUpdate<'_>],
    before: &[&str],
) -> Result<usize, StoreError> {
    server.change(
        APPLY,
        &[
            &send,
            &sender,
            &column(rows, |row| row.number),
            &before,
            &column(rows, |row| row.state.as_str()),
            &column(rows, |row| row.why),
            &column(rows, |row| row.next_try),
            &column(rows, |row| row.at),
            &column(rows, |row| row.attempts),
            &column(rows, |row| row.relay),
            &column(rows, |row| row.edition),
            &column(rows, |row| row.reply_code),
            &column(rows, DeliveryUpdate::enhanced_status),
        ],
    )
}

fn column<'a, T>(
    rows: &'a [DeliveryUpdate<'a>],
    value: impl Fn(&'a DeliveryUpdate<'a>) -> T,
) -> Vec<T> {
    rows.iter().map(value).collect()
}

/// Adds any number of tokens with one statement.
///
/// In the order of their digests: two senders that added the same tokens in different orders would deadlock.
pub(super) fn add_tokens(server: &Postgres, tokens: &[TokenRow]) -> Result<(), StoreError> {
    if tokens.is_empty() {
        return Ok(());
    }
    let mut tokens: Vec<&TokenRow> = tokens.iter().collect();
    tokens.sort_unstable_by_key(|token| token.digest);
    let digests: Vec<&[u8]> = tokens.iter().map(|token| &token.digest[..]).collect();
    let mailboxes: Vec<&str> = tokens.iter().map(|token| &*token.mailbox).collect();
    let times: Vec<i64> = tokens.iter().map(|token| token.at).collect();
    let sql = "insert into token (digest, mailbox, at)
               select * from unnest($1::bytea[], $2::text[], $3::bigint[]) on conflict do nothing";
    server
        .change(sql, &[&digests, &mailboxes, &times])
        .map(drop)
}

/// Why changes were not applied. Other senders change the rows of a sender that has lost its lease.
fn not_applied(server: &Postgres, sender: i64, changes: &[&Change]) -> StoreError {
    let known = server.query("select 1 from sender where id = ?1", &[sender.into()]);
    match known {
        Ok(known) if known.is_empty() => StoreError::Replaced,
        Ok(_) => StoreError::Transition(format!("{changes:?}")),
        Err(error) => error,
    }
}

/// The next delivery: one that is ready, one that another sender has leased, or one that is due later.
pub(super) fn next(server: &Postgres, send: i64, now: i64) -> Result<NextDue, StoreError> {
    server.take_over(send, now)?;
    let next = due::next_due(server, send)?;
    if matches!(next, NextDue::At(at) if at <= now) {
        return Ok(next);
    }
    let words = [State::Leased, State::InData].map(State::as_str);
    let others = server.rows(
        "select 1 from delivery where send = $1 and state = any($2) limit 1",
        &[&send, &words.as_slice()],
    )?;
    Ok(if others.is_empty() {
        next
    } else {
        NextDue::Others
    })
}
