//! The store in a SQLite file. All of its SQL is here and in the numbered steps of the schema.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::{
    Candidate, Change, Delivery, Leased, NewSend, Recovered, Send, State, StoreError, Sum, schema,
};
use crate::issue::OnUncertain;

/// How often an uncertain delivery is sent again at most: a relay that takes every letter and never says
/// so would otherwise fill a mailbox.
const MOST_COPIES: u32 = 3;

/// An open store.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
}

impl Store {
    /// Opens the store at `path`, made there if it is missing, readable by its owner alone.
    ///
    /// # Errors
    /// When it is damaged, newer than this program, or cannot be written.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        prepare(path).map_err(|error| StoreError::NotWritable(path.to_owned(), Box::new(error)))?;
        let failed = |error| StoreError::of(path, error);
        let mut connection = Connection::open(path).map_err(failed)?;
        settings(&connection).map_err(failed)?;
        check(&connection, path)?;
        schema::migrate(&mut connection, path)?;
        Ok(Self {
            connection,
            path: path.to_owned(),
        })
    }

    /// Opens the store at `path` if there is one; it works while a send runs.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_existing(path: &Path) -> Result<Option<Self>, StoreError> {
        if path.exists() {
            Self::open(path).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Freezes an edition and its candidates, all in one transaction.
    ///
    /// # Errors
    /// [`StoreError::AlreadyBegun`] for an issue that has a send.
    pub fn begin(
        &mut self,
        send: &NewSend,
        candidates: impl Iterator<Item = Candidate>,
    ) -> Result<Send, StoreError> {
        if self.send_of(&send.issue)?.is_some() {
            return Err(StoreError::AlreadyBegun(send.issue.clone()));
        }
        self.transaction(|transaction| {
            transaction.execute(
                "insert or ignore into edition (digest, bytes) values (?1, ?2)",
                params![send.digest, send.edition],
            )?;
            transaction.execute(
                "insert into send (issue, digest, subject, started_at, on_uncertain, is_held, candidates)
                 values (?1, ?2, ?3, ?4, ?5, ?6, 0)",
                params![
                    send.issue,
                    send.digest,
                    send.subject,
                    send.started_at,
                    send.on_uncertain.as_str(),
                    send.is_held
                ],
            )?;
            let id = transaction.last_insert_rowid();
            let count = freeze(transaction, id, candidates, send.started_at)?;
            transaction.execute(
                "update send set candidates = ?2 where id = ?1",
                params![id, count],
            )?;
            Ok(())
        })?;
        let begun = self.send_of(&send.issue)?;
        begun
            .ok_or_else(|| StoreError::Transition(format!("the send of `{}` vanished", send.issue)))
    }

    /// The send of an issue, if it has begun.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn send_of(&self, issue: &str) -> Result<Option<Send>, StoreError> {
        self.connection
            .query_row(&format!("{SENDS} where issue = ?1"), [issue], send)
            .optional()
            .map_err(|error| self.failed(error))
    }

    /// All sends, the latest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sends(&self) -> Result<Vec<Send>, StoreError> {
        self.rows(
            &format!("{SENDS} order by started_at desc, id desc"),
            [],
            send,
        )
    }

    /// The frozen edition of a digest.
    ///
    /// # Errors
    /// When it is not there, which a damaged ledger alone can bring about.
    pub fn edition(&self, digest: &str) -> Result<Vec<u8>, StoreError> {
        self.connection
            .query_row(
                "select bytes from edition where digest = ?1",
                [digest],
                |row| row.get(0),
            )
            .optional()
            .map_err(|error| self.failed(error))?
            .ok_or_else(|| StoreError::Damaged(self.path.clone(), None))
    }

    /// The account of a send.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sum(&self, send: &Send) -> Result<Sum, StoreError> {
        let candidates: u32 = self
            .connection
            .query_row(
                "select candidates from send where id = ?1",
                [send.id],
                |row| row.get(0),
            )
            .map_err(|error| self.failed(error))?;
        let counts: Vec<(String, u32)> = self.rows(
            "select state, count(*) from delivery where send = ?1 group by state",
            [send.id],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let reasons: Vec<(String, u32)> = self.rows(
            "select coalesce(why, ''), count(*) from delivery
             where send = ?1 and state = 'excluded' group by why",
            [send.id],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let mut sum = Sum {
            candidates,
            reasons: reasons.into_iter().collect(),
            ..Sum::default()
        };
        for (word, count) in counts {
            match State::from_word(&word) {
                Some(State::Ready | State::Leased | State::InData) => sum.untried += count,
                Some(State::Accepted) => sum.accepted += count,
                Some(State::Deferred) => sum.deferred += count,
                Some(State::Refused) => sum.refused += count,
                Some(State::Excluded) => sum.excluded += count,
                Some(State::Uncertain) => sum.uncertain += count,
                None => return Err(StoreError::Damaged(self.path.clone(), None)),
            }
        }
        Ok(sum)
    }

    /// The deliveries of a send in one of `states`, in the order of the list.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn deliveries(&self, send: &Send, states: &[State]) -> Result<Vec<Delivery>, StoreError> {
        let words: Vec<&str> = states.iter().map(|state| state.as_str()).collect();
        let words = serde_json::to_string(&words).expect("words are JSON");
        self.rows(
            &format!(
                "{DELIVERIES} where send = ?1 and state in (select value from json_each(?2))
                 order by number"
            ),
            params![send.id, words],
            delivery,
        )
    }

    /// The delivery to one mailbox, by its key.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn delivery(&self, send: &Send, address_key: &str) -> Result<Option<Delivery>, StoreError> {
        // A duplicate has the same key and comes behind the entry that counts.
        let found = self.rows(
            &format!("{DELIVERIES} where send = ?1 and address_key = ?2 order by number limit 1"),
            params![send.id, address_key],
            delivery,
        )?;
        Ok(found.into_iter().next())
    }

    /// When the next delivery is to be tried, in Unix seconds: 0 for one that is ready now, `None` where
    /// nothing is left.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn next_due(&self, send: &Send) -> Result<Option<i64>, StoreError> {
        next_due(&self.connection, send.id).map_err(|error| self.failed(error))
    }

    /// Puts right what a run left behind that did not end by itself, and applies the issue's policy.
    ///
    /// Only the holder of the publication's lock may call it: what another process is sending looks just
    /// like what a dead one was.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn recover(&mut self, send: &Send, now: i64) -> Result<Recovered, StoreError> {
        let resend = send.on_uncertain == OnUncertain::Resend;
        self.transaction(|transaction| {
            transaction.execute(
                "update send set on_uncertain = ?2 where id = ?1",
                params![send.id, send.on_uncertain.as_str()],
            )?;
            let released = transaction.execute(
                "update delivery set state = 'ready', attempts = attempts - 1, changed_at = ?2
                 where send = ?1 and state = 'leased'",
                params![send.id, now],
            )?;
            let doubtful = transaction.execute(
                "update delivery set state = 'uncertain', changed_at = ?2,
                 why = 'the sender was stopped before the reply'
                 where send = ?1 and state = 'in_data'",
                params![send.id, now],
            )?;
            let resent = if resend {
                transaction.execute(
                    "update delivery set state = 'ready', changed_at = ?2
                     where send = ?1 and state = 'uncertain' and attempts < ?3",
                    params![send.id, now, MOST_COPIES],
                )?
            } else {
                0
            };
            if resent > 0 {
                transaction.execute(
                    "update send set finished_at = null where id = ?1",
                    [send.id],
                )?;
            }
            Ok(Recovered {
                released,
                doubtful,
                resent,
            })
        })
    }

    /// How many uncertain deliveries `on_uncertain = "resend"` sends again: those that have not been tried
    /// three times.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn resendable(&self, send: &Send) -> Result<u32, StoreError> {
        self.connection
            .query_row(
                "select count(*) from delivery
                 where send = ?1 and state = 'uncertain' and attempts < ?2",
                params![send.id, MOST_COPIES],
                |row| row.get(0),
            )
            .map_err(|error| self.failed(error))
    }

    /// Excludes whoever is no longer to be written to. `standings` has every mailbox of the list as it is
    /// now, with the reason why nothing is sent to it; who is not in it has been removed. How many.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn exclude_departed(
        &mut self,
        send: &Send,
        standings: &HashMap<String, Option<&'static str>>,
        now: i64,
    ) -> Result<usize, StoreError> {
        self.transaction(|transaction| {
            let mut departed = Vec::new();
            let mut open = transaction.prepare(
                "select number, address_key from delivery
                 where send = ?1 and state in ('ready', 'deferred')",
            )?;
            let rows = open.query_map([send.id], |row| Ok((row.get(0)?, row.get(1)?)))?;
            for row in rows {
                let (number, key): (i64, String) = row?;
                match standings.get(&key) {
                    Some(None) => {}
                    Some(Some(reason)) => departed.push((number, *reason)),
                    None => departed.push((number, "removed")),
                }
            }
            for (number, reason) in &departed {
                exclude(transaction, send.id, *number, reason, now)?;
            }
            Ok(departed.len())
        })
    }

    /// Lets everybody else have what one reader has got.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn release(&mut self, send: &Send) -> Result<(), StoreError> {
        self.transaction(|transaction| {
            transaction.execute("update send set is_held = 0 where id = ?1", [send.id])?;
            Ok(())
        })
    }

    /// Says that nothing is left to do; a send finishes once.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn finish(&mut self, send: &Send, now: i64) -> Result<(), StoreError> {
        self.transaction(|transaction| {
            transaction.execute(
                "update send set finished_at = ?2 where id = ?1 and finished_at is null",
                params![send.id, now],
            )?;
            Ok(())
        })
    }

    /// Never write to an address again.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn suppress(
        &mut self,
        address_key: &str,
        reason: &str,
        now: i64,
    ) -> Result<(), StoreError> {
        self.transaction(|transaction| {
            transaction.execute(
                "insert or ignore into suppression (address_key, reason, at) values (?1, ?2, ?3)",
                params![address_key, reason, now],
            )?;
            Ok(())
        })
    }

    /// Does `work` in one transaction, which is on the disk when this returns.
    pub(super) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, WorkError>,
    ) -> Result<T, StoreError> {
        let path = self.path.clone();
        let failed = |error| StoreError::of(&path, error);
        // Immediate: a transaction that reads first and writes then is refused at once, without waiting,
        // where another process has written between the two.
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed)?;
        let done = work(&transaction).map_err(|error| match error {
            WorkError::Sqlite(error) => StoreError::of(&path, error),
            WorkError::Transition(change) => StoreError::Transition(change),
        })?;
        transaction.commit().map_err(failed)?;
        Ok(done)
    }

    fn rows<T>(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self
            .connection
            .prepare(sql)
            .map_err(|error| self.failed(error))?;
        let rows = statement
            .query_map(parameters, read)
            .map_err(|error| self.failed(error))?;
        rows.collect::<Result<Vec<T>, _>>()
            .map_err(|error| self.failed(error))
    }

    fn failed(&self, error: rusqlite::Error) -> StoreError {
        StoreError::of(&self.path, error)
    }
}

