//! The newsletter's ledger, compared with its marker before anything relies on it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Once;

use clap::Args;

use super::context::{Context, shown};
use super::exit::{Exit, Failure};
use crate::cli::terminal;
use crate::newsletter::config::StoreUrl;
use crate::store::{Marker, Mismatch, Store, StoreError};
use crate::workspace::Folder;

/// What is in the place of the ledger.
enum Found {
    Store(Store),
    Nothing,
    /// A file that is not a ledger, or a broken one, instead of which a new one is to begin.
    Damaged(PathBuf),
}

/// How a ledger is opened that is there.
type Open = fn(&StoreUrl, &Path) -> Result<Option<Store>, StoreError>;

/// What a person has decided about a ledger that is not the one of the last run.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Accepted {
    /// Begin a new ledger although another one was used: issues that were sent can be sent again. A damaged one is
    /// renamed.
    #[arg(long)]
    new_ledger: bool,
    /// Use this ledger although it is older than the last run, or another one: what it does not know is sent again.
    #[arg(long, conflicts_with = "new_ledger")]
    accept_restored: bool,
    /// Use another key than before, or generate one if it is lost: unsubscribe links in mailed messages stop working.
    #[arg(long)]
    new_key: bool,
}

impl Accepted {
    fn covers(&self, mismatch: Mismatch) -> bool {
        match mismatch {
            Mismatch::Missing | Mismatch::Empty | Mismatch::KeyAlone => self.new_ledger,
            Mismatch::Other | Mismatch::Older | Mismatch::Unmarked | Mismatch::Damaged => {
                self.accept_restored
            }
        }
    }
}

impl Context {
    /// Where the last generation of the ledger is kept.
    pub(super) fn marker(&self) -> PathBuf {
        self.state().join("marker")
    }

    /// The ledger for a command that only reads, if a send has ever made one. A ledger that is not the one of the
    /// last run is shown with a warning; one that is gone or empty is an error.
    pub(super) fn ledger_to_read(&self, folder: &Folder) -> Result<Option<Store>, Failure> {
        let store = self.existing_store(folder)?;
        if let Some(mismatch) = self.mismatch(store.as_ref())? {
            let failure = self.contradiction(mismatch, &folder.publication.store);
            if matches!(
                mismatch,
                Mismatch::Missing | Mismatch::Empty | Mismatch::KeyAlone
            ) {
                return Err(failure);
            }
            terminal::warning(failure.message());
            failure.advice().into_iter().for_each(terminal::hint);
        } else if let Err(failure) = self.known_key(store.as_ref()) {
            terminal::warning(failure.message());
            failure.advice().into_iter().for_each(terminal::hint);
        }
        self.warn_of_another_rehearsal(store.as_ref(), folder)?;
        Ok(store)
    }

    /// A rehearsal has no marker, which a send would have to fit. A mistyped `[store]` `url` shows all the same: the note
    /// of the last rehearsal names another ledger.
    fn warn_of_another_rehearsal(
        &self,
        store: Option<&Store>,
        folder: &Folder,
    ) -> Result<(), Failure> {
        static ONCE: Once = Once::new();
        if let Some(failure) = self.another_rehearsal(store, &folder.publication.store)? {
            ONCE.call_once(|| {
                terminal::warning(failure.message());
                failure.advice().into_iter().for_each(terminal::hint);
            });
        }
        Ok(())
    }

    /// That the last rehearsal was written into another ledger, if it was.
    pub(super) fn another_rehearsal(
        &self,
        store: Option<&Store>,
        place: &StoreUrl,
    ) -> Result<Option<Failure>, Failure> {
        // A note that cannot be read says nothing; a marker says more.
        let note = std::fs::read_to_string(self.rehearsed()).unwrap_or_default();
        let Some((ledger, before)) = note.trim_end().split_once(' ') else {
            return Ok(None);
        };
        if store.map(Store::id).transpose()?.as_deref() == Some(ledger) {
            return Ok(None);
        }
        let present = shown_place(place);
        let message = format!(
            "the last rehearsal used the ledger `{before}`, and `[store]` `url` names {present}"
        );
        Ok(Some(Failure::new(Exit::Damaged, message).hint(
            "correct `[store]` `url` in newsletter.toml if that is a mistake: another ledger knows nothing of what the \
             first one has",
        )))
    }

    /// Writes down which ledger a rehearsal has used, where nothing has been mailed yet.
    pub(super) fn note_ledger_of_rehearsal(&self, store: &Store) -> Result<(), Failure> {
        let note = self.rehearsed();
        if !note.exists() {
            return Ok(());
        }
        let line = format!("{} {}\n", store.id()?, store.place());
        std::fs::write(&note, line)
            .map_err(|error| Failure::io(format!("`{}` cannot be written", shown(&note)), &error))
    }

