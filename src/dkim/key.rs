//! Private keys: read from PEM, never printed.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};

use super::SignError;

/// A signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA with SHA-256, which all mailbox providers verify.
    Rsa,
    /// Ed25519 with SHA-256 (RFC 8463): short and fast, but Gmail and Outlook do not verify it.
    Ed25519,
}

impl Algorithm {
    /// The value of the tag `a=`.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::Rsa => "rsa-sha256",
            Self::Ed25519 => "ed25519-sha256",
        }
    }
}

/// A private key that signs messages. `Debug` prints the algorithm only.
pub struct SigningKey(KeyKind);

enum KeyKind {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Ed25519KeyPair),
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({:?})", self.algorithm())
    }
}

/// Why a file does not contain a usable signing key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyError {
    /// The file is not PEM.
    NotPem,
    /// The file contains another PEM object, named here: a certificate or a public key, for example.
    Other(String),
    /// The key is encrypted. Sending is unattended, so there is no prompt for a passphrase.
    Locked,
    /// The RSA key has fewer than 2048 bits.
    Short,
    /// The key is damaged or of another algorithm; the description is from ring.
    Unusable(String),
}

impl std::fmt::Display for KeyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotPem => f.write_str("it is not PEM"),
            Self::Other(what) => write!(f, "it contains a {what} instead of a private key"),
            Self::Locked => f.write_str("it is encrypted with a passphrase"),
            Self::Short => f.write_str("an RSA key must have at least 2048 bits"),
            Self::Unusable(why) => write!(
                f,
                "it contains neither an RSA key of 2048 to 4096 bits nor an Ed25519 key ({why})"
            ),
        }
    }
}

impl std::error::Error for KeyError {}

/// The PKCS#8 encoding of an Ed25519 key (RFC 8410 section 7) before its 32 octets. The form with the public key, which
/// ring writes, is not supported by OpenSSL before 3.0.
const ED25519_HEAD: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

impl SigningKey {
    /// Reads a private key: RSA in PKCS#8 or PKCS#1, or Ed25519 in PKCS#8.
    ///
    /// # Errors
    /// If `text` does not contain a usable key. An RSA key of fewer than 2048 bits is an error: RFC 8301 recommends at
    /// least 2048, and ring does not sign with shorter keys.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let (label, der) = first_key(text)?;
        let kind = match label {
            "PRIVATE KEY" => pkcs8(&der)?,
            "RSA PRIVATE KEY" if text.contains("Proc-Type: 4,ENCRYPTED") => {
                return Err(KeyError::Locked);
            }
            "RSA PRIVATE KEY" => rsa(RsaKeyPair::from_der(&der))?,
            "ENCRYPTED PRIVATE KEY" => return Err(KeyError::Locked),
            other => return Err(KeyError::Other(other.to_lowercase())),
        };
        Ok(Self(kind))
    }

    /// Generates an Ed25519 key and returns it as PEM.
    ///
    /// # Errors
    /// If the system provides no random numbers.
    pub fn new_ed25519() -> Result<String, SignError> {
        let mut der = ED25519_HEAD.to_vec();
        der.resize(ED25519_HEAD.len() + 32, 0);
        SystemRandom::new()
            .fill(&mut der[ED25519_HEAD.len()..])
            .map_err(|_| SignError)?;
        let body = BASE64_STANDARD.encode(der);
        Ok(format!(
            "-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"
        ))
    }

    /// The algorithm of the key.
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            KeyKind::Rsa(_) => Algorithm::Rsa,
            KeyKind::Ed25519(_) => Algorithm::Ed25519,
        }
    }

    /// The public key as ring encodes it: a PKCS#1 RSAPublicKey, or the 32 octets of an Ed25519 key.
    pub(super) fn public(&self) -> &[u8] {
        match &self.0 {
            KeyKind::Rsa(pair) => pair.public_key().as_ref(),
            KeyKind::Ed25519(pair) => pair.public_key().as_ref(),
        }
    }

    /// Signs `data`. Both algorithms are deterministic. RSA uses PKCS#1 version 1.5 padding; Ed25519 signs the SHA-256
    /// hash of the data (RFC 8463 section 3).
    pub(super) fn sign(&self, data: &[u8]) -> Result<Vec<u8>, SignError> {
        match &self.0 {
            KeyKind::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(
                    &RSA_PKCS1_SHA256,
                    &SystemRandom::new(),
                    data,
                    &mut signature,
                )
                .map_err(|_| SignError)?;
                Ok(signature)
            }
            KeyKind::Ed25519(pair) => {
                let hash = digest(&SHA256, data);
                Ok(pair.sign(hash.as_ref()).as_ref().to_vec())
            }
        }
    }
}

/// The label and the content of the first PEM block (RFC 7468). Lines with a colon are the header lines that old versions
/// of OpenSSL wrote before the base64.
fn first_key(text: &str) -> Result<(&str, Vec<u8>), KeyError> {
    let (_, rest) = text.split_once("-----BEGIN ").ok_or(KeyError::NotPem)?;
    let (label, rest) = rest.split_once("-----").ok_or(KeyError::NotPem)?;
    let end = format!("-----END {label}-----");
    let (body, _) = rest.split_once(&end).ok_or(KeyError::NotPem)?;
    let lines = body.lines().filter(|line| !line.contains(':'));
    let base64: String = lines.flat_map(str::split_whitespace).collect();
    let der = BASE64_STANDARD.decode(base64);
    match der {
        Ok(der) => Ok((label, der)),
        // An encrypted block in the old format may have any content.
        Err(_) if body.contains("ENCRYPTED") => Err(KeyError::Locked),
        Err(_) => Err(KeyError::NotPem),
    }
}

/// Reads a PKCS#8 key, as Ed25519 first: ring checks the algorithm before anything else. The public key of an Ed25519 key
/// is optional, and OpenSSL omits it.
fn pkcs8(der: &[u8]) -> Result<KeyKind, KeyError> {
    match Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
        Ok(pair) => Ok(KeyKind::Ed25519(pair)),
        Err(_) => rsa(RsaKeyPair::from_pkcs8(der)),
    }
}

fn rsa(pair: Result<RsaKeyPair, ring::error::KeyRejected>) -> Result<KeyKind, KeyError> {
    match pair {
        Ok(pair) => Ok(KeyKind::Rsa(Box::new(pair))),
        Err(why) if why.to_string() == "TooSmall" => Err(KeyError::Short),
        Err(why) => Err(KeyError::Unusable(why.to_string())),
    }
}
