//! Deletes the evidence of consent of people who left long ago.

use std::collections::HashSet;

use crate::store::value::v;
use crate::store::{Store, StoreError};
use crate::subscriber::MailboxHash;

/// The mailboxes whose evidence is old: those that are not on the list in the store or have unsubscribed, and left at `?1` or
/// earlier. A suppression shows when, then the removal from the list, then, if neither is known, the evidence itself.
const OLD: &str = "select hash from (
         select hash, max(recorded_at) as recorded_at, max(coalesce(address_key, hash)) as mailbox from consent
         where not exists (select 1 from consent as other join subscriber on subscriber.address_key = other.address_key
         where other.hash = consent.hash) or exists (select 1 from suppression where suppression.hash = consent.hash
         and reason in ('unsubscribed', 'complained')) group by hash) as absent
     where coalesce((select at from suppression where suppression.hash = absent.hash),
     (select max(at) from list_event where action = 'remove' and list_event.address_key in (absent.hash, absent.mailbox)),
     recorded_at) <= ?1";

/// How many mailboxes one transaction changes: another process writes in between.
const PAGE: usize = 500;

impl Store {
    /// The mailboxes with evidence of consent of people who left the list in the store at `before` or earlier, in Unix seconds.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn old_consents(&self, before: i64) -> Result<HashSet<MailboxHash>, StoreError> {
        let found = self.rows(OLD, &[v(before)], |row| MailboxHash::parse(&row.text(0)?))?;
        Ok(found.into_iter().collect())
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
                    STATEMENTS.iter().try_for_each(|sql| {
                        let done = connection.execute(sql, &[v(hash.as_str())]);
                        done.map(drop)
                    })
                })
            })?;
        }
        Ok(())
    }
}

/// A row can be deleted when it has no address.
const STATEMENTS: [&str; 3] = [
    "update list_event set detail = null where action in ('add', 'update') and (address_key = ?1
     or address_key in (select address_key from consent where hash = ?1))",
    "update consent set address_key = null where hash = ?1 and address_key is not null",
    "delete from consent where hash = ?1",
];
