//! Reads campaigns and deliveries from rows.

use super::brake::braked;
use super::last_stop::last_stop;
use super::value::Row;
use super::{Delivery, Send, State};
use crate::newsletter::issue::OnUncertain;

pub(super) const SENDS: &str =
    "select id, issue, digest, subject, started_at, finished_at, on_uncertain, is_held, brake, brake_why, brake_at,
     edition, touched_at, waits_until, is_rehearsal, brake_is_automatic, stop, stop_why, stop_at, stop_since from send";

pub(super) const DELIVERIES: &str =
    "select address, name, state, why, attempts, next_try, changed_at, relay, number, edition,
     reply_code, enhanced_status, (select removed_after from send where send.id = delivery.send) from delivery";

/// Reads a row of [`SENDS`].
pub(super) fn read_send(row: &mut Row) -> Option<Send> {
    Some(Send {
        id: row.int(0)?,
        issue: row.text(1)?,
        digest: row.text(2)?,
        subject: row.text(3)?,
        started_at: row.int(4)?,
        finished_at: row.maybe(5, |row, column| row.int(column))?,
        on_uncertain: match row.text(6)?.as_str() {
            "resend" => OnUncertain::Resend,
            "skip" => OnUncertain::Skip,
            _ => OnUncertain::Hold,
        },
        is_held: row.truth(7)?,
        brake: braked(row, 8, 15)?,
        edition: row.int(11)?,
        touched_at: row.maybe(12, |row, column| row.int(column))?,
        waits_until: row.maybe(13, |row, column| row.int(column))?,
        is_rehearsal: row.truth(14)?,
        last_stop: last_stop(row, 16)?,
    })
}

/// Reads a row of [`DELIVERIES`]. Ledgers of earlier versions have a next attempt for excluded deliveries; it is ignored.
pub(super) fn delivery(row: &mut Row) -> Option<Delivery> {
    let state = State::from_word(&row.text(2)?)?;
    let next_try = row.maybe(5, |row, column| row.int(column))?;
    Some(Delivery {
        address: row.text(0)?,
        name: row.maybe(1, Row::text)?,
        state,
        why: row.maybe(3, Row::text)?,
        reply_code: row.maybe(10, reply_code)?,
        enhanced_status: row
            .maybe(11, Row::text)?
            .and_then(|status| status.parse().ok()),
        attempts: row.count(4)?,
        next_try: next_try.filter(|_| state == State::Deferred),
        changed_at: row.maybe(6, |row, column| row.int(column))?,
        relay: row.maybe(7, Row::text)?,
        edition: row.maybe(9, |row, column| row.int(column))?,
        removed_after: row.maybe(12, |row, column| row.count(column))?,
    })
}

fn reply_code(row: &mut Row, column: usize) -> Option<u16> {
    u16::try_from(row.int(column)?).ok()
}
