//! TLS configuration: versions, trusted certificate authorities and errors.

mod error;
mod verifier;

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

pub use error::TlsError;
use verifier::Verifier;

use crate::util::{escape, system};

/// A file of certificate authorities that cannot be used.
#[derive(Debug)]
pub struct NoAuthorities {
    path: String,
    reason: String,
}

impl NoAuthorities {
    fn new(path: &Path, reason: &str) -> Self {
        let path = path.strip_prefix(".").unwrap_or(path);
        Self {
            path: escape::terminal(&path.to_string_lossy()),
            reason: system::without_number(reason),
        }
    }

    /// Why it cannot be used, such as `no such file or directory`.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl std::fmt::Display for NoAuthorities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, reason } = self;
        write!(f, "the certificate file `{path}` cannot be used: {reason}")
    }
}

impl std::error::Error for NoAuthorities {}

/// A client configuration for TLS 1.2 or newer that trusts Mozilla's root certificates and those in `ca_file`.
///
/// # Errors
/// If that file cannot be used.
pub fn config(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, NoAuthorities> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(path) = ca_file {
        add_authorities(path, &mut roots)?;
    }
    // The only place that names the cryptography provider.
    let provider = Arc::new(ring::default_provider());
    let verifier = Verifier::new(roots, Arc::clone(&provider));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring speaks every version that rustls does")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// Checks that a file of certificate authorities can be used.
///
/// # Errors
/// If it does not exist, or contains no certificate of an authority.
pub fn check_authorities(path: &Path) -> Result<(), NoAuthorities> {
    add_authorities(path, &mut RootCertStore::empty())
}

fn add_authorities(path: &Path, roots: &mut RootCertStore) -> Result<(), NoAuthorities> {
    let damaged = |_| NoAuthorities::new(path, "it contains a damaged certificate");
    let mut certificates = certificates(path)?.into_iter();
    certificates.try_for_each(|certificate| roots.add(certificate).map_err(damaged))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, NoAuthorities> {
    let found = CertificateDer::pem_file_iter(path)
        .and_then(|certificates| certificates.collect::<Result<Vec<_>, _>>())
        .map_err(|error| NoAuthorities::new(path, &error.to_string()))?;
    if found.is_empty() {
        return Err(NoAuthorities::new(path, "it contains no certificate"));
    }
    Ok(found)
}
