//! The keyed hash of a mailbox: it identifies a suppressed mailbox whose address was removed.

use std::fmt;
use std::io;
use std::path::Path;

use crate::util::key::Key;

/// What the codes of the key are used for; a code for one purpose is never the code for another.
const MAILBOX: &str = "suppressed mailbox";
const CHECK: &str = "suppression key check";

/// The length of a hash in hexadecimal digits: 128 bits.
const DIGITS: usize = 32;

/// The secret key of the hashes of mailboxes. It is never rotated: with another key, a suppressed mailbox without an
/// address can no longer be recognised.
///
/// It is not the newsletter's key. That key may be replaced (`--new-key`), and it goes to each machine that sends.
#[derive(Debug, Clone)]
pub struct SuppressionKey(Key);

/// The keyed hash of a mailbox: HMAC-SHA-256 (RFC 2104) of the key of its address, shortened to 128 bits, in lower-case
/// hexadecimal digits. Without the key, it is impossible to test whether an address has this hash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailboxHash(String);

impl SuppressionKey {
    /// The key in the file at `path`. On first use a key is generated, and only the owner of the file can read it. Of two
    /// processes that generate it at the same time, both get the same key.
    ///
    /// # Errors
    /// If the file cannot be read or created, or is not 32 octets long ([`io::ErrorKind::InvalidData`]).
    pub fn at(path: &Path) -> io::Result<Self> {
        Key::at(path).map(Self)
    }

    /// The key in the file at `path`, if it exists.
    ///
    /// # Errors
    /// As [`SuppressionKey::at`].
    pub fn existing(path: &Path) -> io::Result<Option<Self>> {
        Ok(Key::existing(path)?.map(Self))
    }

    /// The hash of the mailbox with this key; see [`Address::key`](super::Address::key).
    ///
    /// # Examples
    ///
    /// ```
    /// use franking::subscriber::{Address, MailboxHash, SuppressionKey};
    ///
    /// let folder = tempfile::tempdir()?;
    /// let key = SuppressionKey::at(&folder.path().join("suppression-key"))?;
    /// let hash = |text| key.hash(&Address::parse(text).expect("an address").key());
    /// assert_eq!(hash("Ada@Rivers.example"), hash("ada@rivers.example"));
    /// assert_eq!(MailboxHash::parse(hash("ada@rivers.example").as_str()), Some(hash("ada@rivers.example")));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn hash(&self, address_key: &str) -> MailboxHash {
        MailboxHash(self.0.code(MAILBOX, &[address_key]))
    }

    /// The value by which a store recognises the key. The key cannot be derived from it.
    pub fn check_value(&self) -> String {
        self.0.code(CHECK, &[])
    }
}

impl MailboxHash {
    /// A hash as an export or the store has it: 32 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |octet: u8| matches!(octet, b'0'..=b'9' | b'a'..=b'f');
        let is_hash = text.len() == DIGITS && text.bytes().all(is_digit);
        is_hash.then(|| Self(text.to_owned()))
    }

    /// The hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MailboxHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_depends_on_the_key_and_the_mailbox() {
        let folder = tempfile::tempdir().unwrap();
        let key = |name: &str| SuppressionKey::at(&folder.path().join(name)).unwrap();
        let (one, two) = (key("suppression-key"), key("another"));
        let hash = one.hash("ada@rivers.example");
        assert_eq!(hash, key("suppression-key").hash("ada@rivers.example"));
        assert_ne!(hash, one.hash("ada@lakes.example"));
        assert_ne!(hash, two.hash("ada@rivers.example"));
        assert_ne!(one.check_value(), two.check_value());
    }

    /// A published vector: another version must compute the same hashes.
    #[test]
    fn the_hash_of_a_known_key_does_not_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("suppression-key");
        std::fs::write(&path, [7; 32]).unwrap();
        let key = SuppressionKey::existing(&path).unwrap().unwrap();
        assert_eq!(
            key.hash("ada@rivers.example").as_str(),
            "3b701e7a70f329793225fac0333a8bae"
        );
    }

    #[test]
    fn only_a_hash_is_parsed_as_one() {
        let upper = "A".repeat(DIGITS);
        let not = ["", "ada@rivers.example", "0123", upper.as_str()];
        assert!(
            not.into_iter()
                .all(|text| MailboxHash::parse(text).is_none())
        );
        assert!(MailboxHash::parse(&"a1".repeat(DIGITS / 2)).is_some());
    }
}
