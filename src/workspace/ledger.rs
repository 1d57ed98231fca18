//! The ledger, compared with its marker before a command relies on it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{Failure, FailureKind, Sources, Warned, Warning, Workspace, display_path, read};
use crate::newsletter::config::StoreUrl;
use crate::store::{Marker, Mismatch, Send, Store, StoreError};
use crate::util::fs;

/// What was found at the place of the ledger.
enum FoundLedger {
    Store(Store),
    Nothing,
    /// A damaged file, to be replaced by a new ledger.
    Damaged(PathBuf),
}

/// How an existing ledger is opened.
type Open = fn(&StoreUrl, &Path) -> Result<Option<Store>, StoreError>;

/// What the operator accepts of a ledger or key that is not the one of the last run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LedgerPolicy {
    /// Begin a new ledger although another one was used.
    pub new_ledger: bool,
    /// Use this ledger although it is older than the last run, or another one.
    pub accept_restored: bool,
    /// Use another key than before, or generate one if it is lost.
    pub new_key: bool,
}

impl LedgerPolicy {
    fn covers(&self, mismatch: Mismatch) -> bool {
        match mismatch.is_restored() {
            true => self.accept_restored,
            false => self.new_ledger,
        }
    }
}

impl Workspace {
    /// The file that records the last generation of the ledger.
    pub fn marker(&self) -> PathBuf {
        self.state().join("marker")
    }

    /// The ledger for a command that only reads; `None` before the first send. A ledger that is not the one of the last
    /// run is returned with a warning.
    ///
    /// # Errors
    /// When the ledger is missing, empty or cannot be read.
    pub fn ledger_to_read(&self, sources: &Sources) -> Result<Warned<Option<Store>>, Failure> {
        let mut store = self.existing_store(sources)?;
        let mut warnings = Vec::new();
        if let Some(mismatch) = self.mismatch(store.as_ref())? {
            let failure = self.contradiction(mismatch, &sources.newsletter.store);
            if matches!(
                mismatch,
                Mismatch::Missing | Mismatch::Empty | Mismatch::KeyAlone
            ) {
                return Err(failure);
            }
            warnings.push(failure.into());
        } else if let Err(failure) = self.check_key(store.as_ref()) {
            warnings.push(failure.into());
        }
        if let Err(failure) = self.read_with_suppression_key(store.as_mut()) {
            warnings.push(failure.into());
        }
        self.warn_of_another_rehearsal(store.as_ref(), sources, &mut warnings)?;
        Ok(Warned {
            value: store,
            warnings,
        })
    }

    /// A rehearsal has no marker. A mistyped `[store]` `url` shows nevertheless, because the note of the last rehearsal
    /// names another ledger.
    fn warn_of_another_rehearsal(
        &self,
        store: Option<&Store>,
        sources: &Sources,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Failure> {
        let failure = self.another_rehearsal(store, &sources.newsletter.store)?;
        warnings.extend(failure.map(Warning::from));
        Ok(())
    }

    /// The error if the last rehearsal was written into another ledger.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub fn another_rehearsal(
        &self,
        store: Option<&Store>,
        place: &StoreUrl,
    ) -> Result<Option<Failure>, Failure> {
        // A note that cannot be read is ignored: the marker is the stronger check.
        let note = std::fs::read_to_string(self.rehearsed()).unwrap_or_default();
        let Some((ledger, before)) = note.trim_end().split_once(' ') else {
            return Ok(None);
        };
        if store.map(Store::id).transpose()?.as_deref() == Some(ledger) {
            return Ok(None);
        }
        let present = match place {
            StoreUrl::File(path) => format!("`{path}`"),
            StoreUrl::Server(_) => "another database".to_owned(),
        };
        let message = format!(
            "the last rehearsal used the ledger `{before}`, and `[store]` `url` names {present}"
        );
        Ok(Some(
            Failure::new(FailureKind::LedgerDamaged, message).hint(
                "correct `[store]` `url` in newsletter.toml if that is a mistake: another ledger does not have the \
                 campaigns of the first one",
            ),
        ))
    }

