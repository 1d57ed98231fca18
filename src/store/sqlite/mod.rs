//! SQLite: the store in a file, for one sender at a time.

mod failure;
mod file;
mod overwritten;
mod queue;
mod schema;
mod seal;
mod value;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection as File, OpenFlags, params_from_iter};

use super::connection::MOVED;
use super::connection::{Connection, TransactionStep};
use super::token_row::TokenRow;
use super::value::{Row, Value};
use super::{Change, LeaseRequest, Leased, NextDue, StoreError, bounces, due};
use crate::util::fs;
use failure::{READ_ONLY, failure};
use file::{LONGEST_WAIT, check, create, open_to_read, settings};
use overwritten::OverwriteCheck;
use seal::{Seal, with_suffix};

pub(super) use failure::named;

/// An open file.
#[derive(Debug)]
pub(super) struct Sqlite {
    file: File,
    path: PathBuf,
    /// Device and inode of the file that was opened.
    identity: (u64, u64),
    /// Dropped after the connection; see [`OverwriteCheck`].
    overwrite_check: Option<OverwriteCheck>,
    /// Dropped after the connection.
    seal: Option<Seal>,
}

impl Sqlite {
    /// Opens the ledger at `path`, and creates it if it is missing.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            create(path)?;
        }
        Self::at(path, path)
    }

    /// Opens the ledger at `path` if there is one. A file that cannot be read is an error, not a missing ledger.
    pub(super) fn open_existing(path: &Path) -> Result<Option<Self>, StoreError> {
        match std::fs::metadata(path) {
            // An earlier version left an empty file if it was stopped during its first run.
            Ok(file) if file.len() == 0 => Ok(None),
            Ok(_) => Self::at(path, path)
                .map(Some)
                .map_err(StoreError::at_reading),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::NotReadable(named(path), Box::new(error))),
        }
    }

    /// As [`Sqlite::open_existing`] for a command that only reads: it needs no write permission for the directory.
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
        // A command that only reads does not renew the seal.
        seal.invalidate();
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
            overwrite_check: None,
            seal: None,
        })
    }

    /// Opens `file`; messages show it as `path`.
    fn at(file: &Path, path: &Path) -> Result<Self, StoreError> {
        let failed = |error| failure(path, error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = std::fs::metadata(file);
        let opened = opened.map_err(|error| StoreError::NotWritable(named(path), error.into()))?;
        let identity = identity(&opened);
        make_private(file).map_err(|error| StoreError::NotWritable(named(path), error.into()))?;
        // A ledger that is being created is sealed when it is opened under its final name.
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
            seal.iter().for_each(Seal::invalidate);
        }
        opened?;
        Ok(Self {
            file,
            path: path.to_owned(),
            identity,
            overwrite_check: None,
            seal,
        })
    }

    fn failed(&self, error: rusqlite::Error) -> StoreError {
        failure(&self.path, error)
    }

    /// Keeps the log of this ledger away from the file that has replaced it: neither this connection nor the next one may
    /// write its pages there.
    fn detach_log(&self) {
        self.seal.iter().for_each(Seal::invalidate);
        // Errors are ignored, because the run ends with an error in any case.
        let no_checkpoint = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
        let _ = self.file.set_db_config(no_checkpoint, true);
        for suffix in ["-wal", "-shm"] {
            let renamed = with_suffix(&self.path, &format!(".overwritten{suffix}"));
            let _ = std::fs::rename(with_suffix(&self.path, suffix), renamed);
        }
    }
}

/// Removes the permissions of other users for the files of a ledger: they have the addresses of all recipients.
fn make_private(ledger: &Path) -> std::io::Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        match fs::make_private(&with_suffix(ledger, suffix)) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            done => done?,
        }
    }
    Ok(())
}

