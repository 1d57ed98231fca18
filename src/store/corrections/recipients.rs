//! The recipients of a campaign before and after a correction.

use std::collections::{HashMap, HashSet};

use ring::digest::{Context, SHA256};

use crate::store::connection::Connection;
use crate::store::freeze::freeze;
use crate::store::value::v;
use crate::store::{Candidate, StoreError};
use crate::subscriber::Changed;

/// The reason of recipients that the corrected files no longer select.
const NOT_SELECTED: &str = "not selected";

/// The deliveries of a campaign before a correction.
pub(super) struct Recipients {
    /// Those that can still get the corrected edition, by mailbox.
    open: HashMap<u128, Open>,
    /// The mailboxes of all others.
    settled: HashSet<u128>,
    /// The highest number.
    pub(super) last: i64,
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
    pub(super) fn read(connection: &dyn Connection, send: i64) -> Result<Self, StoreError> {
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
    pub(super) fn replace(
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
        "update delivery set state = 'excluded', why = ?3, next_try = null, changed_at = ?4,
         reply_code = null, enhanced_status = null
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
            v(candidate.subscriber),
        ],
    )?;
    Ok(())
}

fn frozen_mark(candidate: &Candidate) -> u128 {
    let name = candidate.name.as_deref().unwrap_or_default();
    mark([&candidate.address, name, &candidate.subscriber])
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
