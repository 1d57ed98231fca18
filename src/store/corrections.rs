//! The editions of a campaign: frozen when the first message may have left, and corrected by a person after that.
//!
//! A delivery is bound to its edition by the intent to send it. Until a delivery is bound, the campaign can be renewed
//! whole; later a correction adds an edition for those that are not bound, and the others keep theirs to the byte.

use std::collections::{HashMap, HashSet};

use ring::digest::{Context, SHA256};
use serde::Serialize;

use super::books::{freeze, v};
use super::connection::Connection;
use super::{Candidate, NewSend, Send, Store, StoreError};
use crate::diag::counted;
use crate::subscriber::Changed;

/// Why a recipient is excluded whom the corrected files no longer select.
const NOT_SELECTED: &str = "not selected";

/// An edition of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SendEdition {
    /// 1 for the first, and one more for each correction.
    pub number: i64,
    /// Its digest.
    pub digest: String,
    /// Its subject.
    pub subject: String,
    /// The Date field of its messages, in Unix seconds.
    pub since: i64,
    /// How many deliveries are bound to it: a message of it may have left.
    pub bound: u32,
}

/// A campaign after a correction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Corrected {
    /// How many recipients are left to be served.
    pub left: u32,
    /// How many of them keep the edition that they were bound to.
    pub bound: u32,
    /// How many of them were no recipients before.
    pub added: u32,
    /// How many recipients the present files no longer select, or no longer allow.
    pub excluded: u32,
}

impl Corrected {
    /// Whether it would change nothing: no recipient is left who has no edition yet, and none is excluded.
    pub fn is_nothing(&self) -> bool {
        self.left == self.bound && self.excluded == 0
    }
}

impl std::fmt::Display for Corrected {
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
    /// Whether no message of the campaign can have left: its edition and recipients can still be renewed.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn is_renewable(&self, send: &Send) -> Result<bool, StoreError> {
        is_renewable(self.connection.as_ref(), send.id)
    }

    /// Freezes edition and candidates anew for a campaign of which no message can have left.
    ///
    /// # Errors
    /// [`StoreError::AlreadyBegun`] where a message may have left or another sender is at work, and
    /// [`StoreError::ListChanged`] where the candidates end with that.
    pub fn renew(
        &mut self,
        send: &Send,
        new: &NewSend,
        candidates: impl Iterator<Item = Result<Candidate, Changed>>,
    ) -> Result<Send, StoreError> {
        self.transaction(|connection| {
            connection.one_by_one(send.id)?;
            let is_free = is_renewable(connection, send.id)? && connection.senders(send.id)?.is_empty();
            if !is_free {
                return Err(StoreError::AlreadyBegun(send.issue.clone()));
            }
            for table in ["delivery", "send_edition"] {
                connection.execute(&format!("delete from {table} where send = ?1"), &[v(send.id)])?;
            }
            // Another number, by which a process is stopped that began a moment ago and has the old edition.
            let number = send.edition + 1;
            add_edition(connection, send.id, number, new)?;
            let count = freeze(connection, send.id, candidates, 1, new.started_at)?;
            connection.execute(
                "update send set digest = ?2, subject = ?3, started_at = ?4, on_uncertain = ?5, is_held = ?6,
                 candidates = ?7, edition = ?8, touched_at = null, waits_until = null, finished_at = null,
                 brake = null, brake_why = null, brake_at = null where id = ?1",
                &[
                    v(send.id),
                    v(&new.digest),
                    v(&new.subject),
                    v(new.started_at),
                    v(new.on_uncertain.as_str()),
                    v(new.is_held),
                    v(count),
                    v(number),
                ],
            )?;
            forget_unused(connection)
        })?;
        self.connection.filled()?;
        self.again(send)
    }

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
        self.again(send)
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
    ) -> Result<Corrected, StoreError> {
        self.rolled_back(|connection| correct(connection, send, new, candidates))
    }

    /// Every edition of a campaign, in their order.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn editions(&self, send: &Send) -> Result<Vec<SendEdition>, StoreError> {
        self.rows(
            "select number, digest, subject, since,
             (select count(*) from delivery
              where delivery.send = send_edition.send and delivery.edition = send_edition.number)
             from send_edition where send = ?1 order by number",
            &[v(send.id)],
            |row| {
                Some(SendEdition {
                    number: row.int(0)?,
                    digest: row.text(1)?,
                    subject: row.text(2)?,
                    since: row.int(3)?,
                    bound: row.count(4)?,
                })
            },
        )
    }

    fn again(&self, send: &Send) -> Result<Send, StoreError> {
        let found = self.send_of(&send.issue)?;
        found.ok_or_else(|| {
            StoreError::Transition(format!("the campaign `{}` vanished", send.issue))
        })
    }
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
        "insert into send_edition (send, number, digest, subject, since, content) values (?1, ?2, ?3, ?4, ?5, ?6)",
        &[
            v(send),
            v(number),
            v(&new.digest),
            v(&new.subject),
            v(new.started_at),
            v(&new.content),
        ],
    )?;
    Ok(())
}

fn is_renewable(connection: &dyn Connection, send: i64) -> Result<bool, StoreError> {
    // Accepted and uncertain are never without an edition; they are asked for all the same.
    let left = connection.query(
        "select 1 from delivery where send = ?1 and (edition is not null
         or state in ('in_data', 'accepted', 'uncertain')) limit 1",
        &[v(send)],
    )?;
    Ok(left.is_empty())
}

