//! Changes of the list.

use std::collections::BTreeSet;

use super::condition::SqlCondition;
use super::departures;
use super::row::{self, COLUMNS};
use crate::store::connection::Connection;
use crate::store::value::v;
use crate::store::{Departures, Send, Store, StoreError};
use crate::subscriber::{Rule, Subscriber};

/// How many subscribers one statement reads.
const PAGE: i64 = 1_000;

/// What a change has done to one entry of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListEntryChange {
    /// The mailbox was not on the list.
    Added,
    /// Another value than before.
    Updated,
    /// The same values as before.
    Unchanged,
}

/// One change of the list, in a transaction: all of it happens, or nothing.
pub struct ListChange<'a> {
    pub(super) connection: &'a dyn Connection,
    pub(super) now: i64,
    attributes: BTreeSet<String>,
    has_changed: bool,
}

impl Store {
    /// Changes the entries of a few people in one transaction. `now` is in Unix seconds.
    ///
    /// # Errors
    /// When the store cannot be written, and those of `work`; nothing has changed then.
    pub fn change_list<T>(
        &mut self,
        now: i64,
        work: impl FnOnce(&mut ListChange<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.transaction(|connection| change(connection, now, work))
    }

    /// Changes many entries in one transaction. For each open campaign it is one change: if more than a tenth of the open
    /// recipients leave, the campaign is paused. Returns what `work` returns, and the campaigns that were paused.
    ///
    /// # Errors
    /// As [`Store::change_list`].
    pub fn change_list_in_bulk<T>(
        &mut self,
        now: i64,
        work: impl FnOnce(&mut ListChange<'_>) -> Result<T, StoreError>,
    ) -> Result<(T, Vec<(Send, Departures)>), StoreError> {
        self.transaction(|connection| {
            departures::exclude_earlier(connection, now)?;
            let done = change(connection, now, work)?;
            Ok((done, departures::exclude(connection, now)?))
        })
    }
}

fn change<T>(
    connection: &dyn Connection,
    now: i64,
    work: impl FnOnce(&mut ListChange<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut change = ListChange {
        connection,
        now,
        attributes: BTreeSet::new(),
        has_changed: false,
    };
    let done = work(&mut change)?;
    change.finish()?;
    Ok(done)
}

impl ListChange<'_> {
    /// Adds a subscriber, or replaces the one with the same mailbox.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn put(&mut self, subscriber: &Subscriber) -> Result<ListEntryChange, StoreError> {
        let values = row::row(subscriber, self.now);
        let before = self.connection.query(
            "select data from subscriber where address_key = ?1",
            &[values[1].clone()],
        )?;
        let change = match before.first() {
            None => ListEntryChange::Added,
            Some(before) if before.0[0] == values[9] => return Ok(ListEntryChange::Unchanged),
            Some(_) => ListEntryChange::Updated,
        };
        self.attributes
            .extend(subscriber.attributes.keys().cloned());
        self.has_changed = true;
        self.connection.execute(&put_sql(), &values)?;
        Ok(change)
    }

    /// The subscriber with this mailbox, with the status of the list alone: see [`ListChange::put`].
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn subscriber(&self, address_key: &str) -> Result<Option<Subscriber>, StoreError> {
        let sql = "select data, null from subscriber where address_key = ?1";
        let found = self.connection.query(sql, &[v(address_key)])?;
        let read = found
            .into_iter()
            .next()
            .map(|mut row| row::subscriber(&mut row, 0));
        read.map(|read| read.ok_or_else(|| self.connection.damaged()))
            .transpose()
    }

    /// The next subscribers that a rule selects after the one with the number `after`, each with its number and the status
    /// of the list alone. `language` is that of subscribers who have none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn selected_after(
        &self,
        rule: &Rule,
        language: &str,
        after: i64,
    ) -> Result<Vec<(i64, Subscriber)>, StoreError> {
        let mut condition = SqlCondition::after(self.connection, language, vec![v(after)]);
        let selects = condition.of(rule);
        let sql = format!(
            "select id, data, null from subscriber where id > ?1 and {selects} order by id limit {PAGE}"
        );
        let rows = self.connection.query(&sql, &condition.values)?;
        rows.into_iter()
            .map(|mut row| {
                let read = row.int(0).zip(row::subscriber(&mut row, 1));
                read.ok_or_else(|| self.connection.damaged())
            })
            .collect()
    }

    /// Removes the subscriber with this mailbox from the list, and returns whether there was one. A suppression stays.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn remove(&mut self, address_key: &str) -> Result<bool, StoreError> {
        let sql = "delete from subscriber where address_key = ?1";
        let count = self.connection.execute(sql, &[v(address_key)])?;
        self.has_changed |= count > 0;
        Ok(count > 0)
    }

    fn finish(self) -> Result<(), StoreError> {
        match self.has_changed {
            true => note_change(self.connection, &self.attributes),
            false => Ok(()),
        }
    }
}

/// Counts a change, so that readers of the list notice it, and adds the names of its attributes.
pub(super) fn note_change(
    connection: &dyn Connection,
    attributes: &BTreeSet<String>,
) -> Result<(), StoreError> {
    for name in attributes {
        let sql = "insert into subscriber_attribute (name) values (?1) on conflict do nothing";
        connection.execute(sql, &[v(name)])?;
    }
    let sql = "update list set revision = revision + 1";
    connection.execute(sql, &[]).map(drop)
}

/// The statement whose parameters are the values of [`COLUMNS`]. Of a subscriber who is on the list, `added_at` stays.
fn put_sql() -> String {
    let parameters = (1..=COLUMNS.len()).map(|number| format!("?{number}"));
    let parameters: Vec<String> = parameters.collect();
    let kept = ["address_key", "added_at"];
    let changed = COLUMNS.iter().filter(|column| !kept.contains(column));
    let changed: Vec<String> = changed
        .map(|column| format!("{column} = excluded.{column}"))
        .collect();
    format!(
        "insert into subscriber ({}) values ({}) on conflict (address_key) do update set {}",
        COLUMNS.join(", "),
        parameters.join(", "),
        changed.join(", ")
    )
}
