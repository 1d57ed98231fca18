//! Deletes the evidence of consent of people who left long ago.

use std::collections::HashSet;

use crate::store::value::v;
use crate::store::{Store, StoreError};
use crate::subscriber::MailboxHash;

/// The mailboxes that may have left at `?1` or earlier: each person who leaves is suppressed or removed. The table of the
/// evidence, which has a row for each subscriber, is not searched, because every run asks.
const CANDIDATES: [&str; 3] = [
    "select distinct hash from suppression where at <= ?1 and hash not like 'address:%'
     and exists (select 1 from consent where consent.hash = suppression.hash)",
    "select distinct hash from suppression_event where at <= ?1 and hash not like 'address:%'
     and exists (select 1 from consent where consent.hash = suppression_event.hash)",
    "select distinct address_key from list_event where at <= ?1 and action = 'remove' and (address_key like '%@%'
     or exists (select 1 from consent where consent.hash = list_event.address_key))",
];

/// How many of them are in memory at once; the next run continues.
const MOST: usize = 100_000;

/// The rows of a mailbox that is on the list and did not unsubscribe.
const LISTED: &str =
    "select 1 from consent join subscriber on subscriber.address_key = consent.address_key
     where consent.hash = ?1 and not exists (select 1 from suppression where suppression.hash = ?1
     and reason in ('unsubscribed', 'complained')) limit 1";

/// When a mailbox left the list: a suppression shows it, then the removal, then the end of a suppression.
const LEFT: &str = "select coalesce((select at from suppression where hash = ?1),
     (select max(at) from list_event where action = 'remove' and (address_key = ?1
     or address_key in (select address_key from consent where hash = ?1))),
     (select max(at) from suppression_event where hash = ?1))";

/// How many mailboxes one transaction changes: another process writes in between.
const PAGE: usize = 500;

/// A row can be deleted when it has no address.
const DELETE: [&str; 3] = [
    "update list_event set detail = null where action in ('add', 'update') and (address_key = ?1
     or address_key in (select address_key from consent where hash = ?1))",
    "update consent set address_key = null where hash = ?1 and address_key is not null",
    "delete from consent where hash = ?1",
];

impl Store {
    /// The mailboxes with evidence of consent of people who left the list in the store at `before` or earlier, in Unix seconds.
    /// There are none without a suppression key, which evidence needs.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn old_consents(&self, before: i64) -> Result<HashSet<MailboxHash>, StoreError> {
        let mut old = HashSet::new();
        for sql in CANDIDATES {
            let sql = format!("{sql} limit {MOST}");
            for mailbox in self.rows(&sql, &[v(before)], |row| row.text(0))? {
                let hash = match mailbox.contains('@') {
                    true => self.hash(&mailbox),
                    false => Some(mailbox),
                };
                let hash = hash.and_then(|hash| MailboxHash::parse(&hash));
                old.extend(hash.filter(|hash| !old.contains(hash)));
            }
        }
        let mut left = HashSet::new();
        for hash in old {
            if self.left_before(&hash, before)? {
                left.insert(hash);
            }
        }
        Ok(left)
    }

    fn left_before(&self, hash: &MailboxHash, before: i64) -> Result<bool, StoreError> {
        let values = [v(hash.as_str())];
        if self.has_row(LISTED, &values)? {
            return Ok(false);
        }
        let left = self.rows(LEFT, &values, |row| {
            row.maybe(0, |row, column| row.int(column))
        })?;
        Ok(left.into_iter().flatten().any(|left| left <= before))
    }

    /// Deletes the evidence of consent of these mailboxes, and what the history of the list says about it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn remove_consents(&mut self, mailboxes: HashSet<MailboxHash>) -> Result<(), StoreError> {
        let mailboxes: Vec<MailboxHash> = mailboxes.into_iter().collect();
        for page in mailboxes.chunks(PAGE) {
            self.transaction(|connection| {
                page.iter().try_for_each(|hash| {
                    DELETE.iter().try_for_each(|sql| {
                        let done = connection.execute(sql, &[v(hash.as_str())]);
                        done.map(drop)
                    })
                })
            })?;
        }
        Ok(())
    }
}
