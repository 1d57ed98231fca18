//! Brakes: what stops a campaign until a person lets it go on, or for good.
//!
//! A brake is a word in the campaign's row. Setting it needs no lock: a run reads the row in the transaction in
//! which it takes deliveries, so it stops within one message a connection, on whatever host it is.

use serde::{Deserialize, Serialize};

use super::books::v;
use super::connection::Connection;
use super::value::Row;
use super::{Send, Store, StoreError, bounces};

/// Why deliveries of a cancelled campaign are excluded.
pub const CANCELLED: &str = "cancelled";

/// What stops a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Brake {
    /// `franking pause`, or an accident that a person has to look at.
    Paused,
    /// Work was due, and no run touched it for too long.
    Held,
    /// `franking cancel`: for good.
    Cancelled,
}

impl Brake {
    /// The word that the ledger keeps.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Held => "held",
            Self::Cancelled => "cancelled",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Paused, Self::Held, Self::Cancelled];
        all.into_iter().find(|brake| brake.as_str() == word)
    }
}

/// A brake that is set, with its reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Braked {
    /// Which one.
    pub brake: Brake,
    /// Why.
    pub why: String,
    /// Since when, in Unix seconds.
    pub at: i64,
}

/// The columns of a campaign that say whether it is braked, beginning at `column`.
pub(super) fn braked(row: &mut Row, column: usize) -> Option<Option<Braked>> {
    let Some(word) = row.maybe(column, Row::text)? else {
        return Some(None);
    };
    Some(Some(Braked {
        brake: Brake::from_word(&word)?,
        why: row.maybe(column + 1, Row::text)?.unwrap_or_default(),
        at: row
            .maybe(column + 2, |row, column| row.int(column))?
            .unwrap_or_default(),
    }))
}

/// Why a run takes nothing more of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// A brake is set.
    Brake(Brake),
    /// It was corrected since the run began, which knows only the editions before.
    Corrected,
}

/// What a run has to know of its campaign before it takes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Signal {
    pub(super) brake: Option<Brake>,
    pub(super) edition: i64,
}

impl Signal {
    /// The brake and the number of the edition, read from columns 0 and 1.
    pub(super) fn read(row: &mut Row) -> Option<Self> {
        let brake = row.maybe(0, Row::text)?;
        let brake = brake.map(|word| Brake::from_word(&word).ok_or(()));
        Some(Self {
            brake: brake.transpose().ok()?,
            edition: row.int(1)?,
        })
    }

    /// What halts a run that began with the edition of this number.
    pub(super) fn halts(self, edition: i64) -> Option<Halt> {
        let corrected = (self.edition != edition).then_some(Halt::Corrected);
        self.brake.map(Halt::Brake).or(corrected)
    }
}

impl Send {
    /// Whether it was cancelled, which is for good.
    pub fn is_cancelled(&self) -> bool {
        self.has(Brake::Cancelled)
    }

    /// Whether this brake is set.
    pub fn has(&self, brake: Brake) -> bool {
        self.brake
            .as_ref()
            .is_some_and(|braked| braked.brake == brake)
    }
}

impl Store {
    /// Sets a brake on a campaign that is not finished; whether it is set now and was not before. A cancelled campaign
    /// stays cancelled.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn pull(
        &mut self,
        send: &Send,
        brake: Brake,
        why: &str,
        now: i64,
    ) -> Result<bool, StoreError> {
        self.transaction(|connection| pull(connection, send.id, brake, why, now))
    }

    /// Takes the brake off a campaign that is paused or held.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn let_go(&mut self, send: &Send, now: i64) -> Result<(), StoreError> {
        let sql = "update send set brake = null, brake_why = null, brake_at = null, touched_at = ?2
                   where id = ?1 and coalesce(brake, '') <> 'cancelled'";
        self.transaction(|connection| connection.execute(sql, &[v(send.id), v(now)]))?;
        Ok(())
    }

    /// Cancels a campaign: every delivery that waits is excluded as `cancelled`. What a run has in hand is not touched;
    /// [`Store::settle_cancelled`] does the rest.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn cancel(&mut self, send: &Send, now: i64) -> Result<(), StoreError> {
        self.transaction(|connection| {
            pull(
                connection,
                send.id,
                Brake::Cancelled,
                "by `franking cancel`",
                now,
            )?;
            exclude_waiting(connection, send.id, now)
        })?;
        Ok(())
    }

    /// Ends a cancelled campaign: what a run gave back is excluded too, and with nothing in the hands of any run the
    /// campaign is finished.
    ///
    /// With a file only the holder of the lock may call it, as with [`Store::recover`].
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn settle_cancelled(&mut self, send: &Send, now: i64) -> Result<(), StoreError> {
        self.transaction(|connection| {
            connection.take_over(send.id, now)?;
            exclude_waiting(connection, send.id, now)?;
            let in_hand =
                "select 1 from delivery where send = ?1 and state in ('leased', 'in_data') limit 1";
            if !connection.query(in_hand, &[v(send.id)])?.is_empty() {
                return Ok(());
            }
            let sql = "update send set finished_at = ?2 where id = ?1 and finished_at is null";
            connection.execute(sql, &[v(send.id), v(now)])?;
            bounces::forgive(connection, send.id)
        })
    }

    /// Writes down that a run has worked on the campaign, and until when a quota keeps it from going on.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn touch(
        &mut self,
        send: &Send,
        now: i64,
        waits_until: Option<i64>,
    ) -> Result<(), StoreError> {
        let sql = "update send set touched_at = ?2, waits_until = ?3 where id = ?1";
        self.transaction(|connection| {
            connection.execute(sql, &[v(send.id), v(now), v(waits_until)])
        })?;
        Ok(())
    }

    /// When a run last worked on the campaign, in Unix seconds: as it wrote down itself, or as its last delivery says
    /// where it was killed before.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn last_worked_on(&self, send: &Send) -> Result<i64, StoreError> {
        let sql = "select max(changed_at) from delivery where send = ?1";
        let found = self.rows(sql, &[v(send.id)], |row| {
            row.maybe(0, |row, column| row.int(column))
        })?;
        let changed = found.into_iter().flatten().max();
        Ok(changed.max(send.touched_at).unwrap_or(send.started_at))
    }

    /// The processes that are sending the campaign, where the ledger knows them: on a server.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn senders(&self, send: &Send) -> Result<Vec<String>, StoreError> {
        self.connection.senders(send.id)
    }
}

pub(super) fn pull(
    connection: &dyn Connection,
    send: i64,
    brake: Brake,
    why: &str,
    now: i64,
) -> Result<bool, StoreError> {
    // What is paused or held can still be cancelled.
    let before = match brake {
        Brake::Cancelled => "(brake is null or brake <> 'cancelled')",
        Brake::Paused | Brake::Held => "brake is null",
    };
    let changed = connection.execute(
        &format!(
            "update send set brake = ?2, brake_why = ?3, brake_at = ?4
             where id = ?1 and finished_at is null and {before}"
        ),
        &[v(send), v(brake.as_str()), v(why), v(now)],
    )?;
    Ok(changed == 1)
}

fn exclude_waiting(connection: &dyn Connection, send: i64, now: i64) -> Result<usize, StoreError> {
    connection.execute(
        "update delivery set state = 'excluded', why = ?3, next_try = null, changed_at = ?2
         where send = ?1 and state in ('ready', 'deferred')",
        &[v(send), v(now), v(CANCELLED)],
    )
}
