//! SQLite: the store in a file, for one sender at a time.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection as File, ErrorCode, OpenFlags, params, params_from_iter};

use super::connection::{Connection, MOVED, Step};
use super::error::Cause;
use super::overwritten::Beside;
use super::seal::{Seal, beside};
use super::value::{Row, Value};
use super::{Change, Leased, Next, StoreError, Wanted, books, bounces, schema};
use crate::util::escape;

/// An open file.
#[derive(Debug)]
pub(super) struct Sqlite {
    file: File,
    path: PathBuf,
    /// Device and inode of the file that was opened.
    identity: (u64, u64),
    /// Dropped after the connection, as it says itself.
    beside: Option<Beside>,
    /// Dropped after the connection.
    seal: Option<Seal>,
}

impl Sqlite {
    /// Opens the ledger at `path`, created there if it is missing.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            create(path)?;
        }
        Self::at(path, path)
    }

    /// Opens the ledger at `path` if there is one. What cannot be read is an error, and not "no ledger".
    pub(super) fn open_existing(path: &Path) -> Result<Option<Self>, StoreError> {
        match std::fs::metadata(path) {
            // An empty file has no ledger in it: an older version left it when it was stopped at its first run.
            Ok(file) if file.len() == 0 => Ok(None),
            Ok(_) => Self::at(path, path)
                .map(Some)
                .map_err(StoreError::at_reading),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::NotReadable(named(path), Box::new(error))),
        }
    }

    /// As [`Sqlite::open_existing`] for a command that only reads: whoever may read the file and not write beside it
    /// reads it too.
    pub(super) fn open_existing_to_read(path: &Path) -> Result<Option<Self>, StoreError> {
        match Self::open_existing(path) {
            Err(StoreError::NotReadable(..)) => Self::to_read(path)
                .map(Some)
                .map_err(StoreError::at_reading),
            opened => opened,
        }
    }

    fn to_read(path: &Path) -> Result<Self, StoreError> {
        let failed = |error| failure(path, error);
        let opened = std::fs::File::open(path).and_then(|file| file.metadata());
        let opened = opened.map_err(|error| StoreError::NotReadable(named(path), error.into()))?;
        let seal = Seal::of(path);
        let is_whole = seal.is_whole();
        // Whoever only reads leaves the sign as it is.
        seal.break_it();
        let mut file = open_to_read(path).map_err(failed)?;
        file.busy_timeout(LONGEST_WAIT).map_err(failed)?;
        if !is_whole {
            check(&file, path)?;
        }
        schema::migrate(&mut file, path)?;
        Ok(Self {
            file,
            path: path.to_owned(),
            identity: identity(&opened),
            beside: None,
            seal: None,
        })
    }

    /// Opens `file`, which messages call `path`.
    fn at(file: &Path, path: &Path) -> Result<Self, StoreError> {
        let failed = |error| failure(path, error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = std::fs::metadata(file);
        let opened = opened.map_err(|error| StoreError::NotWritable(named(path), error.into()))?;
        let identity = identity(&opened);
        // One that is being created gets its sign under its own name.
        let seal = (file == path).then(|| Seal::of(path));
        let is_whole = seal.as_ref().is_some_and(Seal::is_whole);
        let mut file = File::open_with_flags(file, flags).map_err(failed)?;
        let opened = settings(&file).map_err(failed).and_then(|()| {
            if !is_whole {
                check(&file, path)?;
            }
            schema::migrate(&mut file, path)
        });
        if opened.is_err() {
            seal.iter().for_each(Seal::break_it);
        }
        opened?;
        Ok(Self {
            file,
            path: path.to_owned(),
            identity,
            beside: None,
            seal,
        })
    }

    fn failed(&self, error: rusqlite::Error) -> StoreError {
        failure(&self.path, error)
    }

    /// Keeps the log of the ledger that was opened away from the file that is in its place: neither this connection nor
    /// the next one may write its pages there.
    fn leave_alone(&self) {
        self.seal.iter().for_each(Seal::break_it);
        // What cannot be done is no worse than before; the run ends in any case.
        let no_checkpoint = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
        let _ = self.file.set_db_config(no_checkpoint, true);
        for suffix in ["-wal", "-shm"] {
            let aside = beside(&self.path, &format!(".overwritten{suffix}"));
            let _ = std::fs::rename(beside(&self.path, suffix), aside);
        }
    }
}

