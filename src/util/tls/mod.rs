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

use crate::util::system;

/// The reason why a file of certificates cannot be used.
#[derive(Debug)]
pub struct NoAuthorities(String);

impl std::fmt::Display for NoAuthorities {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
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
        for certificate in certificates(path)? {
            roots
                .add(certificate)
                .map_err(|error| unusable(path, &system::without_number(&error.to_string())))?;
        }
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

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, NoAuthorities> {
    let found = CertificateDer::pem_file_iter(path)
        .and_then(|certificates| certificates.collect::<Result<Vec<_>, _>>())
        .map_err(|error| unusable(path, &system::without_number(&error.to_string())))?;
    if found.is_empty() {
        return Err(unusable(path, "it contains no certificate"));
    }
    Ok(found)
}

fn unusable(path: &Path, why: &str) -> NoAuthorities {
    NoAuthorities(format!("`{}` cannot be used: {why}", path.display()))
}
