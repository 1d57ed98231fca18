//! The books of a publication, in the SQL that SQLite and PostgreSQL have in common.

use std::path::Path;
use std::time::{Duration, Instant};

use super::bounces;
use super::brakes;
use super::connection::{Connection, Step};
use super::corrections;
use super::postgres::Postgres;
use super::sqlite::Sqlite;
use super::value::{Row, Value};
use super::{
    Candidate, Delivery, NewSend, Next, Recovered, Resolution, Send, State, StoreError, Sum,
};
use crate::newsletter::config::{Password, StoreUrl};
use crate::newsletter::issue::OnUncertain;
use crate::subscriber::Changed;

/// How often an uncertain delivery is sent again at most: a relay that takes every letter and never says
/// so would otherwise fill a mailbox.
pub(super) const MOST_COPIES: u32 = 3;

/// How long a server is waited for that is restarted: less than the term of a sender.
const LONGEST_ABSENCE: Duration = Duration::from_secs(30);
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(200);

/// How many rows are written by one statement.
const ROWS: usize = 200;

/// How many rows are read by one statement where there may be a million.
const PAGE: usize = 1_000;

/// An open store.
#[derive(Debug)]
pub struct Store {
    pub(super) connection: Box<dyn Connection>,
    /// The generation that this run has added.
    pub(super) generation: Option<String>,
}

/// `&[v(a), v(b)]` for values of several types.
pub(super) fn v(value: impl Into<Value>) -> Value {
    value.into()
}

impl Store {
    fn of(connection: impl Connection + 'static) -> Self {
        Self {
            connection: Box::new(connection),
            generation: None,
        }
    }