fn identity(file: &std::fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (file.dev(), file.ino())
}

/// A file as messages name it.
pub(super) fn named(path: &Path) -> String {
    let path = path.strip_prefix(".").unwrap_or(path);
    escape::terminal(&path.to_string_lossy())
}

/// What SQLite says, by what an operator has to do.
pub(super) fn failure(path: &Path, error: rusqlite::Error) -> StoreError {
    let (place, code) = (named(path), error.sqlite_error_code());
    match code {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Damaged(place, Some(Box::new(error)))
        }
        Some(
            ErrorCode::ReadOnly
            | ErrorCode::DiskFull
            | ErrorCode::CannotOpen
            | ErrorCode::SystemIoFailure
            | ErrorCode::PermissionDenied,
        ) => StoreError::NotWritable(place, in_words(error)),
        _ => StoreError::Other(place, Box::new(error)),
    }
}

const READ_ONLY: &str = "the file or its directory is read-only for this user";

/// Why a file cannot be written, without the codes and the words of SQLite.
fn in_words(error: rusqlite::Error) -> Cause {
    match error.sqlite_error_code() {
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => READ_ONLY.into(),
        Some(ErrorCode::CannotOpen) => {
            "the file cannot be opened, or its directory is read-only for this user".into()
        }
        Some(ErrorCode::DiskFull) => "the disk is full".into(),
        Some(ErrorCode::SystemIoFailure) => "the disk reports an error".into(),
        _ => Box::new(error),
    }
}

/// Opens a file without writing to it or beside it. If no process has it open and a crash has left no log, the file
/// alone is the ledger; otherwise SQLite needs the files beside it.
fn open_to_read(path: &Path) -> rusqlite::Result<File> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let has_log = ["-wal", "-journal"]
        .iter()
        .any(|suffix| beside(path, suffix).exists());
    let query = if has_log { "" } else { "?immutable=1" };
    File::open_with_flags(format!("file:{}{query}", uri_path(path)), flags)
}

