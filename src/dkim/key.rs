//! A private key: read from PEM, never printed.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};

use super::SignError;

/// How a signature is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA with SHA-256: what every host verifies.
    Rsa,
    /// Ed25519 with SHA-256 (RFC 8463): short and quick; Gmail and Outlook do not verify it.
    Ed25519,
}

impl Algorithm {
    /// What `a=` says.
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::Rsa => "rsa-sha256",
            Self::Ed25519 => "ed25519-sha256",
        }
    }
}

/// A private key that signs letters. Its `Debug` shows none of it.
pub struct SigningKey(Kind);

enum Kind {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Ed25519KeyPair),
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({:?})", self.algorithm())
    }
}

/// Why a file holds no key to sign with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyError {
    /// It is not PEM.
    NotPem,
    /// It is PEM of something else, which is named here: a certificate, a public key.
    Other(String),
    /// It needs a passphrase, which nobody types at the hour of sending.
    Locked,
    /// An RSA key below 2048 bits.
    Short,
    /// What is in it is damaged, or a key of another algorithm; ring's word for it.
    Unusable(String),
}

impl std::fmt::Display for KeyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotPem => f.write_str("it is not PEM"),
            Self::Other(what) => write!(f, "it holds a {what} and no private key"),
            Self::Locked => f.write_str("it is locked by a passphrase"),
            Self::Short => f.write_str("an RSA key needs 2048 bits"),
            Self::Unusable(why) => write!(
                f,
                "it holds neither an RSA key of 2048 to 4096 bits nor an Ed25519 key ({why})"
            ),
        }
    }
}

impl std::error::Error for KeyError {}

/// An Ed25519 key in PKCS#8 (RFC 8410 section 7), up to its 32 octets. The form with the public key behind it,
/// which ring would write, is not read by OpenSSL before 3.0.
const ED25519_HEAD: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

impl SigningKey {
    /// Reads a private key: RSA in PKCS#8 or PKCS#1, Ed25519 in PKCS#8.
    ///
    /// An RSA key below 2048 bits is an error: RFC 8301 wants 2048, and ring does not sign with less.
    ///
    /// # Errors
    /// Why there is none in `text`.
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

    /// A new Ed25519 key as PEM.
    ///
    /// # Errors
    /// When the system gives no random numbers.
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

    /// How it signs.
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            Kind::Rsa(_) => Algorithm::Rsa,
            Kind::Ed25519(_) => Algorithm::Ed25519,
        }
    }

    /// The public key as ring gives it: RSAPublicKey of PKCS#1, or 32 octets.
    pub(super) fn public(&self) -> &[u8] {
        match &self.0 {
            Kind::Rsa(pair) => pair.public_key().as_ref(),
            Kind::Ed25519(pair) => pair.public_key().as_ref(),
        }
    }

    /// The signature of `data`. That of RSA has no chance in it (PKCS#1 version 1.5); Ed25519 signs the hash and
    /// not the data, so that both sign what one hash says (RFC 8463 section 3).
    pub(super) fn sign(&self, data: &[u8]) -> Result<Vec<u8>, SignError> {
        match &self.0 {
            Kind::Rsa(pair) => {
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
            Kind::Ed25519(pair) => {
                let hash = digest(&SHA256, data);
                Ok(pair.sign(hash.as_ref()).as_ref().to_vec())
            }
        }
    }
}

/// The first block of PEM (RFC 7468): what it calls itself, and what is in it. Fields between its first line and
/// its base64, which OpenSSL once wrote, have a colon.
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
        // What is locked in that old way may hold anything.
        Err(_) if body.contains("ENCRYPTED") => Err(KeyError::Locked),
        Err(_) => Err(KeyError::NotPem),
    }
}

/// ring asks for the algorithm before it looks at anything else. The public key beside an Ed25519 key is
/// optional, and OpenSSL leaves it out.
fn pkcs8(der: &[u8]) -> Result<Kind, KeyError> {
    match Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
        Ok(pair) => Ok(Kind::Ed25519(pair)),
        Err(_) => rsa(RsaKeyPair::from_pkcs8(der)),
    }
}

fn rsa(pair: Result<RsaKeyPair, ring::error::KeyRejected>) -> Result<Kind, KeyError> {
    match pair {
        Ok(pair) => Ok(Kind::Rsa(Box::new(pair))),
        Err(why) if why.to_string() == "TooSmall" => Err(KeyError::Short),
        Err(why) => Err(KeyError::Unusable(why.to_string())),
    }
}
