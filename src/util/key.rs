//! Names that only this publication can give: a reader's link to leave, a message's identity.
//!
//! Both are authentication codes (HMAC-SHA-256, RFC 2104) over what they stand for, under a key that
//! never leaves the publication's state. Whoever reads a link learns no address, and cannot make another.

use std::fmt::Write as _;
use std::path::Path;

use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use crate::util::fs;

/// The octets of a code that are kept: 128 bits.
const KEPT: usize = 16;

/// At the head of codes that nobody accepts; no hexadecimal number begins like this.
const SPECIMEN: &str = "specimen";

/// The publication's key.
#[derive(Clone)]
pub struct Key {
    key: hmac::Key,
    is_specimen: bool,
}

impl Key {
    /// A key that everybody knows, for `build` and previews: its codes are marked, and no server that
    /// knows its business accepts them.
    pub fn specimen() -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, b"specimen"),
            is_specimen: true,
        }
    }

    /// The key kept at `path`, generated there at first use, readable by its owner alone.
    ///
    /// # Errors
    /// When the file can be neither read nor made, or is not 32 octets long.
    pub fn at(path: &Path) -> std::io::Result<Self> {
        match Self::existing(path)? {
            Some(key) => Ok(key),
            None => Self::of(path, &create(path)?),
        }
    }

    /// The key kept at `path`, if there is one.
    ///
    /// # Errors
    /// When the file cannot be read, or is not 32 octets long.
    pub fn existing(path: &Path) -> std::io::Result<Option<Self>> {
        match std::fs::read(path) {
            Ok(secret) => Self::of(path, &secret).map(Some),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn of(path: &Path, secret: &[u8]) -> std::io::Result<Self> {
        if secret.len() != 32 {
            let message = format!(
                "`{}` is not a key: it has {} octets instead of 32",
                path.display(),
                secret.len()
            );
            return Err(std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                message,
            ));
        }
        Ok(Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, secret),
            is_specimen: false,
        })
    }

    /// The code for one purpose and what it is about, in hexadecimal.
    ///
    /// The parts are told apart by their lengths, so that no two lists of parts share a code.
    pub fn code(&self, purpose: &str, parts: &[&str]) -> String {
        let mut context = hmac::Context::with_key(&self.key);
        for part in std::iter::once(&purpose).chain(parts) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut code = String::with_capacity(2 * KEPT);
        for byte in &context.sign().as_ref()[..KEPT] {
            write!(code, "{byte:02x}").expect("writing to a String cannot fail");
        }
        if self.is_specimen {
            // As long as a real one: a letter that is shown breaks its lines where the one that is sent does.
            code.replace_range(..SPECIMEN.len(), SPECIMEN);
        }
        code
    }
}

/// A random name of 128 bits, in hexadecimal.
///
/// # Errors
/// When the system has no random numbers.
pub fn unique() -> std::io::Result<String> {
    let octets = random::<KEPT>()?;
    Ok(octets.iter().map(|octet| format!("{octet:02x}")).collect())
}

fn random<const N: usize>() -> std::io::Result<[u8; N]> {
    let mut octets = [0; N];
    let filled = SystemRandom::new().fill(&mut octets);
    filled.map_err(|_| std::io::Error::other("the system provides no random numbers"))?;
    Ok(octets)
}

fn create(path: &Path) -> std::io::Result<Vec<u8>> {
    let secret = random::<32>()?;
    // Whole or not there: half a key would be refused for ever, and nobody could leave by an old link.
    fs::write_secret(path, &secret)?;
    Ok(secret.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_belongs_to_its_parts_and_its_key() {
        let folder = tempfile::tempdir().unwrap();
        // What a run leaves that is stopped while it makes the key.
        std::fs::write(folder.path().join("key.part"), b"half").unwrap();
        let key = Key::at(&folder.path().join("key")).unwrap();
        let again = Key::at(&folder.path().join("key")).unwrap();
        assert_eq!(
            key.code("leave", &["a", "b"]),
            again.code("leave", &["a", "b"])
        );
        assert_ne!(
            key.code("leave", &["a", "b"]),
            key.code("leave", &["ab", ""])
        );
        assert_ne!(key.code("leave", &["a"]), key.code("message", &["a"]));
        let specimen = Key::specimen().code("leave", &["a"]);
        assert!(specimen.starts_with(SPECIMEN));
        assert_eq!(specimen.len(), key.code("leave", &["a"]).len());
    }
}
