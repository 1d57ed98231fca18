//! Replies without the secret of the login: some servers quote what AUTH sent, and replies are printed and recorded.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{Credentials, Response, auth};
use crate::newsletter::config::Password;

/// What replaces the secret.
const REDACTED: &str = "[password]";

/// A shorter secret is only replaced in its encoded forms: it is part of ordinary words.
const SHORTEST: usize = 4;

/// The texts that a reply must not contain.
#[derive(Debug, Default)]
pub struct Redaction(Vec<Password>);

impl Redaction {
    /// The password or token of `login`, and the forms in which AUTH sends it (RFC 4616, AUTH LOGIN, XOAUTH2).
    pub fn of(login: Option<&Credentials>) -> Self {
        let Some(login) = login else {
            return Self::default();
        };
        let (user, secret) = (&login.user, login.password.expose());
        let encoded = [
            STANDARD.encode(format!("\0{user}\0{secret}")),
            STANDARD.encode(format!("{user}\0{user}\0{secret}")),
            auth::bearer(user, secret),
            STANDARD.encode(secret),
        ];
        // A server may leave out the padding.
        let encoded = encoded.map(|text| text.trim_end_matches('=').to_owned());
        let plain = (secret.chars().count() >= SHORTEST).then(|| secret.to_owned());
        Self(
            encoded
                .into_iter()
                .chain(plain)
                .map(Password::from)
                .collect(),
        )
    }

    /// Replaces every secret in the text of a reply, in upper or lower case.
    pub fn apply(&self, reply: &mut Response) {
        for line in &mut reply.words {
            for secret in &self.0 {
                replace(line, secret.expose());
            }
        }
    }
}

fn replace(line: &mut String, secret: &str) {
    let mut from = 0;
    while let Some(at) = find(line, secret, from) {
        line.replace_range(at..at + secret.len(), REDACTED);
        from = at + REDACTED.len();
    }
}

/// Where `secret` begins at or after `from`, in upper or lower case.
fn find(line: &str, secret: &str, from: usize) -> Option<usize> {
    let is_here = |at: &usize| {
        let here = line.get(*at..*at + secret.len());
        here.is_some_and(|here| here.eq_ignore_ascii_case(secret))
    };
    (from..line.len()).find(is_here)
}
