//! Creates the file of a ledger, opens it, and checks it.

use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection as File, ErrorCode, OpenFlags};

use super::Sqlite;
use super::failure::{failure, named};
use super::seal::with_suffix;
use crate::store::StoreError;
use crate::util::fs;

/// Creates a ledger under a temporary name, and renames it when its tables are complete. So another process finds either no
/// ledger or a complete one in WAL mode: the switch to WAL needs exclusive access, and SQLite does not wait for other
/// processes there but fails with `database is locked`.
pub(super) fn create(path: &Path) -> Result<(), StoreError> {
    let part = path.with_extension(format!("{}.part", std::process::id()));
    let not_writable = |error| StoreError::NotWritable(named(path), Box::new(error));
    let made = prepare(&part).map_err(not_writable).and_then(|()| {
        // Closing the connection moves the content of the log into the file.
        drop(Sqlite::at(&part, path)?);
        publish(&part, path).map_err(not_writable)
    });
    // After a rename the file does not exist any more; a file that cannot be removed does no harm.
    let _ = std::fs::remove_file(&part);
    made
}

fn prepare(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    fs::create_directories(directory_of(path), 0o700)?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    fs::inherit_owner(&options.open(path)?, path);
    Ok(())
}

fn directory_of(path: &Path) -> &Path {
    let directory = path
        .parent()
        .filter(|directory| !directory.as_os_str().is_empty());
    directory.unwrap_or(Path::new("."))
}

/// A hard link does not replace a file: of two processes that create the ledger at the same time, the second uses the ledger
/// of the first. On a file system without hard links the file is renamed.
fn publish(part: &Path, path: &Path) -> std::io::Result<()> {
    match std::fs::hard_link(part, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(_) => std::fs::rename(part, path)?,
        Ok(()) => {}
    }
    std::fs::File::open(directory_of(path))?.sync_all()
}

/// The settings of a connection.
///
/// `synchronous = FULL`, because with NORMAL 156 of 250 power cuts lost an intent that had been acknowledged. With QPSG a
/// plan does not depend on the values of parameters; otherwise a statement with a `limit` is compiled again at each call.
pub(super) fn settings(file: &File) -> rusqlite::Result<()> {
    file.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    file.busy_timeout(LONGEST_WAIT)?;
    use_wal(file)?;
    file.pragma_update(None, "synchronous", "full")?;
    file.pragma_update(None, "foreign_keys", true)?;
    file.pragma_update(None, "secure_delete", true)
}

/// How long a statement waits for a lock of another process.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Switches a file to WAL mode, for example one that was restored from a dump. The busy timeout of SQLite does not apply to
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

/// Checks the whole file for damage.
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

/// Opens a file without writing to its directory. If no process has it open and no crash has left a log, the file is the
/// whole ledger; otherwise SQLite also needs its other files.
pub(super) fn open_to_read(path: &Path) -> rusqlite::Result<File> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let has_log = ["-wal", "-journal"]
        .iter()
        .any(|suffix| with_suffix(path, suffix).exists());
    let query = if has_log { "" } else { "?immutable=1" };
    File::open_with_flags(format!("file:{}{query}", uri_path(path)), flags)
}

/// Encodes a path for a URI of SQLite.
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