    /// Records which ledger a rehearsal has used, if nothing has been mailed yet.
    ///
    /// # Errors
    /// When the ledger cannot be read or the note cannot be written.
    pub fn note_ledger_of_rehearsal(&self, store: &Store) -> Result<(), Failure> {
        let note = self.rehearsed();
        if !note.exists() {
            return Ok(());
        }
        let line = format!("{} {}\n", store.id()?, store.place());
        fs::write_whole(&note, line.as_bytes()).map_err(|error| {
            Failure::io(
                format!("`{}` cannot be written", display_path(&note)),
                &error,
            )
        })
    }

    /// The ledger for a command that sends, if there is one.
    ///
    /// # Errors
    /// When it is not the one of the last run and `policy` does not accept that, or it cannot be read.
    pub fn ledger_to_resume(
        &self,
        sources: &Sources,
        policy: LedgerPolicy,
    ) -> Result<Warned<Option<Store>>, Failure> {
        self.matching_ledger(sources, policy, Store::existing)
    }

    /// As [`Workspace::ledger_to_resume`], for a dry run, which writes nothing.
    ///
    /// # Errors
    /// As [`Workspace::ledger_to_resume`].
    pub fn ledger_for_dry_run(
        &self,
        sources: &Sources,
        policy: LedgerPolicy,
    ) -> Result<Warned<Option<Store>>, Failure> {
        self.matching_ledger(sources, policy, Store::existing_to_read)
    }

    fn matching_ledger(
        &self,
        sources: &Sources,
        policy: LedgerPolicy,
        open: Open,
    ) -> Result<Warned<Option<Store>>, Failure> {
        let mut store = match self.undamaged_store(sources, policy, open)? {
            FoundLedger::Store(store) => Some(store),
            FoundLedger::Nothing | FoundLedger::Damaged(_) => None,
        };
        let mismatch = self.mismatch(store.as_ref())?;
        if let Some(mismatch) = mismatch.filter(|mismatch| !policy.covers(*mismatch)) {
            return Err(self.contradiction(mismatch, &sources.newsletter.store));
        }
        if !policy.new_key {
            self.check_key(store.as_ref())?;
        }
        self.read_with_suppression_key(store.as_mut())?;
        let mut warnings = Vec::new();
        self.warn_of_another_rehearsal(store.as_ref(), sources, &mut warnings)?;
        Ok(Warned {
            value: store,
            warnings,
        })
    }

    /// As [`Workspace::ledger_to_resume`], created if there is none. What `policy` accepts is recorded. Each warning goes to
    /// `warn` at once, because it also matters if a later step fails: a damaged ledger may have been renamed.
    ///
    /// # Errors
    /// As [`Workspace::ledger_to_resume`], and when it cannot be written.
    pub fn ledger_to_send(
        &self,
        sources: &Sources,
        policy: LedgerPolicy,
        warn: &mut dyn FnMut(&Warning),
    ) -> Result<Store, Failure> {
        let found = self.ledger_to_resume(sources, policy)?;
        found.warnings.iter().for_each(&mut *warn);
        let mut store = match found.value {
            Some(store) => store,
            None => {
                let renamed = self.set_damaged_ledger_aside(sources, policy)?;
                renamed.iter().for_each(&mut *warn);
                self.store_at(&sources.newsletter.store)?
            }
        };
        // A restored ledger is recorded by the run, after the operator has agreed to what may be sent again.
        let mismatch = self.mismatch(Some(&store))?;
        if mismatch.is_some_and(|mismatch| !mismatch.is_restored()) {
            store.advance(&self.marker(), self.now.as_second())?;
        }
        self.use_suppression_key(&mut store)?;
        if policy.new_key {
            store.forget_key()?;
            if self.existing_key().is_err() {
                warn(&self.set_aside("damaged key", &self.key_file())?);
            }
            let key = self.key(sources.newsletter.smtp.is_none())?;
            store.replace_token_keys(&self.token_keys(&key)?)?;
        }
        Ok(store)
    }

