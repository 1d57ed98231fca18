//! Add the unsubscribe tokens that earlier versions mailed to the store, once.

use std::collections::HashMap;

use super::{Failure, Workspace};
use crate::compile::edition::Edition;
use crate::store::{EarlierDelivery, MailedToken, Store};

impl Workspace {
    /// Adds the tokens of all messages that earlier versions may have mailed. If the process is killed meanwhile, the next call
    /// continues. `warn` gets a line for each edition that cannot be read, and whose links are not recognised.
    ///
    /// # Errors
    /// If the key or the ledger cannot be read, or the ledger cannot be written.
    pub fn add_earlier_tokens(
        &self,
        store: &Store,
        warn: &mut dyn FnMut(&str),
    ) -> Result<(), Failure> {
        let editions = store.editions_without_tokens()?;
        let Some(key) = self.existing_key()?.filter(|_| !editions.is_empty()) else {
            return Ok(());
        };
        let mut lists: HashMap<i64, HashMap<i64, String>> = HashMap::new();
        for (send, number, digest) in editions {
            let list_ids = lists.entry(send).or_default();
            match Edition::thaw(&store.edition(&digest)?) {
                Ok(edition) => drop(list_ids.insert(number, edition.sender.list_id)),
                Err(error) => warn(&unreadable(&digest, &error.to_string())),
            }
        }
        let keys = self.token_keys(&key)?;
        let Some(key) = keys.get(None) else {
            return Ok(());
        };
        for (send, list_ids) in lists {
            let token = |delivery: &EarlierDelivery| {
                let list_id = list_ids.get(&delivery.edition)?;
                Some(MailedToken {
                    digest: key.token(list_id, &delivery.address_key).digest(),
                    address_key: delivery.address_key.clone(),
                })
            };
            while store.add_earlier_tokens(send, token)? {}
        }
        Ok(())
    }
}

fn unreadable(digest: &str, why: &str) -> String {
    let digest = digest.get(..8).unwrap_or(digest);
    format!("unsubscribe links of the earlier edition {digest} will not be recognised: {why}")
}
