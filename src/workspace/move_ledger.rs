//! Move the ledger to another place.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use url::Url;

use super::{Failure, FailureKind, Warned, Warning, Workspace};
use crate::newsletter::config::{FILE, StoreUrl};
use crate::store::{MigratedRows, Store, StoreError};
use crate::util::escape;

/// A ledger that was moved.
#[derive(Debug)]
pub struct MovedLedger {
    /// How many rows it has.
    pub rows: MigratedRows,
    /// Where it was.
    pub from: String,
    /// Where it is.
    pub to: String,
}

impl Workspace {
    /// Moves the ledger to the store `to`, which must be empty.
    ///
    /// # Errors
    /// When there is no ledger, `to` is not empty, or one of the two cannot be read or written.
    pub fn move_ledger(&self, to: &StoreUrl) -> Result<Warned<MovedLedger>, Failure> {
        let sources = self.load()?;
        let _lock = self.lock("store migrate")?;
        let found = self.ledger_to_read(&sources)?;
        let mut from = found.value.ok_or_else(|| {
            let hint = format!("there is nothing to move; write the new store into {FILE}");
            Failure::new(FailureKind::Usage, "nothing has been sent yet").hint(hint)
        })?;
        let mut warnings = found.warnings;
        let target = self.migration_target(to)?;
        warnings.extend(target.warnings);
        let mut target = target.value;
        let rows = from.move_to(&mut target)?;
        // From now on a backup of the old place is older than the marker.
        target.advance(&self.marker(), self.now.as_second())?;
        Ok(Warned {
            value: MovedLedger {
                rows,
                from: from.place().to_string(),
                to: target.place().to_string(),
            },
            warnings,
        })
    }

    /// The empty store at `place` into which a ledger is moved. A file from which the ledger was moved before is only a
    /// backup: it is kept under another name. On a server nothing is replaced.
    ///
    /// # Errors
    /// When it cannot be opened, or the file cannot be renamed.
    fn migration_target(&self, place: &StoreUrl) -> Result<Warned<Store>, Failure> {
        let opened = match place {
            StoreUrl::File(path) if is_other_file(&self.directory.join(path)) => {
                return Err(not_a_ledger(path));
            }
            StoreUrl::File(path) => Store::open(&self.directory.join(path)),
            StoreUrl::Server(url) => Store::connect(url, &self.directory),
        };
        match (opened, place) {
            (Err(StoreError::Moved(_)), StoreUrl::File(path)) => {
                let kept = self.rename_aside("moved ledger", &self.directory.join(path))?;
                let message = format!(
                    "`{path}` was the ledger before an earlier move; it is kept as `{kept}`"
                );
                Ok(Warned {
                    value: self.store_at(place)?,
                    warnings: vec![Warning::new(message)],
                })
            }
            (Err(StoreError::Moved(place)), StoreUrl::Server(_)) => Err(Failure::new(
                FailureKind::Usage,
                format!("the database `{place}` contains the ledger of before an earlier move"),
            )
            .hint(
                "nothing was moved; name an empty database in `--to`, or empty this one first: `dropdb` and `createdb`",
            )),
            (opened, _) => opened
                .map(Warned::none)
                .map_err(|error| Failure::of_target(&error)),
        }
    }
}

/// Whether there is a file at `path` that SQLite has not written. An empty file can become a ledger.
fn is_other_file(path: &Path) -> bool {
    const MAGIC: &[u8] = b"SQLite format 3\0";
    let mut head = Vec::new();
    let file = File::open(path).map(|file| file.take(MAGIC.len() as u64));
    let read = file.and_then(|mut file| file.read_to_end(&mut head));
    read.is_ok() && !head.is_empty() && head != MAGIC
}

fn not_a_ledger(path: &str) -> Failure {
    let message = format!("`{}` exists and is not a ledger", escape::terminal(path));
    Failure::new(FailureKind::Usage, message).hint(
        "nothing was moved; name a file that does not exist, such as `--to sqlite:.franking/moved.db`",
    )
}

/// Parses a store from a command line. A password is refused, because every user of the machine can read arguments.
///
/// # Errors
/// When it is not the URL of a store, or has a password.
pub fn parse_store(text: &str) -> Result<StoreUrl, Failure> {
    if Url::parse(text).is_ok_and(|url| url.password().is_some()) {
        let message = "a password is not allowed in an argument";
        return Err(Failure::new(FailureKind::Usage, message)
            .hint("every user of this machine can read arguments; set `PGPASSWORD`"));
    }
    StoreUrl::parse(text).map_err(|why| {
        let message = format!("invalid value for `--to`: {why}");
        Failure::new(FailureKind::Usage, message).hint(StoreUrl::HINT)
    })
}
