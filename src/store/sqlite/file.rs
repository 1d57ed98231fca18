//! Creates the file of a ledger, opens it, and checks it.

use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection as File, ErrorCode, OpenFlags};

use super::Sqlite;
use super::failure::{failure, named};
use super::seal::beside;
use crate::store::StoreError;

/// Creates a ledger under another name, and gives it its own when its tables are complete: a process that reads
/// the ledger beside the first run finds none, or a whole one in WAL mode. A switch to WAL needs the file for
/// itself, and SQLite does not wait for readers there: `database is locked`.
pub(super) fn create(path: &Path) -> Result<(), StoreError> {
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
pub(super) fn settings(file: &File) -> rusqlite::Result<()> {
    file.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    file.busy_timeout(LONGEST_WAIT)?;
    use_wal(file)?;
    file.pragma_update(None, "synchronous", "full")?;
    file.pragma_update(None, "foreign_keys", true)?;
    file.pragma_update(None, "secure_delete", true)
}

/// How long a lock of another process is waited for.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(10);

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

pub(super) fn check(file: &File, path: &Path) -> Result<(), StoreError> {
    let word: String = file
        .query_row("pragma quick_check(1)", [], |row| row.get(0))
        .map_err(|error| failure(path, error))?;
    if word == "ok" {
        Ok(())
    } else {
        Err(StoreError::Damaged(named(path), None))
    }
}

/// Opens a file without writing to it or beside it. If no process has it open and a crash has left no log, the file
/// alone is the ledger; otherwise SQLite needs the files beside it.
pub(super) fn open_to_read(path: &Path) -> rusqlite::Result<File> {
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