    /// The ledger that `newsletter.toml` names. A damaged one is an error, unless the operator has decided to begin a new
    /// one.
    fn undamaged_store(
        &self,
        sources: &Sources,
        policy: LedgerPolicy,
        open: Open,
    ) -> Result<FoundLedger, Failure> {
        let place = &sources.newsletter.store;
        match (open(place, &self.directory), place) {
            (Err(StoreError::Damaged(..)), StoreUrl::File(path)) if policy.new_ledger => {
                Ok(FoundLedger::Damaged(self.directory.join(path)))
            }
            (found, _) => Ok(found?.map_or(FoundLedger::Nothing, FoundLedger::Store)),
        }
    }

    fn set_damaged_ledger_aside(
        &self,
        sources: &Sources,
        policy: LedgerPolicy,
    ) -> Result<Option<Warning>, Failure> {
        match self.undamaged_store(sources, policy, Store::existing)? {
            FoundLedger::Damaged(path) => self.set_aside("damaged ledger", &path).map(Some),
            FoundLedger::Store(_) | FoundLedger::Nothing => Ok(None),
        }
    }

    fn set_aside(&self, what: &str, path: &Path) -> Result<Warning, Failure> {
        let kept = self.rename_aside(what, path)?;
        let message = format!("the {what} is kept as `{kept}`; a new one begins");
        Ok(Warning::new(message))
    }

    /// Renames a file, after the logs that belong to it: SQLite would apply the write-ahead log of a damaged ledger to
    /// the new one. `what` names the file and begins with the reason. Returns the new path for messages.
    pub(super) fn rename_aside(&self, what: &str, path: &Path) -> Result<String, Failure> {
        let aside = self.aside(what.split(' ').next().unwrap_or_default(), path);
        let beside = |path: &Path, suffix: &str| format!("{}{suffix}", path.display());
        for suffix in ["-wal", "-shm", ""] {
            match std::fs::rename(beside(path, suffix), beside(&aside, suffix)) {
                Err(error) if error.kind() == ErrorKind::NotFound && !suffix.is_empty() => {}
                renamed => renamed.map_err(|error| {
                    let message = format!("the {what} `{}` cannot be renamed", display_path(path));
                    Failure::new(FailureKind::LedgerUnavailable, message).caused_by(&error)
                })?,
            }
        }
        Ok(display_path(&aside))
    }

    /// The path to which [`Workspace::rename_aside`] renames a file for this reason.
    pub(super) fn aside(&self, reason: &str, path: &Path) -> PathBuf {
        let now = self.now.strftime("%Y%m%dT%H%M%SZ");
        let paths = (1..).map(|number: u32| {
            PathBuf::from(format!("{}.{reason}-{now}-{number}", path.display()))
        });
        let mut free = paths.filter(|path| !path.exists());
        free.next().unwrap_or_default()
    }