    /// Opens the store in the file at `path`, made there if it is missing, readable by its owner alone.
    ///
    /// # Errors
    /// When it is damaged, newer than this program, or cannot be written.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Sqlite::open(path).map(Self::of)
    }

    /// Opens the store at `path` if there is one; it works while a send runs.
    ///
    /// # Errors
    /// As [`Store::open`], and when it cannot be read.
    pub fn open_existing(path: &Path) -> Result<Option<Self>, StoreError> {
        Ok(Sqlite::open_existing(path)?.map(Self::of))
    }

    /// Opens the store that the publication in `folder` names, if a send has ever made one.
    ///
    /// # Errors
    /// As [`Store::open`] and [`Store::connect`].
    pub fn existing(place: &StoreUrl, folder: &Path) -> Result<Option<Self>, StoreError> {
        match place {
            StoreUrl::File(path) => Self::open_existing(&folder.join(path)),
            StoreUrl::Server(url) => Ok(Postgres::connect_existing(url, folder)?.map(Self::of)),
        }
    }

    /// As [`Store::existing`] for a command that only reads: a file that this user may read and not write is opened too.
    ///
    /// # Errors
    /// As [`Store::existing`].
    pub fn existing_to_read(place: &StoreUrl, folder: &Path) -> Result<Option<Self>, StoreError> {
        match place {
            StoreUrl::File(path) => {
                Ok(Sqlite::open_existing_to_read(&folder.join(path))?.map(Self::of))
            }
            StoreUrl::Server(_) => Self::existing(place, folder),
        }
    }

    /// Opens the store on a server; its tables are made there if they are missing. A file that the URL names
    /// counts from `folder`.
    ///
    /// # Errors
    /// When the server is out of reach, does not let us in, is too old, or its tables are newer than this
    /// program.
    pub fn connect(url: &Password, folder: &Path) -> Result<Self, StoreError> {
        Postgres::connect(url, folder).map(Self::of)
    }

    /// Makes sure that the newsletter's key is the same in every run and on every machine, by a code that is made
    /// with it. The ledger keeps the first one.
    ///
    /// # Errors
    /// [`StoreError::OtherKey`] where it is another.
    pub fn require_key(&self, code: &str) -> Result<(), StoreError> {
        let learn = "insert into signature (code) values (?1) on conflict do nothing";
        self.transaction(|connection| connection.execute(learn, &[v(code)]))?;
        self.compare_key(code)
    }

    /// As [`Store::require_key`], and learns nothing.
    ///
    /// # Errors
    /// As [`Store::require_key`].
    pub fn compare_key(&self, code: &str) -> Result<(), StoreError> {
        let others = "select 1 from signature where code <> ?1";
        if self.has_row(others, &[v(code)])? {
            Err(StoreError::OtherKey(self.connection.place()))
        } else {
            Ok(())
        }
    }

    /// Whether a campaign has begun.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn has_sent(&self) -> Result<bool, StoreError> {
        self.has_row("select 1 from send where is_rehearsal = 0 limit 1", &[])
    }

    /// Forgets the newsletter's key, so that the next run brings another one.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn forget_key(&self) -> Result<(), StoreError> {
        let done = self.transaction(|connection| connection.execute("delete from signature", &[]));
        done.map(drop)
    }

    /// Freezes an edition and its candidates, all in one transaction.
    ///
    /// # Errors
    /// [`StoreError::AlreadyBegun`] for an issue that has a send, and [`StoreError::ListChanged`] where the
    /// candidates end with that.
    pub fn begin(
        &mut self,
        send: &NewSend,
        candidates: impl Iterator<Item = Result<Candidate, Changed>>,
    ) -> Result<Send, StoreError> {
        let id = self.transaction(|connection| {
            forget_rehearsal(connection, &send.issue)?;
            connection.execute(
                "insert into edition (digest, bytes) values (?1, ?2) on conflict do nothing",
                &[v(&send.digest), v(&send.edition)],
            )?;
            // Of two that begin at once the second waits here, and then finds that it is the second.
            let row = connection.query(
                "insert into send
                     (issue, digest, subject, started_at, on_uncertain, is_held, is_rehearsal, candidates)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0) on conflict (issue) do nothing returning id",
                &[
                    v(&send.issue),
                    v(&send.digest),
                    v(&send.subject),
                    v(send.started_at),
                    v(send.on_uncertain.as_str()),
                    v(send.is_held),
                    v(send.is_rehearsal),
                ],
            )?;
            let id = row.first().and_then(|row| row.int(0));
            let id = id.ok_or_else(|| StoreError::AlreadyBegun(send.issue.clone()))?;
            corrections::add_edition(connection, id, 1, send)?;
            let count = freeze(connection, id, candidates, 1, send.started_at)?;
            connection.execute(
                "update send set candidates = ?2 where id = ?1",
                &[v(id), v(count)],
            )?;
            Ok(id)
        })?;
        self.connection.filled()?;
        let begun = self.rows(&format!("{SENDS} where id = ?1"), &[v(id)], read_send)?;
        let begun = begun.into_iter().next();
        begun
            .ok_or_else(|| StoreError::Transition(format!("the send of `{}` vanished", send.issue)))
    }

    /// The send of an issue, if it has begun.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn send_of(&self, issue: &str) -> Result<Option<Send>, StoreError> {
        let sql = format!("{SENDS} where issue = ?1 and is_rehearsal = 0");
        let found = self.rows(&sql, &[v(issue)], read_send)?;
        Ok(found.into_iter().next())
    }

    /// The last rehearsal of an issue that has not been sent since.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn rehearsal_of(&self, issue: &str) -> Result<Option<Send>, StoreError> {
        let sql = format!("{SENDS} where issue = ?1 and is_rehearsal = 1");
        let found = self.rows(&sql, &[v(issue)], read_send)?;
        Ok(found.into_iter().next())
    }

    /// The campaigns of other issues with an edition of this content, the latest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sends_of_content(&self, content: &str, issue: &str) -> Result<Vec<Send>, StoreError> {
        let sql = format!(
            "{SENDS} where is_rehearsal = 0 and issue <> ?2
             and id in (select send from send_edition where content = ?1)
             order by started_at desc, id desc"
        );
        match content {
            "" => Ok(Vec::new()),
            content => self.rows(&sql, &[v(content), v(issue)], read_send),
        }
    }

    /// All sends, the latest first; rehearsals are none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sends(&self) -> Result<Vec<Send>, StoreError> {
        let sql = format!("{SENDS} where is_rehearsal = 0 order by started_at desc, id desc");
        self.rows(&sql, &[], read_send)
    }

    /// All rehearsals, the latest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn rehearsals(&self) -> Result<Vec<Send>, StoreError> {
        let sql = format!("{SENDS} where is_rehearsal = 1 order by started_at desc, id desc");
        self.rows(&sql, &[], read_send)
    }

    /// The frozen edition of a digest.
    ///
    /// # Errors
    /// When it is not there, which a damaged ledger alone can bring about.
    pub fn edition(&self, digest: &str) -> Result<Vec<u8>, StoreError> {
        let sql = "select bytes from edition where digest = ?1";
        let found = self.rows(sql, &[v(digest)], |row| row.bytes(0))?;
        let edition = found.into_iter().next();
        edition.ok_or_else(|| self.connection.damaged())
    }

    /// The account of a send.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sum(&self, send: &Send) -> Result<Sum, StoreError> {
        let candidates = self.number("select candidates from send where id = ?1", &[v(send.id)])?;
        let counts = self.rows(
            "select state, count(*) from delivery where send = ?1 group by state",
            &[v(send.id)],
            |row| Some((State::from_word(&row.text(0)?)?, row.count(1)?)),
        )?;
        let reasons = self.rows(
            "select coalesce(why, ''), count(*) from delivery
             where send = ?1 and state = 'excluded' group by why",
            &[v(send.id)],
            |row| Some((row.text(0)?, row.count(1)?)),
        )?;
        let mut sum = Sum {
            candidates,
            reasons: reasons.into_iter().collect(),
            ..Sum::default()
        };
        for (state, count) in counts {
            match state {
                State::Ready | State::Leased | State::InData => sum.untried += count,
                State::Accepted => sum.accepted += count,
                State::Deferred => sum.deferred += count,
                State::Refused => sum.refused += count,
                State::Excluded => sum.excluded += count,
                State::Uncertain => sum.uncertain += count,
            }
        }
        Ok(sum)
    }

    /// The deliveries of a send in one of `states`, in the order of the list.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn deliveries(&self, send: &Send, states: &[State]) -> Result<Vec<Delivery>, StoreError> {
        // The words are our own, and none has a quotation mark.
        let words: Vec<String> = states.iter().map(|s| format!("'{}'", s.as_str())).collect();
        let words = words.join(", ");
        self.rows(
            &format!("{DELIVERIES} where send = ?1 and state in ({words}) order by number"),
            &[v(send.id)],
            delivery,
        )
    }

    /// Has every delivery of a send pass by, in the order of the list: there may be more than fit into memory.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn each_delivery(
        &self,
        send: &Send,
        mut pass: impl FnMut(Delivery),
    ) -> Result<(), StoreError> {
        let sql =
            format!("{DELIVERIES} where send = ?1 and number > ?2 order by number limit {PAGE}");
        let mut behind = 0;
        loop {
            let page = self.rows(&sql, &[v(send.id), v(behind)], |row| {
                Some((delivery(row)?, row.int(8)?))
            })?;
            let Some((_, last)) = page.last() else {
                return Ok(());
            };
            behind = *last;
            page.into_iter().for_each(|(delivery, _)| pass(delivery));
        }
    }

    /// The delivery to one mailbox, by its key.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn delivery(&self, send: &Send, address_key: &str) -> Result<Option<Delivery>, StoreError> {
        // A duplicate has the same key and comes behind the entry that counts.
        let found = self.rows(
            &format!("{DELIVERIES} where send = ?1 and address_key = ?2 order by number limit 1"),
            &[v(send.id), v(address_key)],
            delivery,
        )?;
        Ok(found.into_iter().next())
    }

    /// When the next delivery is to be tried, in Unix seconds: 0 for one that is ready now, `None` where
    /// nothing is left that waits.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn next_due(&self, send: &Send) -> Result<Option<i64>, StoreError> {
        Ok(match next_due(self.connection.as_ref(), send.id)? {
            Next::At(at) => Some(at),
            Next::Nothing | Next::Others => None,
        })
    }

    /// Puts right what senders have left behind that did not end by themselves, and applies the issue's
    /// policy.
    ///
    /// With a file only the holder of the publication's lock may call it: what another process is sending
    /// looks just like what a dead one was.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn recover(&mut self, send: &Send, now: i64) -> Result<Recovered, StoreError> {
        self.transaction(|connection| {
            // First of all: on a server, others that begin now wait for this row and not for each other's.
            connection.execute(
                "update send set on_uncertain = ?2 where id = ?1",
                &[v(send.id), v(send.on_uncertain.as_str())],
            )?;
            let (released, doubtful) = connection.take_over(send.id, now)?;
            let resent = if send.on_uncertain == OnUncertain::Resend {
                resend(connection, send.id, now)?
            } else {
                0
            };
            Ok(Recovered {
                released,
                doubtful,
                resent,
            })
        })
    }

    /// Writes down what senders have left behind that did not end by themselves, and nothing else; the same
    /// conditions as for [`Store::recover`].
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn take_over(&mut self, send: &Send, now: i64) -> Result<Recovered, StoreError> {
        let taken = self.transaction(|connection| connection.take_over(send.id, now))?;
        let (released, doubtful) = taken;
        Ok(Recovered {
            released,
            doubtful,
            resent: 0,
        })
    }

    /// Ends doubts as a person has decided, all of them or none. Where a letter is missing, the send is
    /// unfinished again.
    ///
    /// # Errors
    /// When a delivery is not uncertain, or the store cannot be written.
    pub fn resolve(
        &mut self,
        send: &Send,
        resolutions: &[Resolution],
        now: i64,
    ) -> Result<(), StoreError> {
        self.transaction(|connection| {
            for resolution in resolutions {
                resolve(connection, send, resolution, now)?;
            }
            if send.is_cancelled() || resolutions.iter().all(|resolution| resolution.has_arrived) {
                return Ok(());
            }
            let sql = "update send set finished_at = null where id = ?1";
            connection.execute(sql, &[v(send.id)]).map(drop)
        })
    }

    /// How many uncertain deliveries `on_uncertain = "resend"` sends again: those that have not been tried
    /// three times.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn resendable(&self, send: &Send) -> Result<u32, StoreError> {
        self.number(
            "select count(*) from delivery
             where send = ?1 and state = 'uncertain' and attempts < ?2",
            &[v(send.id), v(MOST_COPIES)],
        )
    }

    /// Lets everybody else have what one reader has got.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn release(&mut self, send: &Send) -> Result<(), StoreError> {
        let sql = "update send set is_held = 0 where id = ?1";
        self.transaction(|connection| connection.execute(sql, &[v(send.id)]))?;
        Ok(())
    }

    /// Says that nothing is left to do; a send finishes once.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn finish(&mut self, send: &Send, now: i64) -> Result<(), StoreError> {
        // A brake that came with the last message has nothing to stop, and would stop what a person resolves later.
        let sql =
            "update send set finished_at = ?2, brake = null, brake_why = null, brake_at = null
                   where id = ?1 and finished_at is null and coalesce(brake, '') <> 'cancelled'";
        self.transaction(|connection| {
            connection.execute(sql, &[v(send.id), v(now)])?;
            if send.is_rehearsal {
                // No mailbox has received anything.
                return Ok(());
            }
            bounces::forgive(connection, send.id)
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
        let sql = "insert into suppression (address_key, reason, at) values (?1, ?2, ?3)
                   on conflict do nothing";
        let values = [v(address_key), v(reason), v(now)];
        self.transaction(|connection| connection.execute(sql, &values))?;
        Ok(())
    }

    /// Does `work` in one transaction, which is on the disk when this returns.
    pub(super) fn transaction<T>(
        &self,
        work: impl FnOnce(&dyn Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let connection = self.connection.as_ref();
        connection.transaction(Step::Begin)?;
        let done = work(connection).and_then(|done| {
            connection.require_in_place(self.generation.as_deref())?;
            connection.transaction(Step::Commit)?;
            Ok(done)
        });
        if done.is_err() {
            // What went wrong is in `done`; what is not committed is lost in any case.
            let _ = connection.transaction(Step::Rollback);
        }
        done
    }

    /// What `work` in one transaction would give; everything is taken back.
    pub(super) fn rolled_back<T>(
        &self,
        work: impl FnOnce(&dyn Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let connection = self.connection.as_ref();
        connection.transaction(Step::Begin)?;
        let done = work(connection);
        connection.transaction(Step::Rollback)?;
        done
    }

    /// As [`Store::transaction`], and survives a server that is restarted: connects again and does the work again,
    /// unless the commit whose answer was lost turns out to have been made. Gives up when `is_too_late`.
    pub(super) fn lasting_transaction<T>(
        &mut self,
        mut work: impl FnMut(&dyn Connection) -> Result<T, StoreError>,
        is_too_late: impl Fn() -> bool,
    ) -> Result<T, StoreError> {
        loop {
            let mut complete = None;
            let committed = self.transaction(|connection| {
                complete = Some(work(connection)?);
                Ok(())
            });
            let is_committed = match committed {
                Ok(()) => true,
                Err(lost @ StoreError::OutOfReach(..)) => self.reconnect(lost, &is_too_late)?,
                Err(error) => return Err(error),
            };
            if let Some(done) = complete.filter(|_| is_committed) {
                return Ok(done);
            }
        }
    }

    /// Whether the last numbered transaction was committed.
    fn reconnect(
        &mut self,
        lost: StoreError,
        is_too_late: &impl Fn() -> bool,
    ) -> Result<bool, StoreError> {
        let end = Instant::now() + LONGEST_ABSENCE;
        while Instant::now() < end && !is_too_late() {
            match self.connection.reconnect() {
                Err(decided @ (StoreError::Replaced | StoreError::Vanished(_))) => {
                    return Err(decided);
                }
                Err(_) => std::thread::sleep(BETWEEN_ATTEMPTS),
                connected => return connected,
            }
        }
        Err(lost)
    }

    pub(super) fn rows<T>(
        &self,
        sql: &str,
        values: &[Value],
        read: impl Fn(&mut Row) -> Option<T>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.connection.query(sql, values)?;
        rows.into_iter()
            .map(|mut row| read(&mut row).ok_or_else(|| self.connection.damaged()))
            .collect()
    }

    pub(super) fn has_row(&self, sql: &str, values: &[Value]) -> Result<bool, StoreError> {
        Ok(!self.connection.query(sql, values)?.is_empty())
    }

    pub(super) fn number(&self, sql: &str, values: &[Value]) -> Result<u32, StoreError> {
        let found = self.rows(sql, values, |row| row.count(0))?;
        let number = found.into_iter().next();
        number.ok_or_else(|| self.connection.damaged())
    }
}

/// Writes rows of `columns` into `table`, many with each statement.
pub(super) fn insert(
    connection: &dyn Connection,
    table: &str,
    columns: &[&str],
    rows: impl Iterator<Item = Vec<Value>>,
) -> Result<usize, StoreError> {
    let mut count = 0;
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        let values: Vec<Value> = rows.by_ref().take(ROWS).flatten().collect();
        let width = columns.len();
        let tuples: Vec<String> = (0..values.len() / width)
            .map(|row| tuple(row * width, width))
            .collect();
        let (columns, tuples) = (columns.join(", "), tuples.join(", "));
        let sql = format!("insert into {table} ({columns}) values {tuples}");
        count += connection.execute(&sql, &values)?;
    }
    Ok(count)
}

/// `(?4, ?5, ?6)`
fn tuple(before: usize, width: usize) -> String {
    let parameters: Vec<String> = (1..=width).map(|n| format!("?{}", before + n)).collect();
    format!("({})", parameters.join(", "))
}

/// A rehearsal claims nothing: the next one and the campaign itself take its place.
fn forget_rehearsal(connection: &dyn Connection, issue: &str) -> Result<(), StoreError> {
    let sql = "select id from send where issue = ?1 and is_rehearsal = 1";
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

/// Writes candidates as deliveries, numbered from `first` on; how many.
pub(super) fn freeze(
    connection: &dyn Connection,
    send: i64,
    candidates: impl Iterator<Item = Result<Candidate, Changed>>,
    first: i64,
    now: i64,
) -> Result<i64, StoreError> {
    let mut fault = None;
    let sound = candidates.map_while(|one| one.map_err(|changed| fault = Some(changed)).ok());
    let rows = (first..).zip(sound).map(|(number, candidate)| {
        let state = match &candidate.exclusion {
            Some(_) => State::Excluded,
            None => State::Ready,
        };
        vec![
            v(send),
            v(number),
            v(candidate.address),
            v(candidate.address_key),
            v(candidate.name),
            v(candidate.reader),
            v(state.as_str()),
            v(candidate.exclusion),
            v(now),
        ]
    });
    let columns = [
        "send",
        "number",
        "address",
        "address_key",
        "name",
        "reader",
        "state",
        "why",
        "changed_at",
    ];
    let count = insert(connection, "delivery", &columns, rows)?;
    if let Some(changed) = fault {
        return Err(StoreError::ListChanged(changed));
    }
    connection.execute(
        "update delivery set state = 'excluded', why =
         (select reason from suppression where suppression.address_key = delivery.address_key)
         where send = ?1 and state = 'ready'
         and exists (select 1 from suppression where suppression.address_key = delivery.address_key)",
        &[v(send)],
    )?;
    Ok(count as i64)
}

fn resend(connection: &dyn Connection, send: i64, now: i64) -> Result<usize, StoreError> {
    let resent = connection.execute(
        "update delivery set state = 'ready', changed_at = ?2
         where send = ?1 and state = 'uncertain' and attempts < ?3",
        &[v(send), v(now), v(MOST_COPIES)],
    )?;
    if resent > 0 {
        let sql = "update send set finished_at = null where id = ?1";
        connection.execute(sql, &[v(send)])?;
    }
    Ok(resent)
}

fn resolve(
    connection: &dyn Connection,
    send: &Send,
    resolution: &Resolution,
    now: i64,
) -> Result<(), StoreError> {
    let (state, why) = match resolution.has_arrived {
        true => (State::Accepted, resolution.why.as_str()),
        false if send.is_cancelled() => (State::Excluded, brakes::CANCELLED),
        false => (State::Ready, resolution.why.as_str()),
    };
    let changed = connection.execute(
        "update delivery set state = ?3, why = ?4, next_try = null, changed_at = ?5
         where send = ?1 and address_key = ?2 and state = 'uncertain'",
        &[
            v(send.id),
            v(&resolution.address_key),
            v(state.as_str()),
            v(why),
            v(now),
        ],
    )?;
    if changed == 1 {
        Ok(())
    } else {
        Err(StoreError::Transition(format!("{resolution:?}")))
    }
}

/// What waits to be taken. Two steps, for `min` over both states would look at every row that is left.
pub(super) fn next_due(connection: &dyn Connection, send: i64) -> Result<Next, StoreError> {
    let ready = connection.query(
        "select 1 from delivery where send = ?1 and state = 'ready' limit 1",
        &[v(send)],
    )?;
    if !ready.is_empty() {
        return Ok(Next::At(0));
    }
    let due = connection.query(
        "select min(next_try) from delivery where send = ?1 and state = 'deferred'",
        &[v(send)],
    )?;
    let at = due.first().and_then(|row| row.int(0));
    Ok(at.map_or(Next::Nothing, Next::At))
}

const SENDS: &str =
    "select id, issue, digest, subject, started_at, finished_at, on_uncertain, is_held, brake, brake_why, brake_at,
     edition, touched_at, waits_until, is_rehearsal from send";

const DELIVERIES: &str = "select address, name, state, why, attempts, next_try, changed_at, relay, number, edition from delivery";

fn read_send(row: &mut Row) -> Option<Send> {
    Some(Send {
        id: row.int(0)?,
        issue: row.text(1)?,
        digest: row.text(2)?,
        subject: row.text(3)?,
        started_at: row.int(4)?,
        finished_at: row.maybe(5, |row, column| row.int(column))?,
        on_uncertain: match row.text(6)?.as_str() {
            "resend" => OnUncertain::Resend,
            "skip" => OnUncertain::Skip,
            _ => OnUncertain::Hold,
        },
        is_held: row.truth(7)?,
        brake: brakes::braked(row, 8)?,
        edition: row.int(11)?,
        touched_at: row.maybe(12, |row, column| row.int(column))?,
        waits_until: row.maybe(13, |row, column| row.int(column))?,
        is_rehearsal: row.truth(14)?,
    })
}

/// Ledgers of earlier versions have a next try of excluded deliveries, which have none.
fn delivery(row: &mut Row) -> Option<Delivery> {
    let state = State::from_word(&row.text(2)?)?;
    let next_try = row.maybe(5, |row, column| row.int(column))?;
    Some(Delivery {
        address: row.text(0)?,
        name: row.maybe(1, Row::text)?,
        state,
        why: row.maybe(3, Row::text)?,
        attempts: row.count(4)?,
        next_try: next_try.filter(|_| state == State::Deferred),
        changed_at: row.maybe(6, |row, column| row.int(column))?,
        relay: row.maybe(7, Row::text)?,
        edition: row.maybe(9, |row, column| row.int(column))?,
    })
}