/// A path in a URI of SQLite.
fn uri_path(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    let bytes = path.as_os_str().as_bytes().iter();
    bytes
        .map(|byte| match plain(*byte) {
            true => char::from(*byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}

impl Connection for Sqlite {
    fn execute(&self, sql: &str, values: &[Value]) -> Result<usize, StoreError> {
        let statement = self.file.prepare_cached(sql);
        let done = statement.and_then(|mut s| s.execute(params_from_iter(values)));
        done.map_err(|error| self.failed(error))
    }

    fn query(&self, sql: &str, values: &[Value]) -> Result<Vec<Row>, StoreError> {
        let rows = || {
            let mut statement = self.file.prepare_cached(sql)?;
            let width = statement.column_count();
            let read = |row: &rusqlite::Row<'_>| {
                let columns = (0..width).map(|column| row.get_ref(column).map(value));
                columns.collect::<Result<_, _>>().map(Row)
            };
            let rows = statement.query_map(params_from_iter(values), read)?;
            rows.collect::<rusqlite::Result<Vec<Row>>>()
        };
        rows().map_err(|error| self.failed(error))
    }

    /// Immediate: a transaction that reads first and writes then is refused at once, without waiting, where
    /// another process has written between the two.
    fn transaction(&self, step: Step) -> Result<(), StoreError> {
        let sql = match step {
            Step::Begin => "begin immediate",
            Step::Commit => "commit",
            Step::Rollback => "rollback",
        };
        // SQLite would begin one that reads.
        if step == Step::Begin && self.file.is_readonly("main").unwrap_or(false) {
            return Err(StoreError::NotWritable(self.place(), READ_ONLY.into()));
        }
        self.execute(sql, &[]).map(drop)
    }

    fn require_in_place(&self, generation: Option<&str>) -> Result<(), StoreError> {
        let vanished = || StoreError::Vanished(named(&self.path));
        let present = std::fs::metadata(&self.path).map_err(|_| vanished())?;
        if identity(&present) != self.identity {
            self.seal.iter().for_each(Seal::break_it);
            return Err(vanished());
        }
        let beside = self.beside.as_ref();
        if beside.is_some_and(|beside| !beside.is_ours(&present)) {
            self.leave_alone();
            return Err(vanished());
        }
        let Some(generation) = generation else {
            return Ok(());
        };
        let found = self.query(GENERATION, &[generation.into()])?;
        if found.is_empty() {
            return Err(vanished());
        }
        Ok(())
    }

    fn settle(&mut self, marks: Vec<String>) -> Result<(), StoreError> {
        if self.beside.is_none() {
            let opened = Beside::open(&self.path);
            let opened =
                opened.map_err(|error| StoreError::NotWritable(named(&self.path), error.into()))?;
            self.beside = Some(opened);
        }
        self.beside
            .iter_mut()
            .for_each(|beside| beside.learn(marks.clone()));
        Ok(())
    }

    fn place(&self) -> String {
        named(&self.path)
    }

    fn damaged(&self) -> StoreError {
        StoreError::Damaged(named(&self.path), None)
    }

    fn mark_as_moved(&self) -> Result<(), StoreError> {
        let marked = self.file.pragma_update(None, "user_version", MOVED);
        marked.map_err(|error| self.failed(error))
    }

    fn next(&self, send: i64, _now: i64) -> Result<Next, StoreError> {
        books::next_due(self, send)
    }

    fn lease(&self, send: i64, wanted: &Wanted, limit: usize) -> Result<Vec<Leased>, StoreError> {
        lease(&self.file, send, wanted, limit).map_err(|error| self.failed(error))
    }

    fn apply(&self, send: i64, changes: &[&Change]) -> Result<(), StoreError> {
        for change in changes {
            let changed = apply(&self.file, send, change).map_err(|error| self.failed(error))?;
            if !changed {
                return Err(StoreError::Transition(format!("{change:?}")));
            }
            if let Some(refused) = change.refused() {
                bounces::count(self, send, refused, change.after().at)?;
            }
        }
        Ok(())
    }

    /// All that is taken: whoever calls holds the publication's lock, so nobody else is at work.
    fn take_over(&self, send: i64, now: i64) -> Result<(usize, usize), StoreError> {
        let released = self.execute(
            "update delivery set state = 'ready', attempts = attempts - 1, changed_at = ?2, relay = null,
             first_try = case when attempts > 1 then first_try end
             where send = ?1 and state = 'leased'",
            &[send.into(), now.into()],
        )?;
        let doubtful = self.execute(
            "update delivery set state = 'uncertain', why = 'the sender was stopped before the reply'
             where send = ?1 and state = 'in_data'",
            &[send.into()],
        )?;
        Ok((released, doubtful))
    }
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

const GENERATION: &str = "select 1 from generation where token = ?1";

/// Text that is none, and a number that is no integer, have the wrong type for every reader.
fn value(column: ValueRef<'_>) -> Value {
    match column {
        ValueRef::Null | ValueRef::Real(_) => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(text) => String::from_utf8(text.to_vec()).map_or(Value::Null, Value::Text),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}

/// Creates a ledger under another name, and gives it its own when its tables are complete: a process that reads
/// the ledger beside the first run finds none, or a whole one in WAL mode. A switch to WAL needs the file for
/// itself, and SQLite does not wait for readers there: `database is locked`.
fn create(path: &Path) -> Result<(), StoreError> {
    let part = path.with_extension(format!("{}.part", std::process::id()));
    let not_writable = |error| StoreError::NotWritable(named(path), Box::new(error));
    let made = prepare(&part).map_err(not_writable).and_then(|()| {
        // Closing it moves everything from the log into the file.
        drop(Sqlite::at(&part, path)?);
        publish(&part, path).map_err(not_writable)
    });
    // Gone already where it was renamed; what an error leaves does no harm.
    let _ = std::fs::remove_file(&part);
    made
}

fn prepare(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
    let mut builder = std::fs::DirBuilder::new();
    builder
        .recursive(true)
        .mode(0o700)
        .create(folder_of(path))?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(path).map(drop)
}

fn folder_of(path: &Path) -> &Path {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// A link replaces nothing: of two processes that create the ledger at once, the second uses that of the first. A
/// file system without links gets a new name.
fn publish(part: &Path, path: &Path) -> std::io::Result<()> {
    match std::fs::hard_link(part, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(_) => std::fs::rename(part, path)?,
        Ok(()) => {}
    }
    std::fs::File::open(folder_of(path))?.sync_all()
}

/// `synchronous = FULL`: with NORMAL, 156 of 250 power cuts lost an intent that had been acknowledged.
///
/// Plans that do not look at values (QPSG): otherwise a statement with a `limit` is compiled anew at every call.
fn settings(file: &File) -> rusqlite::Result<()> {
    file.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    file.busy_timeout(LONGEST_WAIT)?;
    use_wal(file)?;
    file.pragma_update(None, "synchronous", "full")?;
    file.pragma_update(None, "foreign_keys", true)?;
    file.pragma_update(None, "secure_delete", true)
}

/// How long a lock of another process is waited for.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Switches a file that is not in WAL mode, such as one restored from a dump. SQLite's own waiting does not cover
/// the switch.
fn use_wal(file: &File) -> rusqlite::Result<()> {
    let mode: String = file.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if mode == "wal" {
        return Ok(());
    }
    let end = Instant::now() + LONGEST_WAIT;
    loop {
        match file.pragma_update(None, "journal_mode", "wal") {
            Err(error) if is_busy(&error) && Instant::now() < end => {
                std::thread::sleep(Duration::from_millis(5));
            }
            done => return done,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

fn check(file: &File, path: &Path) -> Result<(), StoreError> {
    let word: String = file
        .query_row("pragma quick_check(1)", [], |row| row.get(0))
        .map_err(|error| failure(path, error))?;
    if word == "ok" {
        Ok(())
    } else {
        Err(StoreError::Damaged(named(path), None))
    }
}

fn lease(file: &File, send: i64, wanted: &Wanted, limit: usize) -> rusqlite::Result<Vec<Leased>> {
    let now = wanted.now;
    let mut leased = Vec::new();
    loop {
        let found = due(file, send, wanted, limit - leased.len())?;
        if found.is_empty() {
            return Ok(leased);
        }
        for due in found {
            let number = due.number;
            match (&due.suppressed, due.until) {
                (Some(reason), _) => exclude(file, send, number, reason, now)?,
                (None, Some(_)) => leave_alone(file, send, &due, now)?,
                (None, None) => leased.push(take(file, send, number, wanted)?),
            }
        }
        if leased.len() >= limit {
            return Ok(leased);
        }
    }
}

/// A delivery that could be taken.
struct Due {
    number: i64,
    /// Why its address gets nothing any more.
    suppressed: Option<String>,
    /// Until when its domain is left alone, and why.
    until: Option<i64>,
    why: Option<String>,
}

/// The next deliveries.
///
/// What has not been tried comes before what is tried again. Each statement walks a stretch of one index:
/// as one statement with an `or` SQLite sorted every row that was left, for every lease, which took 75 ms
/// at 100,000 readers. The index is named because SQLite would rather walk the list past all that is done.
fn due(file: &File, send: i64, wanted: &Wanted, limit: usize) -> rusqlite::Result<Vec<Due>> {
    let (now, only) = (wanted.now, &wanted.only);
    let row = |row: &rusqlite::Row<'_>| {
        Ok(Due {
            number: row.get(0)?,
            suppressed: row.get(1)?,
            until: row.get(2)?,
            why: row.get(3)?,
        })
    };
    let mut ready = file.prepare_cached(READY)?;
    let mut found: Vec<_> = ready
        .query_map(params![send, only, limit as i64, now], row)?
        .collect::<Result<_, _>>()?;
    let left = (limit - found.len()) as i64;
    let mut deferred = file.prepare_cached(DEFERRED)?;
    for due in deferred.query_map(params![send, only, left, now], row)? {
        found.push(due?);
    }
    Ok(found)
}

/// No local part has an at sign: see `Address`.
macro_rules! due {
    ($which:literal) => {
        concat!(
            "select number, suppression.reason, domain.until,
             domain.name || ' is left alone: ' || domain.why
             from delivery indexed by delivery_by_state left join suppression using (address_key)
             left join domain on domain.send = delivery.send and domain.until > ?4
             and domain.name = substr(address_key, instr(address_key, '@') + 1)
             where delivery.send = ?1 and (?2 is null or address_key = ?2) and ",
            $which
        )
    };
}

const READY: &str = due!("state = 'ready' and next_try is null order by number limit ?3");
const DEFERRED: &str =
    due!("state = 'deferred' and next_try <= ?4 order by next_try, number limit ?3");

/// Each delivery once for every rest that its domain takes, and not all of them at its beginning.
fn leave_alone(file: &File, send: i64, due: &Due, now: i64) -> rusqlite::Result<()> {
    file.prepare_cached(
        "update delivery set state = 'deferred', next_try = ?3, why = ?4, changed_at = ?5
         where send = ?1 and number = ?2",
    )?
    .execute(params![send, due.number, due.until, due.why, now])?;
    Ok(())
}

fn exclude(file: &File, send: i64, number: i64, reason: &str, now: i64) -> rusqlite::Result<()> {
    file.prepare_cached(
        "update delivery set state = 'excluded', why = ?3, next_try = null, changed_at = ?4
             where send = ?1 and number = ?2",
    )?
    .execute(params![send, number, reason, now])?;
    Ok(())
}

fn take(file: &File, send: i64, number: i64, wanted: &Wanted) -> rusqlite::Result<Leased> {
    file.prepare_cached(
        "update delivery set state = 'leased', attempts = attempts + 1, next_try = null,
             changed_at = ?3, first_try = coalesce(first_try, ?3), relay = ?4
             where send = ?1 and number = ?2 returning reader, attempts, first_try,
             coalesce(edition, (select edition from send where id = ?1))",
    )?
    .query_row(params![send, number, wanted.now, &*wanted.relay], |row| {
        Ok(Leased {
            number,
            reader: row.get(0)?,
            attempt: row.get(1)?,
            first_try: row.get(2)?,
            edition: row.get(3)?,
        })
    })
}

/// Makes one change, if the delivery is in a state that allows it; whether it was.
fn apply(file: &File, send: i64, change: &Change) -> rusqlite::Result<bool> {
    let after = change.after();
    let changed = file
        .prepare_cached(
            "update delivery set state = ?4, why = coalesce(?5, why), next_try = ?6, changed_at = ?7,
             attempts = attempts + ?8, first_try = case when attempts + ?8 > 0 then first_try end,
             relay = nullif(coalesce(?9, relay), ''),
             edition = case when attempts + ?8 > 0 then coalesce(edition, ?10) end
             where send = ?1 and number = ?2 and instr(?3, '|' || state || '|') > 0",
        )?
        .execute(params![
            send,
            after.number,
            after.from,
            after.state.as_str(),
            after.why,
            after.next_try,
            after.at,
            after.attempts,
            after.relay,
            after.edition
        ])?;
    Ok(changed == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::departures;

    /// Sorting shows as `USE TEMP B-TREE`, reading every row as `SCAN`.
    #[test]
    fn no_lease_looks_at_more_than_it_takes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Sqlite::open(&folder.path().join("store.db")).unwrap();
        let plan = |sql: &str, parameters: usize| {
            let values = vec![Value::Null; parameters];
            let plan = store.query(&format!("explain query plan {sql}"), &values);
            let steps = plan
                .unwrap()
                .into_iter()
                .map(|mut row| row.text(3).unwrap());
            steps.collect::<Vec<String>>()
        };
        let by = |index: &str| {
            vec![
                format!("SEARCH delivery USING INDEX delivery_by_state ({index})"),
                "SEARCH suppression USING INDEX sqlite_autoindex_suppression_1 (address_key=?) LEFT-JOIN"
                    .to_owned(),
                "SEARCH domain USING PRIMARY KEY (send=? AND name=?) LEFT-JOIN".to_owned(),
            ]
        };
        assert_eq!(plan(READY, 4), by("send=? AND state=? AND next_try=?"));
        assert_eq!(plan(DEFERRED, 4), by("send=? AND state=? AND next_try<?"));
        let page = "SEARCH delivery USING PRIMARY KEY (send=? AND number>?)";
        assert_eq!(plan(departures::OPEN_AFTER, 2), [page]);
    }
}
