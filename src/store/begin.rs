//! Begins and finishes campaigns: freezes the edition and the recipients.

use std::time::Duration;

use super::connection::Connection;
use super::editions::add_edition;
use super::rows::{SENDS, read_send};
use super::value::v;
use super::{Candidates, NewSend, Send, Store, StoreError, bounces};

/// How long the write lock stays free between two steps, so that another process gets it.
const BETWEEN_STEPS: Duration = Duration::from_millis(10);

impl Store {
    /// Freezes an edition and its candidates. On a server that is one transaction. In a file it is done in steps, because a
    /// transaction keeps other processes from writing; the campaign exists when the last step is done.
    ///
    /// # Errors
    /// [`StoreError::AlreadyBegun`] if the issue has a campaign, and [`StoreError::ListChanged`] if the list changes while
    /// the candidates are read.
    pub fn begin(
        &mut self,
        send: &NewSend,
        candidates: Candidates<'_>,
    ) -> Result<Send, StoreError> {
        let id = match self.connection.is_shared() {
            true => self.transaction(|connection| {
                let id = announce(connection, send)?;
                let count = candidates.freeze(connection, id, 1, send.started_at)?;
                complete(connection, id, count).map(|()| id)
            })?,
            false => self.begin_in_steps(send, candidates)?,
        };
        self.connection.refresh_statistics()?;
        let begun = self.rows(&format!("{SENDS} where id = ?1"), &[v(id)], read_send)?;
        let begun = begun.into_iter().next();
        begun.ok_or_else(|| {
            StoreError::Transition(format!("the campaign of `{}` has disappeared", send.issue))
        })
    }

    fn begin_in_steps(
        &mut self,
        send: &NewSend,
        mut candidates: Candidates<'_>,
    ) -> Result<i64, StoreError> {
        let (id, at) = (
            self.transaction(|connection| announce(connection, send))?,
            send.started_at,
        );
        let mut count = 0;
        let mut step = |count| {
            self.transaction(|connection| {
                match candidates.freeze_next(connection, id, count + 1, at)? {
                    None => complete(connection, id, count).map(|()| None),
                    frozen => Ok(frozen),
                }
            })
        };
        while let Some(frozen) = step(count)? {
            count += frozen;
            std::thread::sleep(BETWEEN_STEPS);
        }
        Ok(id)
    }

    /// Releases a campaign that began with one recipient: the others get it too.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn release(&mut self, send: &Send) -> Result<(), StoreError> {
        let sql = "update send set is_held = 0 where id = ?1";
        self.transaction(|connection| connection.execute(sql, &[v(send.id)]))?;
        Ok(())
    }

    /// Records that no delivery remains. A campaign finishes once.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn finish(&mut self, send: &Send, now: i64) -> Result<(), StoreError> {
        // A brake that was set during the last message has nothing to stop, and would stop deliveries that the operator
        // resolves later.
        let sql =
            "update send set finished_at = ?2, brake = null, brake_why = null, brake_at = null
                   where id = ?1 and finished_at is null and coalesce(brake, '') <> 'cancelled'";
        self.transaction(|connection| {
            connection.execute(sql, &[v(send.id), v(now)])?;
            if send.is_rehearsal {
                // A rehearsal has sent nothing to any mailbox.
                return Ok(());
            }
            bounces::forgive(connection, send.id)
        })
    }
}

/// Inserts edition and campaign, without recipients, and returns the number of the campaign.
fn announce(connection: &dyn Connection, send: &NewSend) -> Result<i64, StoreError> {
    forget_unsent(connection, &send.issue)?;
    connection.execute(
        "insert into edition (digest, bytes) values (?1, ?2) on conflict do nothing",
        &[v(&send.digest), v(&send.edition)],
    )?;
    let id = insert_send(connection, send)?;
    add_edition(connection, id, 1, send)?;
    Ok(id)
}

/// Records that the recipients of a campaign are complete.
fn complete(connection: &dyn Connection, send: i64, count: i64) -> Result<(), StoreError> {
    connection.execute(
        "update send set candidates = ?2, is_frozen = 1 where id = ?1",
        &[v(send), v(count)],
    )?;
    Ok(())
}

/// Inserts the row of the campaign and returns its number.
///
/// Of two processes that begin the same campaign, the second waits here for the first and then gets
/// [`StoreError::AlreadyBegun`].
fn insert_send(connection: &dyn Connection, send: &NewSend) -> Result<i64, StoreError> {
    let row = connection.query(
        "insert into send
             (issue, digest, subject, started_at, on_uncertain, is_held, is_rehearsal, candidates, is_frozen, follows_list)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, ?8) on conflict (issue) do nothing returning id",
        &[
            v(&send.issue),
            v(&send.digest),
            v(&send.subject),
            v(send.started_at),
            v(send.on_uncertain.as_str()),
            v(send.is_held),
            v(send.is_rehearsal),
            v(send.follows_list),
        ],
    )?;
    let id = row.first().and_then(|row| row.int(0));
    id.ok_or_else(|| StoreError::AlreadyBegun(send.issue.clone()))
}

/// Deletes the rehearsal of an issue, which the next rehearsal or the campaign itself replaces, and what is left of a
/// campaign whose recipients were not complete when the program was stopped.
fn forget_unsent(connection: &dyn Connection, issue: &str) -> Result<(), StoreError> {
    let sql = "select id from send where issue = ?1 and (is_rehearsal = 1 or is_frozen = 0)";
    let found = connection.query(sql, &[v(issue)])?;
    for id in found.iter().filter_map(|row| row.int(0)) {
        connection.forget_senders(id)?;
        for sql in [
            "delete from delivery where send = ?1",
            "delete from domain where send = ?1",
            "delete from send_edition where send = ?1",
            "delete from send where id = ?1",
        ] {
            connection.execute(sql, &[v(id)])?;
        }
    }
    Ok(())
}
