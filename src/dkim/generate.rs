//! Generating private keys.

use std::fmt;
use std::io;
use std::process::{Command, ExitStatus, Stdio};

use super::{Algorithm, SigningKey};

/// Why no key was generated.
#[derive(Debug)]
pub enum GenerateError {
    /// The system provides no random numbers.
    NoRandomNumbers,
    /// `openssl` cannot be run.
    NoOpenssl(io::Error),
    /// `openssl` failed; the text is the last line of its output.
    OpensslFailed(ExitStatus, String),
}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRandomNumbers => f.write_str("the system provides no random numbers"),
            Self::NoOpenssl(_) => f.write_str("cannot run `openssl`, which generates RSA keys"),
            Self::OpensslFailed(status, last) => {
                write!(f, "`openssl` generated no key ({status}): {last}")
            }
        }
    }
}

impl std::error::Error for GenerateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::NoOpenssl(error) => Some(error),
            Self::NoRandomNumbers | Self::OpensslFailed(..) => None,
        }
    }
}

impl Algorithm {
    /// Generates a private key and returns it as PEM.
    ///
    /// ring signs with RSA keys but does not generate them. The crates that do depend on 31 others and have an open
    /// advisory about timing (RUSTSEC-2023-0071), or need a C++ compiler. The program `openssl` is installed on nearly
    /// every mail server, and is needed once for each key.
    ///
    /// # Errors
    /// When `openssl` or the system's random number generator cannot be used.
    pub fn generate(self) -> Result<String, GenerateError> {
        match self {
            Self::Ed25519 => SigningKey::new_ed25519().map_err(|_| GenerateError::NoRandomNumbers),
            Self::Rsa => by_openssl(),
        }
    }
}

/// The key is read from a pipe, so that it is never in a file that others can read.
fn by_openssl() -> Result<String, GenerateError> {
    let output = Command::new("openssl")
        .args(["genpkey", "-algorithm", "RSA"])
        .args(["-pkeyopt", "rsa_keygen_bits:2048"])
        .stdin(Stdio::null())
        .output()
        .map_err(GenerateError::NoOpenssl)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().last().unwrap_or_default().to_owned();
        return Err(GenerateError::OpensslFailed(output.status, last));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