/// What can go wrong inside a transaction.
#[derive(Debug)]
pub(super) enum WorkError {
    Sqlite(rusqlite::Error),
    Transition(String),
}

impl From<rusqlite::Error> for WorkError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

fn prepare(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    if !path.exists() {
        std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)?;
    }
    Ok(())
}

/// `synchronous = FULL`: with NORMAL, 156 of 250 power cuts lost an intent that had been acknowledged.
fn settings(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(std::time::Duration::from_secs(10))?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)
}

fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let word: String = connection
        .query_row("pragma quick_check(1)", [], |row| row.get(0))
        .map_err(|error| StoreError::of(path, error))?;
    if word == "ok" {
        Ok(())
    } else {
        Err(StoreError::Damaged(path.to_owned(), None))
    }
}

fn freeze(
    transaction: &Transaction<'_>,
    send: i64,
    candidates: impl Iterator<Item = Candidate>,
    now: i64,
) -> Result<i64, WorkError> {
    let mut suppressed =
        transaction.prepare("select reason from suppression where address_key = ?1")?;
    let mut insert = transaction.prepare(
        "insert into delivery (send, number, address, address_key, name, reader, state, why, changed_at)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?;
    let mut number = 0;
    for candidate in candidates {
        number += 1;
        let reason: Option<String> = match candidate.exclusion {
            Some(reason) => Some(reason.to_owned()),
            None => suppressed
                .query_row([&candidate.address_key], |row| row.get(0))
                .optional()?,
        };
        let state = if reason.is_some() {
            State::Excluded
        } else {
            State::Ready
        };
        insert.execute(params![
            send,
            number,
            candidate.address,
            candidate.address_key,
            candidate.name,
            candidate.reader,
            state.as_str(),
            reason,
            now
        ])?;
    }
    Ok(number)
}

const SENDS: &str =
    "select id, issue, digest, subject, started_at, finished_at, on_uncertain, is_held from send";

const DELIVERIES: &str =
    "select address, name, state, why, attempts, next_try, changed_at from delivery";

fn send(row: &Row<'_>) -> rusqlite::Result<Send> {
    let policy: String = row.get(6)?;
    Ok(Send {
        id: row.get(0)?,
        issue: row.get(1)?,
        digest: row.get(2)?,
        subject: row.get(3)?,
        started_at: row.get(4)?,
        finished_at: row.get(5)?,
        on_uncertain: match policy.as_str() {
            "resend" => OnUncertain::Resend,
            "skip" => OnUncertain::Skip,
            _ => OnUncertain::Hold,
        },
        is_held: row.get(7)?,
    })
}

fn delivery(row: &Row<'_>) -> rusqlite::Result<Delivery> {
    let word: String = row.get(2)?;
    Ok(Delivery {
        address: row.get(0)?,
        name: row.get(1)?,
        state: State::from_word(&word).unwrap_or(State::Uncertain),
        why: row.get(3)?,
        attempts: row.get(4)?,
        next_try: row.get(5)?,
        changed_at: row.get(6)?,
    })
}

/// Two steps, for `min` over both states would look at every row that is left.
pub(super) fn next_due(connection: &Connection, send: i64) -> rusqlite::Result<Option<i64>> {
    let is_ready: bool = connection
        .prepare_cached(
            "select exists (select 1 from delivery where send = ?1 and state = 'ready')",
        )?
        .query_row([send], |row| row.get(0))?;
    if is_ready {
        return Ok(Some(0));
    }
    connection
        .prepare_cached(
            "select min(next_try) from delivery where send = ?1 and state = 'deferred'",
        )?
        .query_row([send], |row| row.get(0))
}

/// Takes up to `limit` deliveries that are ready or due. Whoever has left since the send began is excluded
/// here, in the same transaction: an address that is suppressed while a send runs gets nothing more.
pub(super) fn lease(
    transaction: &Transaction<'_>,
    send: i64,
    limit: usize,
    now: i64,
    only: Option<&str>,
) -> Result<Vec<Leased>, WorkError> {
    let mut leased = Vec::new();
    loop {
        let found = due(transaction, send, limit - leased.len(), now, only)?;
        if found.is_empty() {
            return Ok(leased);
        }
        for (number, suppressed) in found {
            match suppressed {
                Some(reason) => exclude(transaction, send, number, &reason, now)?,
                None => leased.push(take(transaction, send, number, now)?),
            }
        }
        if leased.len() >= limit {
            return Ok(leased);
        }
    }
}

/// The next deliveries by number, each with the reason why its address gets nothing any more.
///
/// What has not been tried comes before what is tried again. Each statement walks a stretch of one index:
/// as one statement with an `or` SQLite sorted every row that was left, for every lease, which took 75 ms
/// at 100,000 readers. The index is named because SQLite would rather walk the list past all that is done.
fn due(
    transaction: &Transaction<'_>,
    send: i64,
    limit: usize,
    now: i64,
    only: Option<&str>,
) -> rusqlite::Result<Vec<(i64, Option<String>)>> {
    let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let mut ready = transaction.prepare_cached(READY)?;
    let mut found: Vec<_> = ready
        .query_map(params![send, only, limit as i64], row)?
        .collect::<Result<_, _>>()?;
    let left = (limit - found.len()) as i64;
    let mut deferred = transaction.prepare_cached(DEFERRED)?;
    for due in deferred.query_map(params![send, only, left, now], row)? {
        found.push(due?);
    }
    Ok(found)
}

const READY: &str = "select number, suppression.reason
     from delivery indexed by delivery_by_state left join suppression using (address_key)
     where send = ?1 and (?2 is null or address_key = ?2)
     and state = 'ready' and next_try is null
     order by number limit ?3";
const DEFERRED: &str = "select number, suppression.reason
     from delivery indexed by delivery_by_state left join suppression using (address_key)
     where send = ?1 and (?2 is null or address_key = ?2)
     and state = 'deferred' and next_try <= ?4
     order by next_try, number limit ?3";

fn exclude(
    transaction: &Transaction<'_>,
    send: i64,
    number: i64,
    reason: &str,
    now: i64,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(
            "update delivery set state = 'excluded', why = ?3, changed_at = ?4
             where send = ?1 and number = ?2",
        )?
        .execute(params![send, number, reason, now])?;
    Ok(())
}

fn take(
    transaction: &Transaction<'_>,
    send: i64,
    number: i64,
    now: i64,
) -> rusqlite::Result<Leased> {
    transaction
        .prepare_cached(
            "update delivery set state = 'leased', attempts = attempts + 1, next_try = null,
             changed_at = ?3, first_try = coalesce(first_try, ?3) where send = ?1 and number = ?2
             returning reader, attempts, first_try",
        )?
        .query_row(params![send, number, now], |row| {
            Ok(Leased {
                number,
                reader: row.get(0)?,
                attempt: row.get(1)?,
                first_try: row.get(2)?,
            })
        })
}

/// Makes one change, if the delivery is in a state that allows it.
pub(super) fn apply(
    transaction: &Transaction<'_>,
    send: i64,
    change: &Change,
) -> Result<(), WorkError> {
    let (number, from, to, why, next_try, at) = parts(change);
    let attempts = if matches!(change, Change::Release { .. }) {
        -1
    } else {
        0
    };
    let changed = transaction
        .prepare_cached(
            "update delivery set state = ?4, why = coalesce(?5, why), next_try = ?6, changed_at = ?7,
             attempts = attempts + ?8
             where send = ?1 and number = ?2 and instr(?3, '|' || state || '|') > 0",
        )?
        .execute(params![send, number, from, to.as_str(), why, next_try, at, attempts])?;
    if changed != 1 {
        return Err(WorkError::Transition(format!("{change:?}")));
    }
    if let Change::Refused { suppress: true, .. } = change {
        transaction
            .prepare_cached(
                "insert or ignore into suppression (address_key, reason, evidence, at)
                 select address_key, 'bounced', why, ?3 from delivery where send = ?1 and number = ?2",
            )?
            .execute(params![send, number, at])?;
    }
    Ok(())
}

type Parts<'a> = (i64, &'static str, State, Option<&'a str>, Option<i64>, i64);

/// A change as the row before and after it.
fn parts(change: &Change) -> Parts<'_> {
    const TRIED: &str = "|leased|in_data|";
    const SENT: &str = "|in_data|";
    match change {
        Change::Intent { number, at } => (*number, "|leased|", State::InData, None, None, *at),
        Change::Accepted { number, reply, at } => {
            (*number, SENT, State::Accepted, Some(reply), None, *at)
        }
        Change::Deferred {
            number,
            why,
            next_try,
            at,
        } => (
            *number,
            TRIED,
            State::Deferred,
            Some(why),
            Some(*next_try),
            *at,
        ),
        Change::Refused {
            number, why, at, ..
        } => (*number, TRIED, State::Refused, Some(why), None, *at),
        Change::Uncertain { number, why, at } => {
            (*number, SENT, State::Uncertain, Some(why), None, *at)
        }
        Change::Release { number, at } => (*number, TRIED, State::Ready, None, None, *at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sorting shows as `USE TEMP B-TREE`, reading every row as `SCAN`.
    #[test]
    fn no_lease_looks_at_more_than_it_takes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store.db")).unwrap();
        let plan = |sql: &str, parameters: i64| {
            let explain = format!("explain query plan {sql}");
            let parameters = rusqlite::params_from_iter(0..parameters);
            store
                .rows(&explain, parameters, |row| row.get::<_, String>(3))
                .unwrap()
        };
        let by = |index: &str| {
            vec![
                format!("SEARCH delivery USING INDEX delivery_by_state ({index})"),
                "SEARCH suppression USING INDEX sqlite_autoindex_suppression_1 (address_key=?) LEFT-JOIN"
                    .to_owned(),
            ]
        };
        assert_eq!(plan(READY, 3), by("send=? AND state=? AND next_try=?"));
        assert_eq!(plan(DEFERRED, 4), by("send=? AND state=? AND next_try<?"));
    }
}