fn identity(file: &std::fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (file.dev(), file.ino())
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
                let columns = (0..width).map(|column| row.get_ref(column).map(value::value));
                columns.collect::<Result<_, _>>().map(Row)
            };
            let rows = statement.query_map(params_from_iter(values), read)?;
            rows.collect::<rusqlite::Result<Vec<Row>>>()
        };
        rows().map_err(|error| self.failed(error))
    }

    /// A statement for each row: a longer one would cost more to parse than it saves.
    fn insert(
        &self,
        table: &str,
        columns: &[&str],
        rows: &mut dyn Iterator<Item = Vec<Value>>,
    ) -> Result<usize, StoreError> {
        let parameters = vec!["?"; columns.len()].join(", ");
        let columns = columns.join(", ");
        let sql = format!("insert into {table} ({columns}) values ({parameters})");
        let failed = |error| self.failed(error);
        let mut statement = self.file.prepare_cached(&sql).map_err(failed)?;
        let mut count = 0;
        for row in rows {
            count += statement.execute(params_from_iter(row)).map_err(failed)?;
        }
        Ok(count)
    }

    /// Immediate: a deferred transaction that reads first and then writes fails without waiting if another process has
    /// written in between.
    fn transaction(&self, step: TransactionStep) -> Result<(), StoreError> {
        let sql = match step {
            TransactionStep::Begin => "begin immediate",
            TransactionStep::Commit => "commit",
            TransactionStep::Rollback => "rollback",
        };
        // SQLite would begin a transaction on a read-only file and fail at the first write.
        if step == TransactionStep::Begin && self.file.is_readonly("main").unwrap_or(false) {
            return Err(StoreError::NotWritable(self.place(), READ_ONLY.into()));
        }
        self.execute(sql, &[]).map(drop)
    }

    fn require_in_place(&self, generation: Option<&str>) -> Result<(), StoreError> {
        let vanished = || StoreError::Vanished(named(&self.path));
        let present = std::fs::metadata(&self.path).map_err(|_| vanished())?;
        if identity(&present) != self.identity {
            self.seal.iter().for_each(Seal::invalidate);
            return Err(vanished());
        }
        let check = self.overwrite_check.as_ref();
        if check.is_some_and(|check| !check.is_same(&present)) {
            self.detach_log();
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

    fn learn_identity(&mut self, texts: Vec<String>) -> Result<(), StoreError> {
        let mut check = match self.overwrite_check.take() {
            Some(check) => check,
            None => OverwriteCheck::open(&self.path)
                .map_err(|error| StoreError::NotWritable(named(&self.path), error.into()))?,
        };
        check.learn(texts);
        self.overwrite_check = Some(check);
        Ok(())
    }

    fn place(&self) -> String {
        named(&self.path)
    }

    fn damaged(&self) -> StoreError {
        StoreError::Damaged(named(&self.path), None)
    }

    fn erase_log(&self) -> Result<(), StoreError> {
        self.query("pragma wal_checkpoint(truncate)", &[]).map(drop)
    }

    /// With the default of 2 MB, nearly every new entry of a large index is read from the file and written back.
    fn prepare_bulk(&self) -> Result<(), StoreError> {
        let pragmas = "pragma cache_size = -8000; pragma temp.cache_size = -4000";
        let done = self.file.execute_batch(pragmas);
        done.map_err(|error| self.failed(error))
    }

    fn drop_indexes(&self, table: &str) -> Result<Vec<String>, StoreError> {
        let sql = "select name, sql from sqlite_schema where type = 'index' and tbl_name = ?1 and sql is not null";
        let indexes = self.query(sql, &[table.into()])?;
        let mut statements = Vec::new();
        for mut index in indexes {
            let (name, sql) = index
                .text(0)
                .zip(index.text(1))
                .ok_or_else(|| self.damaged())?;
            self.execute(&format!("drop index {name}"), &[])?;
            statements.push(sql);
        }
        Ok(statements)
    }

    fn mark_as_moved(&self) -> Result<(), StoreError> {
        let marked = self.file.pragma_update(None, "user_version", MOVED);
        marked.map_err(|error| self.failed(error))
    }

    fn next(&self, send: i64, _now: i64) -> Result<NextDue, StoreError> {
        due::next_due(self, send)
    }

    fn lease(
        &self,
        send: i64,
        wanted: &LeaseRequest,
        limit: usize,
    ) -> Result<Vec<Leased>, StoreError> {
        queue::lease(&self.file, send, wanted, limit).map_err(|error| self.failed(error))
    }

    fn apply(&self, send: i64, changes: &[&Change]) -> Result<(), StoreError> {
        for change in changes {
            let changed =
                queue::apply(&self.file, send, change).map_err(|error| self.failed(error))?;
            if !changed {
                return Err(StoreError::Transition(format!("{change:?}")));
            }
            if let Some(refused) = change.refused() {
                bounces::count(self, send, refused, change.update().at)?;
            }
        }
        Ok(())
    }

    fn add_tokens(&self, tokens: &[TokenRow]) -> Result<(), StoreError> {
        queue::add_tokens(&self.file, tokens).map_err(|error| self.failed(error))
    }

    /// Takes over all leased deliveries: the caller holds the newsletter's lock, so no other sender is active.
    ///
    /// Without the inner statements, SQLite would read all deliveries of the campaign.
    fn take_over(&self, send: i64, now: i64) -> Result<(usize, usize), StoreError> {
        let released = self.execute(
            "update delivery set state = 'ready', attempts = attempts - 1, changed_at = ?2, relay = null,
             first_try = case when attempts > 1 then first_try end
             where send = ?1 and number in (select number from delivery where send = ?1 and state = 'leased')",
            &[send.into(), now.into()],
        )?;
        let uncertain = self.execute(
            "update delivery set state = 'uncertain', why = 'the sender was stopped before the reply',
             reply_code = null, enhanced_status = null
             where send = ?1 and number in (select number from delivery where send = ?1 and state = 'in_data')",
            &[send.into()],
        )?;
        Ok((released, uncertain))
    }
}

const GENERATION: &str = "select 1 from generation where token = ?1";
