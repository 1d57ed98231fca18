//! The keys of unsubscribe tokens: the newsletter's key, and those that were added since (`.franking/key-1`, …).

use std::io::ErrorKind;
use std::path::PathBuf;

use super::{Failure, FailureKind, Sources, Workspace, display_path};
use crate::store::Store;
use crate::subscriber::TokenKeys;
use crate::util::key::Key;

impl Workspace {
    /// The keys of unsubscribe tokens; `first` is the newsletter's key.
    ///
    /// # Errors
    /// When one of them is damaged or cannot be read.
    pub fn token_keys(&self, first: &Key) -> Result<TokenKeys, Failure> {
        let mut keys = TokenKeys::first(first.clone());
        for number in 1..=TokenKeys::LAST {
            let path = self.token_key_file(number);
            let key = Key::existing(&path).map_err(|error| unreadable(&path, &error))?;
            if let Some(key) = key {
                keys.insert(number, key);
            }
        }
        Ok(keys)
    }

    /// Adds a key of unsubscribe tokens and returns its file. New campaigns use it; the old keys remain.
    ///
    /// # Errors
    /// When there is no key yet, a key is missing here that the ledger knows, another process adds one at the same time, or a
    /// file or the ledger cannot be written.
    pub fn rotate_token_key(&self, sources: &Sources) -> Result<PathBuf, Failure> {
        let store = self.existing_store_at(&sources.newsletter.store)?;
        self.check_key(store.as_ref())?;
        let Some(first) = self.existing_key()? else {
            let message = "there is no key yet, so there is nothing to rotate";
            return Err(Failure::new(FailureKind::Usage, message)
                .hint("the first `franking send` generates the key"));
        };
        let newest = self.token_keys(&first)?.newest();
        if newest == TokenKeys::LAST {
            let message = format!("there are {} keys already", u32::from(newest) + 1);
            return Err(Failure::new(FailureKind::Usage, message)
                .hint("tokens have room for two digits; campaigns continue with the newest key"));
        }
        self.add_token_key(newest + 1, &first, store.as_ref())
    }

    fn add_token_key(
        &self,
        number: u8,
        first: &Key,
        store: Option<&Store>,
    ) -> Result<PathBuf, Failure> {
        let path = self.token_key_file(number);
        Key::at(&path).map_err(|error| unreadable(&path, &error))?;
        // From now on, a machine without the key stops and asks for it.
        if let Some(store) = store {
            store.require_token_keys(&self.token_keys(first)?)?;
        }
        Ok(path)
    }

    /// The file of the key with this number, from 1.
    pub fn token_key_file(&self, number: u8) -> PathBuf {
        self.state().join(format!("key-{number}"))
    }
}

fn unreadable(path: &std::path::Path, error: &std::io::Error) -> Failure {
    let path = display_path(path);
    if error.kind() == ErrorKind::InvalidData {
        let message = format!("the key `{path}` is damaged");
        return Failure::new(FailureKind::LedgerDamaged, message)
            .caused_by(error)
            .hint("restore it from a backup, or copy it from a machine that has sent before");
    }
    Failure::io(format!("no key at `{path}`"), error)
}
