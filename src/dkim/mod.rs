//! DKIM signatures (RFC 6376, RFC 8463): a domain takes responsibility for a message and protects it from changes.
//!
//! The signer reads a message and returns one header field. It uses no files, no clock and no randomness that affects
//! its output, so that a message that is sent again has the same signature. It signs the message as it is transmitted;
//! a later change of a signed byte breaks the signature. Dot-stuffing (RFC 5321 section 4.5.2) does not, because the
//! server removes it before anyone verifies.
//!
//! Not supported: `l=`, which allows text to be appended to a signed body, and `x=`, which invalidates the signatures of
//! messages that wait in a queue.

mod fold;
mod generate;
mod key;
mod record;
mod relaxed;

pub use generate::GenerateError;
pub use key::{Algorithm, KeyError, SigningKey};
pub use record::{name, zone_line};

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;

use fold::Folded;
use relaxed::HeaderField;

/// The fields to sign if a message has them (RFC 6376 section 5.4.1), and whether they are oversigned: listed in `h=` once
/// more than they occur, so that adding another one breaks the signature (section 8.15). List-Unsubscribe and
/// List-Unsubscribe-Post must be signed (RFC 8058 section 4).
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

/// Signs messages for one domain with one key.
#[derive(Debug, Clone)]
pub struct Signer {
    /// The signing domain (`d=`), in ASCII.
    pub domain: String,
    /// The selector (`s=`): the public key is at `SELECTOR._domainkey.DOMAIN`.
    pub selector: String,
    /// The private key.
    pub key: Arc<SigningKey>,
}

/// The key cannot sign, because the system provides no random numbers (RSA needs them for blinding).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignError;

impl std::fmt::Display for SignError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the DKIM key cannot sign")
    }
}

impl std::error::Error for SignError {}

impl Signer {
    /// The field `DKIM-Signature` of `message`, including its CRLF, to be prepended to the message. `at` is the
    /// timestamp (`t=`).
    ///
    /// The whole body is hashed for each message. Messages of an edition share only a short prefix before the
    /// recipient's name (0.5 % of the octets), so reusing its hash state would not help; the pictures, the largest part,
    /// come last.
    ///
    /// # Errors
    /// If the key cannot sign; this does not depend on the message.
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

    /// The field up to `b=`.
    fn head_of_field(&self, fields: &[HeaderField<'_>], body: &[u8], at: Timestamp) -> Folded {
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

/// The names in `h=`: each field as often as it occurs, plus one if it is oversigned.
fn signed_names(fields: &[HeaderField<'_>]) -> Vec<&'static str> {
    let times = |name: &str| fields.iter().filter(|field| field.is(name)).count();
    let repeated = SIGNED.iter().flat_map(|(name, is_oversigned)| {
        std::iter::repeat_n(*name, times(name) + usize::from(*is_oversigned))
    });
    repeated.collect()
}

/// The input of the signature algorithm (RFC 6376 section 3.7): the signed fields, from the last of a name to the first,
/// then the field DKIM-Signature with an empty `b=` and without its CRLF. A name without a field adds nothing.
fn signed_data(fields: &[HeaderField<'_>], signature: &str) -> Vec<u8> {
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
