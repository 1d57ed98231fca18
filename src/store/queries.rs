//! Queries for campaigns and deliveries, in the SQL that SQLite and PostgreSQL have in common.

use super::due::next_due;
use super::rows::{DELIVERIES, SENDS, delivery, read_send};
use super::value::v;
use super::{Delivery, DeliveryCondition, NextDue, Send, State, Store, StoreError, Totals};

/// How many deliveries one statement reads: a campaign may have a million.
const PAGE: usize = 1_000;

impl Store {
    /// Whether a campaign has begun.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn has_sent(&self) -> Result<bool, StoreError> {
        self.has_row(
            "select 1 from send where is_rehearsal = 0 and is_frozen = 1 limit 1",
            &[],
        )
    }

    /// The campaign of an issue, if it has begun.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn send_of(&self, issue: &str) -> Result<Option<Send>, StoreError> {
        let sql = format!("{SENDS} where issue = ?1 and is_rehearsal = 0 and is_frozen = 1");
        let found = self.rows(&sql, &[v(issue)], read_send)?;
        Ok(found.into_iter().next())
    }

    /// The last rehearsal of an issue, if the issue has not been sent since.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn rehearsal_of(&self, issue: &str) -> Result<Option<Send>, StoreError> {
        let sql = format!("{SENDS} where issue = ?1 and is_rehearsal = 1 and is_frozen = 1");
        let found = self.rows(&sql, &[v(issue)], read_send)?;
        Ok(found.into_iter().next())
    }

    /// The campaigns of other issues that have an edition with this content, the latest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sends_of_content(&self, content: &str, issue: &str) -> Result<Vec<Send>, StoreError> {
        let sql = format!(
            "{SENDS} where is_rehearsal = 0 and is_frozen = 1 and issue <> ?2
             and id in (select send from send_edition where content = ?1)
             order by started_at desc, id desc"
        );
        match content {
            "" => Ok(Vec::new()),
            content => self.rows(&sql, &[v(content), v(issue)], read_send),
        }
    }

    /// All campaigns without the rehearsals, the latest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sends(&self) -> Result<Vec<Send>, StoreError> {
        let sql = format!(
            "{SENDS} where is_rehearsal = 0 and is_frozen = 1 order by started_at desc, id desc"
        );
        self.rows(&sql, &[], read_send)
    }

    /// All rehearsals, the latest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn rehearsals(&self) -> Result<Vec<Send>, StoreError> {
        let sql = format!(
            "{SENDS} where is_rehearsal = 1 and is_frozen = 1 order by started_at desc, id desc"
        );
        self.rows(&sql, &[], read_send)
    }

    /// The frozen edition with this digest.
    ///
    /// # Errors
    /// If the store cannot be read, or does not have the edition because it is damaged.
    pub fn edition(&self, digest: &str) -> Result<Vec<u8>, StoreError> {
        let sql = "select bytes from edition where digest = ?1";
        let found = self.rows(sql, &[v(digest)], |row| row.bytes(0))?;
        let edition = found.into_iter().next();
        edition.ok_or_else(|| self.connection.damaged())
    }

    /// The totals of a campaign.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn totals(&self, send: &Send) -> Result<Totals, StoreError> {
        let candidates = self.number("select candidates from send where id = ?1", &[v(send.id)])?;
        let counts = self.rows(
            "select state, count(*) from delivery where send = ?1 group by state",
            &[v(send.id)],
            |row| Some((State::from_word(&row.text(0)?)?, row.count(1)?)),
        )?;
        let reasons = self.rows(
            // Without the inner statement, SQLite reads all deliveries of the campaign.
            "select coalesce(why, ''), count(*) from delivery where send = ?1 and number in (
             select number from delivery where send = ?1 and state = 'excluded') group by why",
            &[v(send.id)],
            |row| Some((row.text(0)?, row.count(1)?)),
        )?;
        let mut totals = Totals {
            candidates,
            reasons: reasons.into_iter().collect(),
            ..Totals::default()
        };
        for (state, count) in counts {
            *totals.of_mut(state) += count;
        }
        Ok(totals)
    }

    /// How many messages of a campaign a run is sending, or was sending when it was killed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn in_data(&self, send: &Send) -> Result<u32, StoreError> {
        let sql = "select count(*) from delivery where send = ?1 and state = 'in_data'";
        self.number(sql, &[v(send.id)])
    }

    /// The deliveries of a campaign in one of `states`, in the order of the list.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn deliveries(&self, send: &Send, states: &[State]) -> Result<Vec<Delivery>, StoreError> {
        // The words of `State` contain no quotation marks.
        let words: Vec<String> = states.iter().map(|s| format!("'{}'", s.as_str())).collect();
        let words = words.join(", ");
        self.rows(
            &format!("{DELIVERIES} where send = ?1 and state in ({words}) order by number"),
            &[v(send.id)],
            delivery,
        )
    }

    /// Calls `visit` with each delivery of a campaign that meets all `conditions`, in the order of the list. The deliveries
    /// are read in pages, because there may be too many for the memory.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn each_delivery(
        &self,
        send: &Send,
        conditions: &[DeliveryCondition],
        mut visit: impl FnMut(Delivery),
    ) -> Result<(), StoreError> {
        let conditions = conditions.iter();
        let conditions: String = conditions
            .map(|one| format!(" and {}", one.sql()))
            .collect();
        let sql = format!(
            "{DELIVERIES} where send = ?1 and number > ?2{conditions} order by number limit {PAGE}"
        );
        let mut last = 0;
        loop {
            let page = self.rows(&sql, &[v(send.id), v(last)], |row| {
                Some((delivery(row)?, row.int(8)?))
            })?;
            let Some((_, end)) = page.last() else {
                return Ok(());
            };
            last = *end;
            page.into_iter().for_each(|(delivery, _)| visit(delivery));
        }
    }

    /// The delivery to one mailbox, by its key.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn delivery(&self, send: &Send, address_key: &str) -> Result<Option<Delivery>, StoreError> {
        // A duplicate has the same key and a higher number.
        let found = self.rows(
            &format!("{DELIVERIES} where send = ?1 and address_key = ?2 order by number limit 1"),
            &[v(send.id), v(address_key)],
            delivery,
        )?;
        Ok(found.into_iter().next())
    }

    /// When the next delivery is due, in Unix seconds: 0 if one is ready now, `None` if none waits.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn next_due(&self, send: &Send) -> Result<Option<i64>, StoreError> {
        Ok(match next_due(self.connection.as_ref(), send.id)? {
            NextDue::At(at) => Some(at),
            NextDue::Nothing | NextDue::Others => None,
        })
    }
}
