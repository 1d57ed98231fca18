//! Reads the list.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::SqlCondition;
use super::row::subscriber;
use crate::store::value::{Row, Value, v};
use crate::store::{Store, StoreError};
use crate::subscriber::{AudienceQuestion, Rule, Status, Subscriber};

/// How many subscribers one statement reads.
const PAGE: i64 = 1_000;

/// The subscribers with their suppressions: `id`, `data`, `reason`.
const SUBSCRIBERS: &str = "select subscriber.id, subscriber.data, suppression.reason
     from subscriber left join suppression on suppression.address_key = subscriber.address_key";

/// A subscriber of the list, and why the mailbox is suppressed, if it is.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedSubscriber {
    /// The subscriber, with the status that applies.
    pub subscriber: Subscriber,
    /// The reason of the suppression.
    pub suppression: Option<String>,
}

fn listed(row: &mut Row) -> Option<ListedSubscriber> {
    let suppression = match row.0.get(2)? {
        Value::Text(reason) => Some(reason.clone()),
        _ => None,
    };
    Some(ListedSubscriber {
        subscriber: subscriber(row, 1)?,
        suppression,
    })
}

fn numbered(row: &mut Row) -> Option<(i64, Subscriber)> {
    Some((row.int(0)?, subscriber(row, 1)?))
}

impl Store {
    /// How often the list has changed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn list_revision(&self) -> Result<u64, StoreError> {
        let found = self.rows("select revision from list", &[], |row| row.int(0))?;
        let revision = found.first().and_then(|number| u64::try_from(*number).ok());
        revision.ok_or_else(|| self.connection.damaged())
    }

    /// How many subscribers the list has, whatever their status.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn subscribers(&self) -> Result<usize, StoreError> {
        let count = self.number("select count(*) from subscriber", &[])?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// The names of all attributes.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn attribute_names(&self) -> Result<BTreeSet<String>, StoreError> {
        let names = "select name from subscriber_attribute";
        let names = self.rows(names, &[], |row| row.text(0))?;
        Ok(names.into_iter().collect())
    }

    /// The next subscribers after the one with the number `after`, each with its number and the status that applies.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn subscribers_after(&self, after: i64) -> Result<Vec<(i64, Subscriber)>, StoreError> {
        let sql =
            format!("{SUBSCRIBERS} where subscriber.id > ?1 order by subscriber.id limit {PAGE}");
        self.rows(&sql, &[v(after)], numbered)
    }

    /// The next subscribers that a rule selects after the one with the number `after`. `language` is that of subscribers
    /// who have none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn selected_after(
        &self,
        rule: &Rule,
        language: &str,
        after: i64,
    ) -> Result<Vec<(i64, ListedSubscriber)>, StoreError> {
        let mut condition = SqlCondition::after(self.connection.as_ref(), language, vec![v(after)]);
        let selects = condition.of(rule);
        let sql = format!(
            "{SUBSCRIBERS} where subscriber.id > ?1 and {selects} order by subscriber.id limit {PAGE}"
        );
        self.rows(&sql, &condition.values, |row| {
            Some((row.int(0)?, listed(row)?))
        })
    }

    /// The number of subscribers that a rule selects, by the status that applies. `language` is that of subscribers who have
    /// none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn count_selected(
        &self,
        rule: &Rule,
        language: &str,
    ) -> Result<BTreeMap<Status, usize>, StoreError> {
        let mut condition = SqlCondition::after(self.connection.as_ref(), language, Vec::new());
        let selects = condition.of(rule);
        let sql = format!(
            "select suppression.reason, subscriber.status, count(*) from subscriber
             left join suppression on suppression.address_key = subscriber.address_key
             where {selects} group by 1, 2"
        );
        let counts = self.rows(&sql, &condition.values, |row| {
            let reason = row.maybe(0, Row::text)?;
            let listed = row.text(1)?;
            let listed = Status::ALL
                .into_iter()
                .find(|status| status.as_str() == listed)?;
            let status = reason.map_or(listed, |reason| Status::of_suppression(&reason));
            Some((status, row.count(2)? as usize))
        })?;
        let mut sums = BTreeMap::new();
        for (status, count) in counts {
            *sums.entry(status).or_default() += count;
        }
        Ok(sums)
    }

    /// The subscriber with this mailbox, with the status that applies.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn subscriber(&self, address_key: &str) -> Result<Option<Subscriber>, StoreError> {
        let sql = format!("{SUBSCRIBERS} where subscriber.address_key = ?1");
        let found = self.rows(&sql, &[v(address_key)], |row| subscriber(row, 1))?;
        Ok(found.into_iter().next())
    }

    /// Calls `see` with the subscribers that answer `question`, in the order of the list.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn survey_list(
        &self,
        question: &AudienceQuestion<'_>,
        see: &mut dyn FnMut(&Subscriber),
    ) -> Result<(), StoreError> {
        // Never empty, because PostgreSQL has no empty list of values.
        let mut ids = BTreeSet::from([0]);
        for test in &question.tests {
            ids.extend(self.pick(test, question.language, ("1 = 1", "subscriber.id"))?);
        }
        for order in [
            "subscriber.id",
            "subscriber.weight desc, subscriber.id desc",
        ] {
            ids.extend(self.pick(question.rule, question.language, (USUAL, order))?);
        }
        self.each_questionable(question, &ids, see)
    }

    /// The number of the first subscriber in this order whom a rule selects and who meets a condition.
    fn pick(
        &self,
        rule: &Rule,
        language: &str,
        (also, order): (&str, &str),
    ) -> Result<Option<i64>, StoreError> {
        let mut condition = SqlCondition::after(self.connection.as_ref(), language, Vec::new());
        let selects = condition.of(rule);
        let sql = format!(
            "select subscriber.id from subscriber where {also} and {selects} order by {order} limit 1"
        );
        let found = self.rows(&sql, &condition.values, |row| row.int(0))?;
        Ok(found.into_iter().next())
    }

    fn each_questionable(
        &self,
        question: &AudienceQuestion<'_>,
        ids: &BTreeSet<i64>,
        see: &mut dyn FnMut(&Subscriber),
    ) -> Result<(), StoreError> {
        let connection = self.connection.as_ref();
        let mut condition = SqlCondition::after(connection, question.language, vec![v(0_i64)]);
        let selects = condition.of(question.rule);
        let mut one_of = vec!["subscriber.is_unusual = 1".to_owned()];
        let lacking = question.placeholders.iter();
        one_of.extend(lacking.map(|name| condition.lacks(name)));
        let one_of = one_of.join(" or ");
        let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
        let ids = ids.join(", ");
        let sql = format!(
            "{SUBSCRIBERS} where subscriber.id > ?1 and (subscriber.id in ({ids}) or {ACTIVE} and {selects} and ({one_of}))
             order by subscriber.id limit {PAGE}"
        );
        loop {
            let page = self.rows(&sql, &condition.values, numbered)?;
            let Some((last, _)) = page.last() else {
                return Ok(());
            };
            condition.values[0] = v(*last);
            page.iter().for_each(|(_, subscriber)| see(subscriber));
        }
    }
}

/// The condition that a subscriber gets mail, as a macro because constants are built of it.
macro_rules! active {
    () => {
        "subscriber.status = 'active' and not exists (
         select 1 from suppression where suppression.address_key = subscriber.address_key)"
    };
}

const ACTIVE: &str = active!();

/// The condition that a subscriber gets mail, and that nothing in the data can prevent it.
const USUAL: &str = concat!("subscriber.is_unusual = 0 and ", active!());
