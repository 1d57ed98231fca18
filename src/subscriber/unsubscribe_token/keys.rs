//! The keys of unsubscribe tokens. A new key is for new messages; the old ones remain, because a campaign keeps its key.

use std::collections::BTreeMap;

use super::UnsubscribeToken;
use crate::util::key::Key;

/// What the codes of the key are used for.
const LEAVE: &str = "leave";
const CHECK: &str = "token key check";

/// A key of unsubscribe tokens, and the form of its tokens.
#[derive(Debug, Clone)]
pub struct TokenKey {
    key: Key,
    /// The number that tokens begin with; `None` for the form of earlier versions.
    number: Option<u8>,
}

impl TokenKey {
    /// The key for messages that are not sent: its tokens are marked, and the store never has them.
    pub fn specimen() -> Self {
        let (key, number) = (Key::specimen(), Some(0));
        Self { key, number }
    }

    /// The token of a mailbox on a list. `address_key` is [`Address::key`](crate::subscriber::Address::key).
    pub fn token(&self, list_id: &str, address_key: &str) -> UnsubscribeToken {
        let code = self.key.mac(LEAVE, &[list_id, address_key]);
        let token = UnsubscribeToken::of(code, self.number);
        UnsubscribeToken {
            text: self.key.marked(token.text),
            ..token
        }
    }
}

/// The keys of a newsletter, by their numbers. Number 0 is the newsletter's key, with which earlier versions made all tokens.
#[derive(Debug, Clone)]
pub struct TokenKeys(BTreeMap<u8, Key>);

impl TokenKeys {
    /// The largest number of a key: two digits.
    pub const LAST: u8 = 99;

    /// The newsletter's key alone.
    pub fn first(key: Key) -> Self {
        Self(BTreeMap::from([(0, key)]))
    }

    /// Adds the key with this number.
    pub fn insert(&mut self, number: u8, key: Key) {
        self.0.insert(number, key);
    }

    /// The number of the key of new messages.
    pub fn newest(&self) -> u8 {
        self.0.keys().next_back().copied().unwrap_or_default()
    }

    /// The key with this number, if there is one; `None` is the form of earlier versions.
    pub fn get(&self, number: Option<u8>) -> Option<TokenKey> {
        let key = self.0.get(&number.unwrap_or_default())?.clone();
        Some(TokenKey { key, number })
    }

    /// The numbers of all keys.
    pub fn numbers(&self) -> impl Iterator<Item = u8> {
        self.0.keys().copied()
    }

    /// The numbers of the keys after the first, each with a value by which a store recognises the key. The key cannot be
    /// derived from it.
    pub fn check_values(&self) -> impl Iterator<Item = (u8, String)> {
        let rotated = self.0.iter().filter(|(number, _)| **number > 0);
        rotated.map(|(number, key)| (*number, key.code(CHECK, &[])))
    }
}
