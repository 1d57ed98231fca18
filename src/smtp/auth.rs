//! Responses for SASL mechanisms that need more than base64 of the user name and password.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;

/// The CRAM-MD5 response to `challenge` (RFC 2195 section 2): user name and HMAC-MD5 digest, in base64.
pub(super) fn digest(user: &str, password: &str, challenge: &[u8]) -> String {
    let keyed = Hmac::<Md5>::new_from_slice(password.as_bytes());
    let mut digest = keyed.expect("HMAC accepts a key of any length");
    digest.update(challenge);
    let digest: String = digest
        .finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    STANDARD.encode(format!("{user} {digest}"))
}

/// The XOAUTH2 initial response, as Google and Microsoft document it: user name and access token, in base64.
pub(super) fn bearer(user: &str, token: &str) -> String {
    STANDARD.encode(format!("user={user}\x01auth=Bearer {token}\x01\x01"))
}
