//! What is said to log in, where it takes more than a name and a password.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;

/// The name and the digest of a challenge (RFC 2195 section 2), in base64.
pub(super) fn digest(user: &str, password: &str, challenge: &[u8]) -> String {
    let keyed = Hmac::<Md5>::new_from_slice(password.as_bytes());
    let mut digest = keyed.expect("HMAC takes a key of any length");
    digest.update(challenge);
    let digest: String = digest
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    STANDARD.encode(format!("{user} {digest}"))
}

/// The name and an access token as Google and Microsoft describe XOAUTH2, in base64.
pub(super) fn bearer(user: &str, token: &str) -> String {
    STANDARD.encode(format!("user={user}\x01auth=Bearer {token}\x01\x01"))
}
