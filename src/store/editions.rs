//! The editions of a campaign.

use serde::Serialize;

use super::connection::Connection;
use super::value::{Row, v};
use super::{Candidates, NewSend, Send, Store, StoreError};
use crate::util::timestamp;

/// An edition of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SendEdition {
    /// 1 for the first, and one more for each correction.
    pub number: i64,
    /// The digest of the edition.
    pub digest: String,
    /// The subject of its messages.
    pub subject: String,
    /// The Date field of its messages, in Unix seconds.
    #[serde(serialize_with = "timestamp::serialize")]
    pub since: i64,
    /// The number of the key of its unsubscribe tokens; `None` for an edition of an earlier version, whose tokens are hexadecimal.
    #[serde(skip)]
    pub token_key: Option<u8>,
    /// How many deliveries are bound to it, because a message of it may have left.
    pub bound: u32,
}

impl Store {
    /// Whether the edition and the recipients can still be replaced, because no message can have left.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn can_refreeze(&self, send: &Send) -> Result<bool, StoreError> {
        can_refreeze(self.connection.as_ref(), send.id)
    }

    /// Replaces the frozen edition and the recipients of a campaign, none of whose messages can have left.
    ///
    /// # Errors
    /// [`StoreError::AlreadyBegun`] if a message may have left or another sender is active, and
    /// [`StoreError::ListChanged`] if the list changes while the candidates are read.
    pub fn refreeze(
        &mut self,
        send: &Send,
        new: &NewSend,
        candidates: Candidates<'_>,
    ) -> Result<Send, StoreError> {
        self.transaction(|connection| {
            connection.lock_send(send.id)?;
            let is_free =
                can_refreeze(connection, send.id)? && connection.senders(send.id)?.is_empty();
            if !is_free {
                return Err(StoreError::AlreadyBegun(send.issue.clone()));
            }
            for table in ["delivery", "send_edition"] {
                connection.execute(
                    &format!("delete from {table} where send = ?1"),
                    &[v(send.id)],
                )?;
            }
            // The new number halts a sender that has just begun with the old edition.
            let number = send.edition + 1;
            add_edition(connection, send.id, number, new)?;
            let count = candidates.freeze(connection, send.id, 1, new.started_at)?;
            restart(connection, send.id, new, count, number)?;
            delete_unused(connection)
        })?;
        self.connection.refresh_statistics()?;
        self.reload(send)
    }

    /// The editions of a campaign, oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn editions(&self, send: &Send) -> Result<Vec<SendEdition>, StoreError> {
        self.rows(
            "select number, digest, subject, since,
             (select count(*) from delivery
              where delivery.send = send_edition.send and delivery.edition = send_edition.number), token_key
             from send_edition where send = ?1 order by number",
            &[v(send.id)],
            |row| {
                Some(SendEdition {
                    number: row.int(0)?,
                    digest: row.text(1)?,
                    subject: row.text(2)?,
                    since: row.int(3)?,
                    bound: row.count(4)?,
                    token_key: row.maybe(5, token_key)?,
                })
            },
        )
    }

    pub(super) fn reload(&self, send: &Send) -> Result<Send, StoreError> {
        let found = self.send_of(&send.issue)?;
        found.ok_or_else(|| {
            StoreError::Transition(format!("the campaign `{}` has disappeared", send.issue))
        })
    }
}

fn token_key(row: &mut Row, column: usize) -> Option<u8> {
    row.int(column).and_then(|number| u8::try_from(number).ok())
}

/// Adds the edition of this number to a campaign.
pub(super) fn add_edition(
    connection: &dyn Connection,
    send: i64,
    number: i64,
    new: &NewSend,
) -> Result<(), StoreError> {
    connection.execute(
        "insert into edition (digest, bytes) values (?1, ?2) on conflict do nothing",
        &[v(&new.digest), v(&new.edition)],
    )?;
    connection.execute(
        "insert into send_edition (send, number, digest, subject, since, content, token_key)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        &[
            v(send),
            v(number),
            v(&new.digest),
            v(&new.subject),
            v(new.started_at),
            v(&new.content),
            v(i64::from(new.token_key)),
        ],
    )?;
    Ok(())
}

/// Updates the row of a campaign that begins again with edition `number` and `candidates` rows.
fn restart(
    connection: &dyn Connection,
    send: i64,
    new: &NewSend,
    candidates: i64,
    number: i64,
) -> Result<(), StoreError> {
    connection.execute(
        "update send set digest = ?2, subject = ?3, started_at = ?4, on_uncertain = ?5, is_held = ?6,
         candidates = ?7, edition = ?8, touched_at = null, waits_until = null, finished_at = null,
         brake = null, brake_why = null, brake_at = null, brake_is_automatic = 0, follows_list = ?9 where id = ?1",
        &[
            v(send),
            v(&new.digest),
            v(&new.subject),
            v(new.started_at),
            v(new.on_uncertain.as_str()),
            v(new.is_held),
            v(candidates),
            v(number),
            v(new.follows_list),
        ],
    )?;
    Ok(())
}

fn can_refreeze(connection: &dyn Connection, send: i64) -> Result<bool, StoreError> {
    // Accepted and uncertain deliveries always have an edition; checking their state too is a safeguard.
    let left = connection.query(
        "select 1 from delivery where send = ?1 and (edition is not null
         or state in ('in_data', 'accepted', 'uncertain')) limit 1",
        &[v(send)],
    )?;
    Ok(left.is_empty())
}

/// Deletes the editions that no campaign refers to.
fn delete_unused(connection: &dyn Connection) -> Result<(), StoreError> {
    connection.execute(
        "delete from edition where digest not in (select digest from send_edition)
         and digest not in (select digest from send)",
        &[],
    )?;
    Ok(())
}
