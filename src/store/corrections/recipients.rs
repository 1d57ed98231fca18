//! The recipients of a campaign before and after a correction.

use std::collections::{HashMap, HashSet};

use ring::digest::{Context, SHA256};

use crate::store::connection::Connection;
use crate::store::freeze::freeze;
use crate::store::value::{Row, v};
use crate::store::{Candidate, StoreError};
use crate::subscriber::Changed;

/// The reason of recipients that the corrected files no longer select.
const NOT_SELECTED: &str = "not selected";

/// The deliveries of a campaign before a correction.
pub(super) struct Recipients {
    /// The deliveries that can still get the corrected edition, by the digest of the mailbox.
    open: HashMap<u128, Open>,
    /// The digests of the mailboxes of all others.
    settled: HashSet<u128>,
    /// The highest number of a delivery.
    pub(super) last: i64,
}

/// A delivery that can still get the corrected edition.
struct Open {
    number: i64,
    /// The digest of the frozen recipient, which shows whether the recipient has changed.
    digest: u128,
}

/// How many deliveries one statement reads.
const PAGE: i64 = 1_000;

impl Recipients {
    pub(super) fn read(connection: &dyn Connection, send: i64) -> Result<Self, StoreError> {
        let mut recipients = Self {
            open: HashMap::new(),
            settled: HashSet::new(),
            last: 0,
        };
        loop {
            let page = connection.query(
                "select number, address_key,
                 case when state in ('ready', 'deferred') and edition is null then 1 else 0 end, address, name, reader
                 from delivery where send = ?1 and number > ?2 order by number limit ?3",
                &[v(send), v(recipients.last), v(PAGE)],
            )?;
            if page.is_empty() {
                return Ok(recipients);
            }
            for row in page {
                let added = recipients.add(row);
                added.ok_or_else(|| connection.damaged())?;
            }
        }
    }

    fn add(&mut self, mut row: Row) -> Option<()> {
        let number = row.int(0)?;
        self.last = number;
        let mailbox = digest_of([row.text(1)?]);
        if row.truth(2)? {
            let frozen = [3, 4, 5].map(|column| row.text(column).unwrap_or_default());
            let digest = digest_of(frozen);
            self.open.insert(mailbox, Open { number, digest });
        } else {
            self.settled.insert(mailbox);
        }
        Some(())
    }

    /// Replaces the recipients of the open deliveries by `candidates`. Returns how many rows were added, and how many
    /// recipients were excluded.
    pub(super) fn replace(
        mut self,
        connection: &dyn Connection,
        send: i64,
        candidates: impl Iterator<Item = Result<Candidate, Changed>>,
        now: i64,
    ) -> Result<(i64, u32), StoreError> {
        let (mut excluded, mut failed, first) = (0, None, self.last + 1);
        let new = candidates.map_while(|candidate| {
            let candidate = match candidate {
                Ok(candidate) => candidate,
                Err(changed) => return Some(Some(Err(changed))),
            };
            let Some(open) = self.take(&candidate.address_key) else {
                return Some(self.is_new(&candidate.address_key).then_some(Ok(candidate)));
            };
            excluded += u32::from(candidate.exclusion.is_some());
            let updated = replace_one(connection, send, &open, candidate, now);
            updated
                .map_err(|error| failed = Some(error))
                .ok()
                .map(|()| None)
        });
        let written = freeze(connection, send, new.flatten(), first, now)?;
        if let Some(error) = failed {
            return Err(error);
        }
        for open in self.open.values() {
            excluded += 1;
            exclude(connection, send, open.number, NOT_SELECTED, now)?;
        }
        Ok((written, excluded))
    }

    /// Removes and returns the open delivery to a mailbox. From then on, another candidate for the mailbox is a duplicate.
    fn take(&mut self, address_key: &str) -> Option<Open> {
        let mailbox = digest_of([address_key]);
        let open = self.open.remove(&mailbox)?;
        self.settled.insert(mailbox);
        Some(open)
    }

    /// Whether the campaign has no delivery to a mailbox yet.
    fn is_new(&mut self, address_key: &str) -> bool {
        self.settled.insert(digest_of([address_key]))
    }
}

/// Replaces the recipient of an open delivery: excludes the delivery, or updates what has changed.
fn replace_one(
    connection: &dyn Connection,
    send: i64,
    open: &Open,
    candidate: Candidate,
    now: i64,
) -> Result<(), StoreError> {
    match &candidate.exclusion {
        Some(reason) => exclude(connection, send, open.number, reason, now),
        None if open.digest != digest_of_frozen(&candidate) => {
            update(connection, send, open.number, candidate)
        }
        None => Ok(()),
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

fn digest_of_frozen(candidate: &Candidate) -> u128 {
    let name = candidate.name.as_deref().unwrap_or_default();
    digest_of([&candidate.address, name, &candidate.subscriber])
}

/// The digest of several texts, long enough to make collisions negligible.
fn digest_of<const N: usize>(texts: [impl AsRef<str>; N]) -> u128 {
    let mut context = Context::new(&SHA256);
    for text in texts {
        context.update(text.as_ref().as_bytes());
        context.update(b"\0");
    }
    let digest = context.finish();
    let head = digest.as_ref().first_chunk();
    u128::from_be_bytes(*head.expect("SHA-256 has 32 octets"))
}