/// An edition that no campaign has had is of no use to anybody.
fn forget_unused(connection: &dyn Connection) -> Result<(), StoreError> {
    connection.execute(
        "delete from edition where digest not in (select digest from send_edition)
         and digest not in (select digest from send)",
        &[],
    )?;
    Ok(())
}

fn correct(
    connection: &dyn Connection,
    send: &Send,
    new: &NewSend,
    candidates: impl Iterator<Item = Result<Candidate, Changed>>,
) -> Result<Corrected, StoreError> {
    connection.one_by_one(send.id)?;
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
    let corrected = Corrected {
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

/// The deliveries of a campaign before a correction.
struct Recipients {
    /// Those that can still get the corrected edition, by mailbox.
    open: HashMap<u128, Open>,
    /// The mailboxes of all others.
    settled: HashSet<u128>,
    /// The highest number.
    last: i64,
}

/// A delivery that can still get the corrected edition.
struct Open {
    number: i64,
    /// By which it is known whether what is frozen of the recipient is still the same.
    mark: u128,
}

/// How many deliveries are in memory at once.
const PAGE: i64 = 1_000;

impl Recipients {
    fn read(connection: &dyn Connection, send: i64) -> Result<Self, StoreError> {
        let (mut open, mut settled, mut last) = (HashMap::new(), HashSet::new(), 0);
        loop {
            let page = connection.query(
                "select number, address_key,
                 case when state in ('ready', 'deferred') and edition is null then 1 else 0 end, address, name, reader
                 from delivery where send = ?1 and number > ?2 order by number limit ?3",
                &[v(send), v(last), v(PAGE)],
            )?;
            if page.is_empty() {
                return Ok(Self {
                    open,
                    settled,
                    last,
                });
            }
            for mut row in page {
                let damaged = || connection.damaged();
                last = row.int(0).ok_or_else(damaged)?;
                let mailbox = mark([row.text(1).ok_or_else(damaged)?]);
                if row.truth(2).ok_or_else(damaged)? {
                    let frozen = [3, 4, 5].map(|column| row.text(column).unwrap_or_default());
                    let (number, mark) = (last, mark(frozen));
                    open.insert(mailbox, Open { number, mark });
                } else {
                    settled.insert(mailbox);
                }
            }
        }
    }

    /// Makes the open deliveries those of `candidates`; how many rows were added, and how many recipients excluded.
    fn replace(
        mut self,
        connection: &dyn Connection,
        send: i64,
        candidates: impl Iterator<Item = Result<Candidate, Changed>>,
        now: i64,
    ) -> Result<(i64, u32), StoreError> {
        let (mut excluded, mut fault, first) = (0, None, self.last + 1);
        let mut settle = |candidate: Candidate| -> Result<Option<Candidate>, StoreError> {
            let mailbox = mark([&candidate.address_key]);
            let Some(open) = self.open.remove(&mailbox) else {
                return Ok(self.settled.insert(mailbox).then_some(candidate));
            };
            self.settled.insert(mailbox);
            match candidate.exclusion {
                Some(reason) => {
                    excluded += 1;
                    exclude(connection, send, open.number, &reason, now)?;
                }
                None if open.mark != frozen_mark(&candidate) => {
                    update(connection, send, open.number, candidate)?;
                }
                None => {}
            }
            Ok(None)
        };
        let new = candidates.map_while(|candidate| match candidate.map(&mut settle) {
            Ok(Ok(new)) => Some(new.map(Ok)),
            Ok(Err(error)) => {
                fault = Some(error);
                None
            }
            Err(changed) => Some(Some(Err(changed))),
        });
        let written = freeze(connection, send, new.flatten(), first, now)?;
        if let Some(fault) = fault {
            return Err(fault);
        }
        for open in self.open.values() {
            excluded += 1;
            exclude(connection, send, open.number, NOT_SELECTED, now)?;
        }
        Ok((written, excluded))
    }
}

fn exclude(
    connection: &dyn Connection,
    send: i64,
    number: i64,
    reason: &str,
    now: i64,
) -> Result<(), StoreError> {
    connection.execute(
        "update delivery set state = 'excluded', why = ?3, next_try = null, changed_at = ?4
         where send = ?1 and number = ?2",
        &[v(send), v(number), v(reason), v(now)],
    )?;
    Ok(())
}

fn update(
    connection: &dyn Connection,
    send: i64,
    number: i64,
    candidate: Candidate,
) -> Result<(), StoreError> {
    connection.execute(
        "update delivery set address = ?3, name = ?4, reader = ?5 where send = ?1 and number = ?2",
        &[
            v(send),
            v(number),
            v(candidate.address),
            v(candidate.name),
            v(candidate.reader),
        ],
    )?;
    Ok(())
}

fn frozen_mark(candidate: &Candidate) -> u128 {
    let name = candidate.name.as_deref().unwrap_or_default();
    mark([&candidate.address, name, &candidate.reader])
}

/// What stands for texts that need not be kept: so much of their digest that no two have the same.
fn mark<const N: usize>(texts: [impl AsRef<str>; N]) -> u128 {
    let mut context = Context::new(&SHA256);
    for text in texts {
        context.update(text.as_ref().as_bytes());
        context.update(b"\0");
    }
    let digest = context.finish();
    let head = digest.as_ref().first_chunk();
    u128::from_be_bytes(*head.expect("SHA-256 has 32 octets"))
}
