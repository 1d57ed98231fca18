//! Subscribers who are on the list already: an import changes the values that it gives, and no others.

use crate::store::StoreError;
use crate::store::connection::Connection;
use crate::store::list::row::{self, row};
use crate::store::value::{Row, Value, v};
use crate::subscriber::{Status, Subscriber};

/// How many subscribers are in memory at once.
const PAGE: i64 = 1_000;

/// How many values of a row, its address, never change.
const ADDRESS: usize = 3;

/// The columns of `staged_update`.
fn columns() -> Vec<&'static str> {
    [&["seq", "id"], &row::VALUES[ADDRESS..]].concat()
}

/// The rows whose subscriber has other values.
const CHANGED: &str = "select staged.seq, subscriber.id, subscriber.data, null, staged.data, null,
     case when staged.confirmed_at is null then 0 else 1 end
     from staged join subscriber on subscriber.address_key = staged.address_key
     where staged.outcome = 'unchanged' and staged.seq > ?1 and staged.data <> subscriber.data
     order by staged.seq limit ?2";

/// Marks the rows of subscribers who are on the list as `unchanged`, gives them their new values, and returns how many have
/// one.
pub(super) fn update(connection: &dyn Connection, now: i64) -> Result<usize, StoreError> {
    if connection
        .query("select 1 from subscriber limit 1", &[])?
        .is_empty()
    {
        return Ok(0);
    }
    let known = "update staged set outcome = 'unchanged' where outcome is null
         and address_key in (select address_key from subscriber)";
    connection.execute(known, &[])?;
    stage(connection)?;
    connection.analyze("staged_update")?;
    let sql = "update subscriber set name = new.name, status = new.status, language = new.language, terms = new.terms,
         weight = new.weight, is_unusual = new.is_unusual, data = new.data, changed_at = ?1
         from staged_update as new where subscriber.id = new.id";
    connection.execute(sql, &[v(now)])
}

/// Fills `staged_update`.
fn stage(connection: &dyn Connection) -> Result<(), StoreError> {
    let mut last = 0;
    loop {
        let page = connection.query(CHANGED, &[v(last), v(PAGE)])?;
        let Some(end) = page.last().and_then(|row| row.int(0)) else {
            return Ok(());
        };
        last = end;
        let mut changed = Vec::new();
        for mut row in page {
            let values = new_values(&mut row).ok_or_else(|| connection.damaged())?;
            changed.extend(values);
        }
        connection.insert("staged_update", &columns(), &mut changed.into_iter())?;
    }
}

/// The values of [`columns`] of a row of [`CHANGED`]: `Some(None)` if the subscriber has them already.
fn new_values(values: &mut Row) -> Option<Option<Vec<Value>>> {
    let (seq, id) = (values.int(0)?, values.int(1)?);
    let (old, new) = (row::subscriber(values, 2)?, row::subscriber(values, 4)?);
    let merged = merge(&old, new, values.truth(6)?);
    if merged == old {
        return Some(None);
    }
    let row = row(&merged, 0).into_iter().enumerate();
    // The address stays; the times are those of the statement.
    let row = row.filter(|(column, _)| (ADDRESS..row::VALUES.len()).contains(column));
    let row = row.map(|(_, value)| value);
    Some(Some([v(seq), v(id)].into_iter().chain(row).collect()))
}

/// The subscriber of the list with the values that a row gives. Tags are added. The status never becomes less strict,
/// unless the row shows a confirmation.
fn merge(old: &Subscriber, new: Subscriber, is_confirmed: bool) -> Subscriber {
    let is_confirmed = is_confirmed && new.status == Status::Active;
    let mut attributes = old.attributes.clone();
    attributes.extend(new.attributes);
    let or_old = |new: &Option<String>, old: &Option<String>| new.clone().or_else(|| old.clone());
    Subscriber {
        address: old.address.clone(),
        name: or_old(&new.name, &old.name),
        first_name: or_old(&new.first_name, &old.first_name),
        last_name: or_old(&new.last_name, &old.last_name),
        language: or_old(&new.language, &old.language),
        tags: old.tags.union(&new.tags).cloned().collect(),
        status: match is_confirmed {
            true => Status::Active,
            false => old.status.max(new.status),
        },
        attributes,
    }
}
