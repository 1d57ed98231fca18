//! DKIM (RFC 6376, RFC 8463): a letter names the domain that answers for it, and shows whether it was changed.
//!
//! Bytes in, one header field out: no file, no clock, no chance, so that a letter that is sent again bears the
//! same signature. What is signed is the message as it goes over the wire; whoever changes a byte of it behind
//! the signer breaks the signature. Only dots are doubled on the way (RFC 5321 section 4.5.2), and they are
//! single again before anybody verifies.
//!
//! Not here: `l=`, under which words can be appended to a signed body, and `x=`, which makes a letter that waits
//! in a queue a forged one.

mod fold;
mod key;
mod record;
mod relaxed;

pub use key::{Algorithm, KeyError, SigningKey};
pub use record::{name, strings};

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;

use fold::Folded;
use relaxed::Field;

/// The fields that are signed where a letter has them (RFC 6376 section 5.4.1), and whether one of them that is
/// added on the way breaks the signature: it does where the name stands in `h=` once more than in the letter
/// (section 8.15). List-Unsubscribe and its Post have to be signed (RFC 8058 section 4).
const SIGNED: [(&str, bool); 18] = [
    ("From", true),
    ("To", true),
    ("Cc", false),
    ("Subject", true),
    ("Date", true),
    ("Message-ID", false),
    ("Reply-To", true),
    ("MIME-Version", false),
    ("Content-Type", true),
    ("Content-Transfer-Encoding", false),
    ("List-Id", false),
    ("List-Unsubscribe", true),
    ("List-Unsubscribe-Post", true),
    ("List-Help", false),
    ("List-Owner", false),
    ("List-Archive", false),
    ("Feedback-ID", false),
    ("X-CSA-Complaints", false),
];

/// Signs letters for one domain with one key.
#[derive(Debug, Clone)]
pub struct Signer {
    /// The domain that answers for the letters, in ASCII.
    pub domain: String,
    /// Under which name below the domain its public key is found.
    pub selector: String,
    /// The private key.
    pub key: Arc<SigningKey>,
}

/// The key could not sign: the system gave no random numbers, which RSA is blinded with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignError;

impl std::fmt::Display for SignError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the DKIM key cannot sign")
    }
}

impl std::error::Error for SignError {}

impl Signer {
    /// The field `DKIM-Signature` of `message`, with the CRLF at its end; it belongs in front of the message.
    /// `at` is what `t=` says.
    ///
    /// The body is hashed whole. All copies of an edition begin with the same octets, but the reader's name comes
    /// soon behind them, and a hash that is begun once would save one octet in two hundred; the pictures, which
    /// weigh, stand at the end.
    ///
    /// # Errors
    /// When the key cannot sign, whatever the message is.
    pub fn sign(&self, message: &[u8], at: Timestamp) -> Result<String, SignError> {
        let (fields, body) = relaxed::parts(message);
        let mut signature = self.head_of_field(&fields, body, at);
        let data = signed_data(&fields, &signature.text);
        let value = BASE64_STANDARD.encode(self.key.sign(&data)?);
        signature.add_tag("b=");
        signature.add_long(&value);
        signature.text.push_str("\r\n");
        Ok(signature.text)
    }

    /// Everything before `b=`.
    fn head_of_field(&self, fields: &[Field<'_>], body: &[u8], at: Timestamp) -> Folded {
        let mut field = Folded::new("DKIM-Signature:");
        field.add_tag("v=1;");
        field.add_tag(&format!("a={};", self.key.algorithm().tag()));
        field.add_tag("c=relaxed/relaxed;");
        field.add_tag(&format!("d={};", self.domain));
        field.add_tag(&format!("s={};", self.selector));
        field.add_tag(&format!("t={};", at.as_second().max(0)));
        field.add_tag("h=");
        field.add_list(&signed_names(fields));
        let hash = BASE64_STANDARD.encode(relaxed::body_hash(body));
        field.add_tag(&format!("bh={hash};"));
        field
    }
}

/// What `h=` lists: each field as often as it is there, and once more against another.
fn signed_names(fields: &[Field<'_>]) -> Vec<&'static str> {
    let times = |name: &str, is_guarded: bool| {
        let there = fields.iter().filter(|field| field.is(name)).count();
        there + usize::from(is_guarded)
    };
    let names = SIGNED.iter();
    names
        .flat_map(|(name, is_guarded)| std::iter::repeat_n(*name, times(name, *is_guarded)))
        .collect()
}

/// What the signature is taken of (RFC 6376 section 3.7): the signed fields, the lowest of a name first, then
/// the signature's own field with nothing behind `b=` and without its CRLF. A name without a field adds nothing.
fn signed_data(fields: &[Field<'_>], signature: &str) -> Vec<u8> {
    let mut data = Vec::with_capacity(4096);
    for (name, _) in SIGNED {
        for field in fields.iter().rev().filter(|field| field.is(name)) {
            field.append_to(&mut data);
            data.extend_from_slice(b"\r\n");
        }
    }
    let own = format!("{signature} b=");
    for field in relaxed::parts(own.as_bytes()).0 {
        field.append_to(&mut data);
    }
    data
}
