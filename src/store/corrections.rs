//! Corrections of a campaign that has begun.
//!
//! The intent to send a message binds its delivery to an edition. While no delivery is bound, the whole campaign can be
//! frozen again. Later, a correction adds an edition for the deliveries that are not bound; the others keep theirs, byte
//! for byte.

mod recipients;

use super::connection::Connection;
use super::editions::add_edition;
use super::value::v;
use super::{Candidate, NewSend, Send, Store, StoreError};
use crate::diag::counted;
use crate::subscriber::Changed;
use recipients::Recipients;

/// A campaign after a correction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Correction {
    /// How many recipients remain.
    pub left: u32,
    /// How many of them keep the edition to which they are bound.
    pub bound: u32,
    /// How many of them were not recipients before.
    pub added: u32,
    /// How many recipients the corrected files no longer select or allow.
    pub excluded: u32,
}

impl Correction {
    /// Whether it changes nothing: every remaining recipient is bound to an edition, and none is excluded.
    pub fn is_nothing(&self) -> bool {
        self.left == self.bound && self.excluded == 0
    }
}

impl std::fmt::Display for Correction {
    /// `4700 recipients: 4690 get the corrected edition, 10 keep theirs; 2 added, 1 excluded`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            left,
            bound,
            added,
            excluded,
        } = self;
        let recipients = counted(usize::try_from(*left).unwrap_or(usize::MAX), "recipient");
        write!(
            f,
            "{recipients}: {} get the corrected edition, {bound} keep theirs; {added} added, {excluded} excluded",
            left - bound
        )
    }
}

impl Store {
    /// Adds an edition for the deliveries that are not bound to one, and replaces their recipients by `candidates`:
    /// recipients that are no longer selected are excluded, and new ones are added.
    ///
    /// # Errors
    /// [`StoreError::ListChanged`] if the list changes while the candidates are read, and errors of the store.
    pub fn correct(
        &mut self,
        send: &Send,
        new: &NewSend,
        candidates: impl Iterator<Item = Result<Candidate, Changed>>,
    ) -> Result<Send, StoreError> {
        self.transaction(|connection| correct(connection, send, new, candidates))?;
        self.reload(send)
    }

    /// Computes what [`Store::correct`] would do, and changes nothing.
    ///
    /// # Errors
    /// As [`Store::correct`].
    pub fn try_correction(
        &mut self,
        send: &Send,
        new: &NewSend,
        candidates: impl Iterator<Item = Result<Candidate, Changed>>,
    ) -> Result<Correction, StoreError> {
        self.rolled_back(|connection| correct(connection, send, new, candidates))
    }
}

fn correct(
    connection: &dyn Connection,
    send: &Send,
    new: &NewSend,
    candidates: impl Iterator<Item = Result<Candidate, Changed>>,
) -> Result<Correction, StoreError> {
    connection.lock_send(send.id)?;
    connection.take_over(send.id, new.started_at)?;
    let before = Recipients::read(connection, send.id)?;
    let last = before.last;
    let (written, excluded) = before.replace(connection, send.id, candidates, new.started_at)?;
    connection.execute(
        "update send set candidates = candidates + ?2, finished_at = null where id = ?1",
        &[v(send.id), v(written)],
    )?;
    let count = |condition: &str| count_open(connection, send.id, condition);
    let corrected = Correction {
        left: count("")?,
        bound: count("and edition is not null")?,
        added: count(&format!("and number > {last}"))?,
        excluded,
    };
    // An edition without recipients would look like the edition of the campaign.
    if corrected.left > corrected.bound {
        replace_edition(connection, send, new)?;
    }
    Ok(corrected)
}

/// Counts the deliveries that wait and meet `condition`.
fn count_open(connection: &dyn Connection, send: i64, condition: &str) -> Result<u32, StoreError> {
    let sql = format!(
        "select count(*) from delivery where send = ?1 and state in ('ready', 'deferred') {condition}"
    );
    let found = connection.query(&sql, &[v(send)])?;
    let count = found.first().and_then(|row| row.count(0));
    count.ok_or_else(|| connection.damaged())
}

fn replace_edition(
    connection: &dyn Connection,
    send: &Send,
    new: &NewSend,
) -> Result<(), StoreError> {
    let number = send.edition + 1;
    add_edition(connection, send.id, number, new)?;
    connection.execute(
        "update send set digest = ?2, subject = ?3, on_uncertain = ?4, edition = ?5 where id = ?1",
        &[
            v(send.id),
            v(&new.digest),
            v(&new.subject),
            v(new.on_uncertain.as_str()),
            v(number),
        ],
    )?;
    Ok(())
}