    /// The ledger for a command that sends, if there is one: it has to be the one of the last run, or `accepted`.
    pub(super) fn ledger_to_resume(
        &self,
        folder: &Folder,
        accepted: &Accepted,
    ) -> Result<Option<Store>, Failure> {
        self.fitting_ledger(folder, accepted, Store::existing)
    }

    /// As [`Context::ledger_to_resume`] for a dry run, which writes nothing.
    pub(super) fn ledger_for_dry_run(
        &self,
        folder: &Folder,
        accepted: &Accepted,
    ) -> Result<Option<Store>, Failure> {
        self.fitting_ledger(folder, accepted, Store::existing_to_read)
    }

    fn fitting_ledger(
        &self,
        folder: &Folder,
        accepted: &Accepted,
        open: Open,
    ) -> Result<Option<Store>, Failure> {
        let store = match self.sound_store(folder, accepted, open)? {
            Found::Store(store) => Some(store),
            Found::Nothing | Found::Damaged(_) => None,
        };
        let mismatch = self.mismatch(store.as_ref())?;
        if let Some(mismatch) = mismatch.filter(|mismatch| !accepted.covers(*mismatch)) {
            return Err(self.contradiction(mismatch, &folder.publication.store));
        }
        self.require_key(store.as_ref(), accepted)?;
        self.warn_of_another_rehearsal(store.as_ref(), folder)?;
        Ok(store)
    }

    /// As [`Context::ledger_to_resume`]; created where there is none. What was accepted counts from now on.
    pub(super) fn ledger_to_send(
        &self,
        folder: &Folder,
        accepted: &Accepted,
    ) -> Result<Store, Failure> {
        let mut store = match self.ledger_to_resume(folder, accepted)? {
            Some(store) => store,
            None => {
                if let Found::Damaged(path) = self.sound_store(folder, accepted, Store::existing)? {
                    self.set_aside("ledger", &path, &["-wal", "-shm"])?;
                }
                self.store(folder)?
            }
        };
        if self.mismatch(Some(&store))?.is_some() {
            store.advance(&self.marker(), self.now.as_second())?;
        }
        if accepted.new_key {
            store.forget_key()?;
            let key = self.key_file();
            if self.existing_key().is_err() {
                self.set_aside("key", &key, &[])?;
            }
        }
        Ok(store)
    }

    /// The ledger that `newsletter.toml` names. One that is damaged is an error, unless a person has decided to begin a
    /// new one.
    fn sound_store(
        &self,
        folder: &Folder,
        accepted: &Accepted,
        open: Open,
    ) -> Result<Found, Failure> {
        let place = &folder.publication.store;
        match (open(place, &self.folder), place) {
            (Err(StoreError::Damaged(..)), StoreUrl::File(path)) if accepted.new_ledger => {
                Ok(Found::Damaged(self.folder.join(path)))
            }
            (found, _) => Ok(found?.map_or(Found::Nothing, Found::Store)),
        }
    }

    /// Gives a damaged file another name, after those that belong to it: beside a new ledger, SQLite would take the
    /// write-ahead log of the damaged one for its own.
    fn set_aside(&self, what: &str, path: &Path, with: &[&str]) -> Result<(), Failure> {
        let now = self.now.strftime("%Y%m%dT%H%M%SZ");
        let beside = |suffix: &str| PathBuf::from(format!("{}{suffix}", path.display()));
        let is_free = |number: &u32| !beside(&format!(".damaged-{now}-{number}")).exists();
        let number = (1..).find(is_free).unwrap_or_default();
        for suffix in with.iter().chain(&[""]) {
            let to = beside(&format!(".damaged-{now}-{number}{suffix}"));
            match std::fs::rename(beside(suffix), &to) {
                Err(error) if error.kind() == ErrorKind::NotFound && !suffix.is_empty() => {}
                renamed => renamed.map_err(|error| {
                    let message = format!("the {what} `{}` cannot be renamed", shown(path));
                    Failure::new(Exit::NotWritable, message).caused_by(&error)
                })?,
            }
        }
        terminal::warning(&format!(
            "the damaged {what} is kept as `{}`; a new one begins",
            shown(&beside(&format!(".damaged-{now}-{number}")))
        ));
        Ok(())
    }

