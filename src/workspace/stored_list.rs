//! The list in the store, opened when it is read first.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::newsletter::config::StoreUrl;
use crate::store::{Store, StoreError};
use crate::subscriber::{AudienceQuestion, StoredList, Subscriber};

/// The list in the store of a newsletter.
pub(super) struct ListInStore {
    url: StoreUrl,
    directory: PathBuf,
    /// The connection, once it was needed.
    store: Mutex<Option<Store>>,
}

impl std::fmt::Debug for ListInStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ListInStore").field(&self.directory).finish()
    }
}

impl ListInStore {
    pub(super) fn new(url: StoreUrl, directory: &Path) -> Self {
        Self {
            url,
            directory: directory.to_owned(),
            store: Mutex::default(),
        }
    }

    /// Reads from the store. A store that does not exist yet has an empty list.
    fn read<T: Default>(
        &self,
        read: impl FnOnce(&Store) -> Result<T, StoreError>,
    ) -> Result<T, String> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = |error: StoreError| error.to_string();
        if store.is_none() {
            *store = Store::existing_to_read(&self.url, &self.directory).map_err(failed)?;
        }
        let done = store.as_ref().map(read).transpose();
        if done.is_err() {
            // A connection that was lost is opened again by the next reading.
            *store = None;
        }
        done.map(Option::unwrap_or_default).map_err(failed)
    }
}

impl StoredList for ListInStore {
    fn revision(&self) -> Result<u64, String> {
        self.read(Store::list_revision)
    }

    fn census(&self) -> Result<(usize, BTreeSet<String>), String> {
        self.read(|store| Ok((store.subscribers()?, store.attribute_names()?)))
    }

    fn page(&self, after: i64) -> Result<Vec<(i64, Subscriber)>, String> {
        self.read(|store| store.subscribers_after(after))
    }

    fn find(&self, address_key: &str) -> Result<Option<Subscriber>, String> {
        self.read(|store| store.subscriber(address_key))
    }

    fn survey(
        &self,
        question: &AudienceQuestion<'_>,
        see: &mut dyn FnMut(&Subscriber),
    ) -> Result<(), String> {
        self.read(|store| store.survey_list(question, see))
    }
}
