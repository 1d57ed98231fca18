//! The public key as the DNS tells it (RFC 6376 section 3.6).

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::{Algorithm, SigningKey};

/// The most octets of one string in a TXT record (RFC 1035 section 3.3); a record has several, which are read
/// as one.
const LONGEST_STRING: usize = 255;

/// SubjectPublicKeyInfo (RFC 5280) up to its key: `rsaEncryption` without parameters. RFC 6376 asks for the bare
/// key in its text and gives this in its examples; the world follows the examples.
const RSA_ALGORITHM: [u8; 15] = [
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

impl SigningKey {
    /// `v=DKIM1; k=rsa; p=…`
    pub fn record(&self) -> String {
        let public = match self.algorithm() {
            Algorithm::Rsa => rsa_public(self.public()),
            Algorithm::Ed25519 => self.public().to_vec(),
        };
        let public = BASE64_STANDARD.encode(public);
        format!("v=DKIM1; k={}; p={public}", self.kind())
    }
}

impl SigningKey {
    /// Whether `p=` of a record, decoded, is the public half of this key. Of the two forms that an RSA key has
    /// there, the longer ends with the shorter.
    pub fn is_told_by(&self, public: &[u8]) -> bool {
        match self.algorithm() {
            Algorithm::Rsa => public.ends_with(self.public()),
            Algorithm::Ed25519 => public == self.public(),
        }
    }

    /// What `k=` of its record says.
    pub fn kind(&self) -> &'static str {
        match self.algorithm() {
            Algorithm::Rsa => "rsa",
            Algorithm::Ed25519 => "ed25519",
        }
    }
}

/// Where the record stands.
pub fn name(selector: &str, domain: &str) -> String {
    format!("{selector}._domainkey.{domain}")
}

/// The record, which is ASCII, in strings of 255 octets.
pub fn strings(record: &str) -> Vec<&str> {
    let mut strings = Vec::new();
    let mut rest = record;
    while !rest.is_empty() {
        let (string, after) = rest.split_at(LONGEST_STRING.min(rest.len()));
        strings.push(string);
        rest = after;
    }
    strings
}

fn rsa_public(key: &[u8]) -> Vec<u8> {
    // A bit string says first how many bits of its last octet do not count.
    let bits = element(0x03, &[&[0], key].concat());
    element(0x30, &[&RSA_ALGORITHM[..], &bits].concat())
}

/// Tag, length and content (DER, X.690 section 8.1); a key of 4096 bits has less than 64 KiB.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).map_or([0xff; 2], u16::to_be_bytes);
    let length: &[u8] = match (high, low) {
        (0, ..0x80) => &[low],
        (0, _) => &[0x81, low],
        _ => &[0x82, high, low],
    };
    [&[tag], length, content].concat()
}
