//! The DNS record of a public key (RFC 6376 section 3.6).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::{Algorithm, SigningKey};

/// The longest string in a TXT record, in octets (RFC 1035 section 3.3). The strings of a record are concatenated.
const LONGEST_STRING: usize = 255;

/// The AlgorithmIdentifier of a SubjectPublicKeyInfo (RFC 5280): `rsaEncryption` without parameters. The text of RFC 6376
/// specifies the bare key, but its examples have this form, and so do records in practice.
const RSA_ALGORITHM: [u8; 15] = [
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

impl SigningKey {
    /// The content of the record, `v=DKIM1; k=rsa; p=…`.
    pub fn record(&self) -> String {
        let public = match self.algorithm() {
            Algorithm::Rsa => rsa_public(self.public()),
            Algorithm::Ed25519 => self.public().to_vec(),
        };
        let public = BASE64_STANDARD.encode(public);
        format!("v=DKIM1; k={}; p={public}", self.kind())
    }

    /// Whether `public`, the decoded `p=` of a record, is the public key of this private key. The longer of the two forms
    /// of an RSA key ends with the shorter one.
    pub fn is_published_as(&self, public: &[u8]) -> bool {
        match self.algorithm() {
            Algorithm::Rsa => public.ends_with(self.public()),
            Algorithm::Ed25519 => public == self.public(),
        }
    }

    /// The value of the tag `k=` in the record.
    pub fn kind(&self) -> &'static str {
        match self.algorithm() {
            Algorithm::Rsa => "rsa",
            Algorithm::Ed25519 => "ed25519",
        }
    }
}

/// The domain name of the record.
pub fn name(selector: &str, domain: &str) -> String {
    format!("{selector}._domainkey.{domain}")
}

/// The record as a line of a zone file (RFC 1035 section 5.1).
pub fn zone_line(selector: &str, domain: &str, key: &SigningKey) -> String {
    let record = key.record();
    let strings = strings(&record).into_iter();
    let strings: Vec<String> = strings.map(|string| format!("\"{string}\"")).collect();
    let name = name(selector, domain);
    format!("{name}. IN TXT ( {} )\n", strings.join(" "))
}

/// Splits the record, which is ASCII, into strings of at most 255 octets.
fn strings(record: &str) -> Vec<&str> {
    let starts = (0..record.len()).step_by(LONGEST_STRING);
    let end = |start: usize| record.len().min(start + LONGEST_STRING);
    starts.map(|start| &record[start..end(start)]).collect()
}

fn rsa_public(key: &[u8]) -> Vec<u8> {
    // The first octet of a bit string is the number of unused bits in its last octet.
    let bits = element(0x03, &[&[0], key].concat());
    element(0x30, &[&RSA_ALGORITHM[..], &bits].concat())
}

/// A DER element: tag, length and content (X.690 section 8.1).
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag], length_octets(content).as_slice(), content].concat()
}

/// The length octets of an element (X.690 section 8.1.3). The content, a key of at most 4096 bits, is shorter than 64 KiB.
fn length_octets(content: &[u8]) -> Vec<u8> {
    match u16::try_from(content.len()).map_or([0xff; 2], u16::to_be_bytes) {
        [0, low @ ..0x80] => vec![low],
        [0, low] => vec![0x81, low],
        [high, low] => vec![0x82, high, low],
    }
}
