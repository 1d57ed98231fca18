//! The editions of a campaign: frozen when the first message may have left, and corrected by a person after that.
//!
//! A delivery is bound to its edition by the intent to send it. Until a delivery is bound, the campaign can be renewed
//! whole; later a correction adds an edition for those that are not bound, and the others keep theirs to the byte.

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
    /// How many recipients are left to be served.
    pub left: u32,
    /// How many of them keep the edition that they were bound to.
    pub bound: u32,
    /// How many of them were no recipients before.
    pub added: u32,
    /// How many recipients the present files no longer select, or no longer allow.
    pub excluded: u32,
}

impl Correction {
    /// Whether it would change nothing: no recipient is left who has no edition yet, and none is excluded.
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
    /// Adds an edition for the deliveries that are not bound to one, and makes their recipients those of the present
    /// list: those that are no longer selected are excluded, and new ones are added.
    ///
    /// # Errors
    /// [`StoreError::ListChanged`] where the candidates end with that, and what the store says.
    pub fn correct(
        &mut self,
        send: &Send,
        new: &NewSend,
        candidates: impl Iterator<Item = Result<Candidate, Changed>>,
    ) -> Result<Send, StoreError> {
        self.transaction(|connection| correct(connection, send, new, candidates))?;
        self.reload(send)
    }

    /// What [`Store::correct`] would make of the campaign. Nothing is changed.
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
    let count = |condition: &str| {
        let sql = format!(
            "select count(*) from delivery where send = ?1 and state in ('ready', 'deferred') {condition}"
        );
        let found = connection.query(&sql, &[v(send.id)])?;
        let count = found.first().and_then(|row| row.count(0));
        count.ok_or_else(|| connection.damaged())
    };
    let corrected = Correction {
        left: count("")?,
        bound: count("and edition is not null")?,
        added: count(&format!("and number > {last}"))?,
        excluded,
    };
    // An edition that no recipient gets would look like that of the campaign.
    if corrected.left > corrected.bound {
        replace_edition(connection, send, new)?;
    }
    Ok(corrected)
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
