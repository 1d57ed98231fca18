//! Freezes the recipients of a campaign from the list in the store.

use std::collections::BTreeMap;

use super::condition::SqlCondition;
use super::row::subscriber;
use crate::store::connection::Connection;
use crate::store::value::{Row, v};
use crate::store::{Store, StoreError};
use crate::subscriber::{Rule, Subscriber};

/// The audience of a campaign among the subscribers in the store.
pub struct StoredAudience<'a> {
    /// The audience rule.
    pub rule: &'a Rule,
    /// The language of subscribers who have none.
    pub language: &'a str,
    /// Whether the message for a subscriber can be sent.
    pub is_sendable: Box<dyn Fn(&Subscriber) -> bool + 'a>,
}

/// The recipients that a campaign would have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AudienceCount {
    /// The number of subscribers whom the rule selects, by the reason of their exclusion; `None` for recipients.
    pub by_exclusion: BTreeMap<Option<String>, usize>,
    /// The first recipient, as JSON.
    pub first: Option<String>,
}

/// How many subscribers one transaction freezes, so that another process waits for a moment only.
const STEP: i64 = 20_000;

/// The reason why a subscriber is excluded, or null. A suppression counts more than the status of the list.
const EXCLUSION: &str =
    "coalesce(suppression.reason, case when subscriber.status <> 'active' then subscriber.status
     when subscriber.id in (:unsendable) then 'unsendable' end)";

const FROM: &str = "from subscriber
     left join suppression on suppression.address_key = subscriber.address_key";

/// A range of the numbers of subscribers: those after the first number, up to the last.
type Range = (i64, i64);

impl StoredAudience<'_> {
    /// Writes the deliveries of the subscribers after the one with the number `after`, numbered from `first` on. Returns how
    /// many there are, and the number of the last subscriber; `None` at the end of the list.
    pub(in crate::store) fn freeze_next(
        &self,
        connection: &dyn Connection,
        send: i64,
        (after, first): (i64, i64),
        now: i64,
    ) -> Result<(usize, Option<i64>), StoreError> {
        let Some(last) = end_of_step(connection, after)? else {
            return Ok((0, None));
        };
        let exclusion = self.exclusion(connection, (after, last))?;
        let values = vec![v(send), v(after), v(last), v(first - 1), v(now)];
        let mut condition = SqlCondition::after(connection, self.language, values);
        let selects = condition.of(self.rule);
        // Only the numbers of subscribers are numbered: the database copies what a window function sees.
        let sql = format!(
            "insert into delivery (send, number, address, address_key, name, reader, state, why, changed_at)
             select cast(?1 as bigint), cast(?4 as bigint) + place, address, address_key, name, data,
             case when why is null then 'ready' else 'excluded' end, why, cast(?5 as bigint)
             from (select place, subscriber.*, {exclusion} as why from (
                 select id as selected, row_number() over (order by id) as place from subscriber
                 where id > ?2 and id <= ?3 and {selects}) as selection
                 join subscriber on subscriber.id = selected
                 left join suppression on suppression.address_key = subscriber.address_key) as recipients
             order by place"
        );
        let count = connection.execute(&sql, &condition.values)?;
        Ok((count, Some(last)))
    }

    /// The SQL of the exclusion of the subscribers in a range.
    fn exclusion(&self, connection: &dyn Connection, range: Range) -> Result<String, StoreError> {
        let mut unsendable = vec!["0".to_owned()];
        self.each_unsendable(connection, range, |id| unsendable.push(id.to_string()))?;
        Ok(EXCLUSION.replace(":unsendable", &unsendable.join(", ")))
    }

    /// Calls `see` with the numbers of the subscribers in a range whose message cannot be sent. Only unusual subscribers
    /// are examined.
    fn each_unsendable(
        &self,
        connection: &dyn Connection,
        (after, last): Range,
        mut see: impl FnMut(i64),
    ) -> Result<(), StoreError> {
        let rows = connection.query(
            "select id, data, null from subscriber where is_unusual = 1 and id > ?1 and id <= ?2 order by id",
            &[v(after), v(last)],
        )?;
        let read = rows.into_iter().map(|mut row| id_and_subscriber(&mut row));
        for row in read {
            let (id, subscriber) = row.ok_or_else(|| connection.damaged())?;
            if !(self.is_sendable)(&subscriber) {
                see(id);
            }
        }
        Ok(())
    }
}

fn id_and_subscriber(row: &mut Row) -> Option<(i64, Subscriber)> {
    Some((row.int(0)?, subscriber(row, 1)?))
}

/// The number of the last subscriber of the next step; `None` at the end of the list.
fn end_of_step(connection: &dyn Connection, after: i64) -> Result<Option<i64>, StoreError> {
    let found = connection.query(
        "select max(id) from (select id from subscriber where id > ?1 order by id limit ?2) as step",
        &[v(after), v(STEP)],
    )?;
    Ok(found.first().and_then(|row| row.int(0)))
}

impl Store {
    /// Counts the recipients and exclusions of a campaign that has not begun; with `only`, those of this mailbox.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn count_audience(
        &self,
        audience: &StoredAudience<'_>,
        only: Option<&str>,
    ) -> Result<AudienceCount, StoreError> {
        let connection = self.connection.as_ref();
        let exclusion = audience.exclusion(connection, (0, i64::MAX))?;
        let mut condition = SqlCondition::after(connection, audience.language, vec![v(only)]);
        let selects = condition.of(audience.rule);
        let selected = format!(
            "{FROM} where coalesce(?1, subscriber.address_key) = subscriber.address_key and {selects}"
        );
        let counts = format!("select {exclusion}, count(*) {selected} group by 1");
        let counts = self.rows(&counts, &condition.values, |row| {
            Some((row.maybe(0, Row::text)?, row.count(1)? as usize))
        })?;
        let first = format!(
            "select subscriber.data {selected} and {exclusion} is null order by subscriber.id limit 1"
        );
        let first = self.rows(&first, &condition.values, |row| row.text(0))?;
        Ok(AudienceCount {
            by_exclusion: counts.into_iter().collect(),
            first: first.into_iter().next(),
        })
    }
}
