//! Unsubscribe tokens: a token identifies one subscriber of one list, and is the same in all issues.
//!
//! A token is the number of its key, one or two digits, and 22 characters of base64url (RFC 4648 section 5): 128 bits of
//! HMAC-SHA-256 over the purpose, the list and the mailbox. Base32 ignores case by design, but needs 26 characters for the same
//! bits, and a List-Unsubscribe line with a host name of 39 characters would pass the 78 octets of RFC 5322 section 2.1.1.
//! So tokens are base64url, and the look-up ignores case instead: see [`UnsubscribeToken::digest`].
//!
//! Earlier versions mailed 32 hexadecimal digits without a number.

mod keys;
mod parse;

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::digest;

pub use keys::{TokenKey, TokenKeys};

/// The characters of 128 bits in base64url.
const BASE64_CHARACTERS: usize = 22;

/// The characters of 128 bits in hexadecimal.
const HEX_CHARACTERS: usize = 32;

/// What identifies a token in the store, 16 octets.
pub type TokenDigest = [u8; 16];

/// The unsubscribe token of a subscriber, as links contain it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UnsubscribeToken {
    text: String,
    is_earlier_form: bool,
}

impl UnsubscribeToken {
    /// The token of 128 bits of an HMAC; `number` is that of the key, and `None` the form of earlier versions.
    fn of(code: [u8; 16], number: Option<u8>) -> Self {
        let text = match number {
            Some(number) => format!("{number}{}", BASE64_URL_SAFE_NO_PAD.encode(code)),
            None => code.iter().map(|octet| format!("{octet:02x}")).collect(),
        };
        Self {
            text,
            is_earlier_form: number.is_none(),
        }
    }

    /// The characters, as links contain them.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it has the form of earlier versions, 32 hexadecimal digits.
    pub fn is_earlier_form(&self) -> bool {
        self.is_earlier_form
    }

    /// The digest under which the store has the token: SHA-256 of the token in lower case, shortened to 128 bits.
    ///
    /// The store has no tokens, so a copy of it does not unsubscribe anybody, and the time of a look-up does not depend on how
    /// many characters of a guess are right. Lower case, because some mail clients change the case of a subject. A token whose
    /// case is ignored still has 106 bits of entropy at least: the most frequent characters are the 26 letters, each with a
    /// probability of 1 in 32.
    pub fn digest(&self) -> TokenDigest {
        let folded = self.text.to_ascii_lowercase();
        let digest = digest::digest(&digest::SHA256, folded.as_bytes());
        *digest
            .as_ref()
            .first_chunk()
            .expect("SHA-256 has 32 octets")
    }
}

impl fmt::Display for UnsubscribeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
