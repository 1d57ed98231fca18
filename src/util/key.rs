//! Identifiers that only this newsletter can create: unsubscribe tokens and message IDs.
//!
//! They are message authentication codes (HMAC-SHA-256, RFC 2104) with a key that never leaves the newsletter's state.
//! A link reveals no address, and others cannot be forged.

use std::fmt::{self, Write as _};
use std::path::Path;

use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

use crate::util::fs;

/// The length of a code in octets: 128 bits.
const KEPT: usize = 16;

/// The beginning of codes that no server accepts; it is not hexadecimal.
const SPECIMEN: &str = "specimen";

/// The newsletter's secret key.
#[derive(Clone)]
pub struct Key {
    key: hmac::Key,
    is_specimen: bool,
}

/// Hides the secret.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// A public key for `build` and previews: its codes are marked, and servers reject them.
    pub fn specimen() -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, b"specimen"),
            is_specimen: true,
        }
    }

    /// The key in the file at `path`, which is generated on first use and readable by its owner only.
    ///
    /// # Errors
    /// If the file can neither be read nor created, or is not 32 octets long.
    pub fn at(path: &Path) -> std::io::Result<Self> {
        match Self::existing(path)? {
            Some(key) => Ok(key),
            None => {
                create(path)?;
                Self::of(path, &std::fs::read(path)?)
            }
        }
    }

    /// The key in the file at `path`, if it exists.
    ///
    /// # Errors
    /// If the file cannot be read, or is not 32 octets long.
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

    /// The code for a purpose and its parameters, in hexadecimal.
    pub fn code(&self, purpose: &str, parts: &[&str]) -> String {
        let mut code = String::with_capacity(2 * KEPT);
        for byte in self.mac(purpose, parts) {
            write!(code, "{byte:02x}").expect("writing to a String cannot fail");
        }
        self.marked(code)
    }

    /// The octets of the code for a purpose and its parameters: 128 bits of the HMAC.
    ///
    /// Each part is prefixed with its length, so that different lists of parts have different codes.
    pub fn mac(&self, purpose: &str, parts: &[&str]) -> [u8; KEPT] {
        let mut context = hmac::Context::with_key(&self.key);
        for part in std::iter::once(&purpose).chain(parts) {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part.as_bytes());
        }
        let signed = context.sign();
        *signed
            .as_ref()
            .first_chunk()
            .expect("HMAC-SHA-256 has 32 octets")
    }

    /// The code, marked if the key is a specimen. A mark does not change the length, so that lines break at the same
    /// positions in previews and in sent messages.
    pub fn marked(&self, mut code: String) -> String {
        if self.is_specimen {
            code.replace_range(..SPECIMEN.len(), SPECIMEN);
        }
        code
    }
}

/// A random identifier of 128 bits, in hexadecimal.
///
/// # Errors
/// If the system provides no random numbers.
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

/// Creates the key, unless another process has created it in the meantime: both must use the same one.
fn create(path: &Path) -> std::io::Result<()> {
    let secret = random::<32>()?;
    // Written atomically: a partial key would be rejected, and unsubscribe links already mailed would stop working.
    match fs::create_secret(path, &secret) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        created => created,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_that_create_a_key_at_once_get_the_same_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let start = std::sync::Barrier::new(8);
        let codes: std::collections::BTreeSet<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        Key::at(&path).unwrap().code("store", &[])
                    })
                })
                .collect();
            threads.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(codes.len(), 1);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_code_belongs_to_its_parts_and_its_key() {
        let folder = tempfile::tempdir().unwrap();
        // The remains of a run that was stopped while it created the key.
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