    /// The ledger at `place`, created if there is none.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn store_at(&self, place: &StoreUrl) -> Result<Store, Failure> {
        Ok(match place {
            StoreUrl::File(path) => Store::open(&self.directory.join(path))?,
            StoreUrl::Server(url) => Store::connect(url, &self.directory)?,
        })
    }

    /// The newsletter's ledger without any comparison, opened to read; `None` before the first send.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn existing_store(&self, sources: &Sources) -> Result<Option<Store>, Failure> {
        let place = &sources.newsletter.store;
        Ok(Store::existing_to_read(place, &self.directory)?)
    }

    /// The issues of the campaigns that are wanted, for shell completion: nothing is written or locked, and an error is an
    /// empty list. Only a ledger in a file is read; a server may take long to answer.
    pub fn issues_of_campaigns(&self, is_wanted: fn(&Send) -> bool) -> Vec<String> {
        let Ok(sources) = read(&self.directory) else {
            return Vec::new();
        };
        let store = match sources.newsletter.store {
            StoreUrl::File(_) => self.existing_store(&sources).ok().flatten(),
            StoreUrl::Server(_) => None,
        };
        let sends = store.and_then(|store| store.sends().ok());
        let sends = sends.unwrap_or_default().into_iter().filter(is_wanted);
        sends.map(|send| send.issue).collect()
    }

    /// The ledger at `place`, opened to send; `None` if there is none.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn existing_store_at(&self, place: &StoreUrl) -> Result<Option<Store>, Failure> {
        Ok(Store::existing(place, &self.directory)?)
    }

    /// How the ledger contradicts the marker, if it does.
    ///
    /// # Errors
    /// When the marker or the ledger cannot be read.
    pub fn mismatch(&self, store: Option<&Store>) -> Result<Option<Mismatch>, Failure> {
        let marker = match (Marker::read(&self.marker()), store) {
            (Err(StoreError::MarkerDamaged(..)), None) => return Ok(Some(Mismatch::Missing)),
            (Err(StoreError::MarkerDamaged(..)), Some(_)) => return Ok(Some(Mismatch::Damaged)),
            (read, _) => read?,
        };
        // The suppression key is created after the store that knows it.
        let has_key = self.has_used_key() || self.suppression_key_file().exists();
        let is_key_alone = marker.is_none() && store.is_none() && has_key;
        let alone = is_key_alone.then_some(Mismatch::KeyAlone);
        Ok(alone.or(Marker::mismatch(marker.as_ref(), store)?))
    }

    /// The error for a ledger that is not the one of the last run.
    pub fn contradiction(&self, mismatch: Mismatch, store: &StoreUrl) -> Failure {
        let place = shown_place(store);
        let marker = self.marker();
        let marker = display_path(&marker);
        let (message, hint) = match mismatch {
            Mismatch::Missing => (
                format!("no ledger {place}, but `{marker}` records earlier sends"),
                NEW,
            ),
            Mismatch::Empty => (
                format!("the ledger {place} is empty, but `{marker}` records earlier sends"),
                NEW,
            ),
            Mismatch::Other => (
                format!("the ledger {place} is not the one of the last run (`{marker}`)"),
                RESTORED,
            ),
            Mismatch::Older => (
                format!("the ledger {place} is older than the last run (`{marker}`)"),
                RESTORED,
            ),
            Mismatch::Unmarked => (
                format!("the ledger {place} was used before, but `{marker}` is missing"),
                RESTORED,
            ),
            Mismatch::Damaged => (
                format!(
                    "`{marker}` is damaged: whether the ledger {place} is the one of the last run is unknown"
                ),
                RESTORED,
            ),
            Mismatch::KeyAlone => (
                match self.has_used_key() {
                    true => format!(
                        "no ledger {place}, but the key `{}` of an earlier send",
                        display_path(&self.key_file())
                    ),
                    false => format!(
                        "no ledger {place}, but the key `{}` of suppressed addresses",
                        display_path(&self.suppression_key_file())
                    ),
                },
                NEW,
            ),
        };
        Failure::new(FailureKind::LedgerDamaged, message).hint(hint)
    }
}

/// Where a ledger is, after the words `the ledger`; without a password.
fn shown_place(store: &StoreUrl) -> String {
    match store {
        StoreUrl::File(path) => format!("at `{path}`"),
        StoreUrl::Server(_) => "in the database named by `[store]` `url`".to_owned(),
    }
}

const NEW: &str = "correct `[store]` `url` in newsletter.toml, or restore the ledger from a backup; `franking send` \
                   with `--new-ledger` begins a new one: issues that were sent can be sent again, and suppressed addresses and a \
                   list in the store are lost";

const RESTORED: &str = "correct `[store]` `url` in newsletter.toml, or restore the latest backup of `.franking`; \
                        `franking send` with `--accept-restored` uses this ledger, and what it does not know is sent \
                        again";
