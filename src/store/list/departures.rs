//! Recipients who leave the list in the store after their campaign began.
//!
//! A delivery is excluded when it would be leased. A change of many subscribers also looks at all open deliveries, to learn
//! whether so many leave that it is probably an accident.

use crate::store::brake::Brake;
use crate::store::connection::Connection;
use crate::store::rows::{SENDS, read_send};
use crate::store::value::v;
use crate::store::{Departures, Send, Store, StoreError, stop};

/// The open deliveries of a campaign with the reasons of those whose recipients have left.
const OPEN: &str = "select delivery.number, delivery.state, coalesce(suppression.reason,
         case when subscriber.id is null then 'removed'
         when subscriber.status <> 'active' then subscriber.status end) as reason
     from delivery left join subscriber on subscriber.address_key = delivery.address_key
     left join suppression on suppression.address_key = delivery.address_key
     where delivery.send = ?1 and coalesce(delivery.state, '') in ('ready', 'leased', 'deferred')";

/// Why deliveries are excluded whose recipients have left: the suppression, or, if `follows_list`, the list in the store.
pub(in crate::store) fn reasons(
    connection: &dyn Connection,
    send: i64,
    numbers: &[i64],
    follows_list: bool,
) -> Result<Vec<(i64, String)>, StoreError> {
    let numbers: Vec<String> = numbers.iter().map(i64::to_string).collect();
    let sql = format!(
        "select number, reason from (
             select delivery.number, coalesce(suppression.reason, case when cast(?2 as bigint) = 0 then null
             when subscriber.id is null then 'removed'
             when subscriber.status <> 'active' then subscriber.status end) as reason
             from delivery left join subscriber on subscriber.address_key = delivery.address_key
             left join suppression on suppression.address_key = delivery.address_key
             where delivery.send = ?1 and delivery.number in ({})) as leased
         where reason is not null",
        numbers.join(", ")
    );
    let rows = connection.query(&sql, &[v(send), v(follows_list)])?;
    let read = rows
        .into_iter()
        .map(|mut row| Some((row.int(0)?, row.text(1)?)));
    read.collect::<Option<_>>()
        .ok_or_else(|| connection.damaged())
}

impl Store {
    /// Makes the list in the store decide who has left since a campaign began.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn follow_list(&mut self, send: &Send) -> Result<(), StoreError> {
        let sql = "update send set follows_list = 1 where id = ?1";
        self.transaction(|connection| connection.execute(sql, &[v(send.id)]))?;
        Ok(())
    }
}

/// Excludes the recipients who left before this change, so that they do not count as part of it.
pub(super) fn exclude_earlier(connection: &dyn Connection, now: i64) -> Result<(), StoreError> {
    for send in open_campaigns(connection)? {
        exclude_from(connection, send.id, true, now)?;
    }
    Ok(())
}

/// Excludes the recipients who have left by this change, or pauses the campaigns that lose too many. Returns the paused
/// campaigns.
pub(super) fn exclude(
    connection: &dyn Connection,
    now: i64,
) -> Result<Vec<(Send, Departures)>, StoreError> {
    let mut paused = Vec::new();
    for send in open_campaigns(connection)? {
        let departed = exclude_from(connection, send.id, false, now)?;
        if departed.is_accident() {
            paused.push((send, departed));
        }
    }
    Ok(paused)
}

fn open_campaigns(connection: &dyn Connection) -> Result<Vec<Send>, StoreError> {
    let sql = format!(
        "{SENDS} where finished_at is null and is_frozen = 1 and follows_list = 1 order by id"
    );
    let rows = connection.query(&sql, &[])?.into_iter();
    let sends: Option<Vec<Send>> = rows.map(|mut row| read_send(&mut row)).collect();
    sends.ok_or_else(|| connection.damaged())
}

fn count(connection: &dyn Connection, send: i64) -> Result<Departures, StoreError> {
    let sql = format!(
        "select count(*), count(case when reason = 'removed' then 1 end),
         count(case when reason <> 'removed' then 1 end) from ({OPEN}) as open"
    );
    let found = connection.query(&sql, &[v(send)])?;
    let counts = found
        .first()
        .map(|row| [0, 1, 2].map(|column| row.count(column)));
    let Some([Some(open), Some(removed), Some(inactive)]) = counts else {
        return Err(connection.damaged());
    };
    Ok(Departures {
        excluded: 0,
        removed: removed as usize,
        inactive: inactive as usize,
        open: open as usize,
    })
}

fn exclude_from(
    connection: &dyn Connection,
    send: i64,
    agreed: bool,
    now: i64,
) -> Result<Departures, StoreError> {
    let departed = count(connection, send)?;
    if departed.is_accident() && !agreed {
        let why = departed.to_string();
        stop::set_brake(connection, send, Brake::Paused, &why, true, now)?;
        return Ok(departed);
    }
    // A leased delivery is left to its connection, which may be sending it already.
    let sql = format!(
        "update delivery set state = 'excluded', why = open.reason, next_try = null, changed_at = ?2,
         reply_code = null, enhanced_status = null from ({OPEN}) as open
         where delivery.send = ?1 and delivery.number = open.number and open.reason is not null
         and delivery.state in ('ready', 'deferred')"
    );
    let excluded = match departed.leaving() {
        0 => 0,
        _ => connection.execute(&sql, &[v(send), v(now)])?,
    };
    Ok(Departures {
        excluded,
        ..departed
    })
}
