//! The newsletter's ledger, compared with its marker before anything relies on it.

use std::path::PathBuf;

use clap::Args;

use super::context::{Context, shown};
use super::exit::{Exit, Failure};
use crate::load::Folder;
use crate::publication::StoreUrl;
use crate::store::{Marker, Mismatch, Store};
use crate::terminal;

/// What a person has decided about a ledger that is not the one of the last run.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Accepted {
    /// Begin a new ledger although another one was used: issues that were sent can be sent again.
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
            Mismatch::Missing | Mismatch::Empty => self.new_ledger,
            Mismatch::Other | Mismatch::Older | Mismatch::Unmarked => self.accept_restored,
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
            if matches!(mismatch, Mismatch::Missing | Mismatch::Empty) {
                return Err(failure);
            }
            terminal::warning(failure.message());
            failure.advice().into_iter().for_each(terminal::hint);
        } else if let Err(failure) = self.known_key(store.as_ref()) {
            terminal::warning(failure.message());
            failure.advice().into_iter().for_each(terminal::hint);
        }
        Ok(store)
    }

    /// The ledger for a command that sends, if there is one: it has to be the one of the last run, or `accepted`.
    pub(super) fn ledger_to_resume(
        &self,
        folder: &Folder,
        accepted: &Accepted,
    ) -> Result<Option<Store>, Failure> {
        let store = self.existing_store(folder)?;
        let mismatch = self.mismatch(store.as_ref())?;
        if let Some(mismatch) = mismatch.filter(|mismatch| !accepted.covers(*mismatch)) {
            return Err(self.contradiction(mismatch, &folder.publication.store));
        }
        self.require_key(store.as_ref(), accepted)?;
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
            None => self.store(folder)?,
        };
        if self.mismatch(Some(&store))?.is_some() {
            store.advance(&self.marker(), self.now.as_second())?;
        }
        if accepted.new_key {
            store.forget_key()?;
        }
        Ok(store)
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
                if has_sent || Marker::read(&self.marker())?.is_some() {
                    return Err(self.lost_key());
                }
                Ok(())
            }
        }
    }

    /// The key with which messages have been mailed is not there.
    pub(super) fn lost_key(&self) -> Failure {
        let path = self.key_file();
        let message = format!("the key `{}` is lost", shown(&path));
        Failure::new(Exit::Damaged, message).hint(
            "restore it from a backup, or copy it from a machine that has sent before. Without \
             it, unsubscribe links in mailed messages stop working: `franking send` with `--new-key` accepts that",
        )
    }

    /// How the ledger contradicts the marker, if it does.
    pub(super) fn mismatch(&self, store: Option<&Store>) -> Result<Option<Mismatch>, Failure> {
        let marker = Marker::read(&self.marker())?;
        Ok(Marker::mismatch(marker.as_ref(), store)?)
    }

    /// What is wrong with a ledger, and what to do about it.
    pub(super) fn contradiction(&self, mismatch: Mismatch, store: &StoreUrl) -> Failure {
        let place = match store {
            StoreUrl::File(path) => format!("`{path}`"),
            StoreUrl::Server(_) => "the database of `[store]` `url`".to_owned(),
        };
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
        };
        Failure::new(Exit::Damaged, message).hint(hint)
    }
}

const NEW: &str = "correct `[store]` `url` in newsletter.toml, or restore the ledger from a backup; `franking send` \
                   with `--new-ledger` begins a new one, and issues that were sent can be sent again";

const RESTORED: &str = "correct `[store]` `url` in newsletter.toml, or restore the latest backup of `.franking`; \
                        `franking send` with `--accept-restored` uses this ledger, and what it does not know is sent \
                        again";