    fn require_key(&self, store: Option<&Store>, accepted: &Accepted) -> Result<(), Failure> {
        if accepted.new_key {
            return Ok(());
        }
        self.known_key(store)
    }

    /// Makes sure that the key is the one that the ledger knows.
    ///
    /// A key is generated for a newsletter that has never been sent. All unsubscribe links ever mailed depend on
    /// it, so it is never replaced without a decision.
    pub(super) fn known_key(&self, store: Option<&Store>) -> Result<(), Failure> {
        match (self.existing_key()?, store) {
            (Some(key), Some(store)) => Ok(store.compare_key(&key.code("store", &[]))?),
            (Some(_), None) => Ok(()),
            (None, store) => {
                let has_sent = store.map(Store::has_sent).transpose()? == Some(true);
                if has_sent || self.marker().exists() {
                    return Err(self.lost_key());
                }
                Ok(())
            }
        }
    }

    /// The key with which messages have been mailed is not there.
    pub(super) fn lost_key(&self) -> Failure {
        self.unusable_key("lost")
    }

    /// The key with which messages have been mailed is lost or damaged.
    pub(super) fn unusable_key(&self, how: &str) -> Failure {
        let path = self.key_file();
        let message = format!("the key `{}` is {how}", shown(&path));
        Failure::new(Exit::Damaged, message).hint(
            "restore it from a backup, or copy it from a machine that has sent before. Without \
             it, unsubscribe links in mailed messages stop working: `franking send` with `--new-key` accepts that",
        )
    }

    /// How the ledger contradicts the marker, if it does.
    pub(super) fn mismatch(&self, store: Option<&Store>) -> Result<Option<Mismatch>, Failure> {
        let marker = match (Marker::read(&self.marker()), store) {
            (Err(StoreError::MarkerDamaged(..)), None) => return Ok(Some(Mismatch::Missing)),
            (Err(StoreError::MarkerDamaged(..)), Some(_)) => return Ok(Some(Mismatch::Damaged)),
            (read, _) => read?,
        };
        let is_key_alone = marker.is_none() && store.is_none() && self.has_used_key();
        let alone = is_key_alone.then_some(Mismatch::KeyAlone);
        Ok(alone.or(Marker::mismatch(marker.as_ref(), store)?))
    }

    /// Whether there is a key with which messages may have been mailed. Only runs generate one, and a rehearsal leaves a
    /// note beside the key that it has generated, until the first run over a relay.
    fn has_used_key(&self) -> bool {
        self.key_file().exists() && !self.rehearsed().exists()
    }

    /// What is wrong with a ledger, and what to do about it.
    pub(super) fn contradiction(&self, mismatch: Mismatch, store: &StoreUrl) -> Failure {
        let place = shown_place(store);
        let marker = self.marker();
        let marker = shown(&marker);
        let (message, hint) = match mismatch {
            Mismatch::Missing => (
                format!("no ledger at {place}, but `{marker}` records earlier sends"),
                NEW,
            ),
            Mismatch::Empty => (
                format!("the ledger at {place} is empty, but `{marker}` records earlier sends"),
                NEW,
            ),
            Mismatch::Other => (
                format!("the ledger at {place} is not the one of the last run (`{marker}`)"),
                RESTORED,
            ),
            Mismatch::Older => (
                format!("the ledger at {place} is older than the last run (`{marker}`)"),
                RESTORED,
            ),
            Mismatch::Unmarked => (
                format!("the ledger at {place} was used before, but `{marker}` is missing"),
                RESTORED,
            ),
            Mismatch::Damaged => (
                format!(
                    "`{marker}` is damaged: whether the ledger at {place} is the one of the last run is unknown"
                ),
                RESTORED,
            ),
            Mismatch::KeyAlone => (
                format!(
                    "no ledger at {place}, but the key `{}` of an earlier send",
                    shown(&self.key_file())
                ),
                NEW,
            ),
        };
        Failure::new(Exit::Damaged, message).hint(hint)
    }
}

/// A store as messages name it: without a password.
fn shown_place(store: &StoreUrl) -> String {
    match store {
        StoreUrl::File(path) => format!("`{path}`"),
        StoreUrl::Server(_) => "the database of `[store]` `url`".to_owned(),
    }
}

const NEW: &str = "correct `[store]` `url` in newsletter.toml, or restore the ledger from a backup; `franking send` \
                   with `--new-ledger` begins a new one, and issues that were sent can be sent again";

const RESTORED: &str = "correct `[store]` `url` in newsletter.toml, or restore the latest backup of `.franking`; \
                        `franking send` with `--accept-restored` uses this ledger, and what it does not know is sent \
                        again";
