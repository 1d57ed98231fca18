//! A visit to the relay that mails nothing: greeting, TLS, login, good-bye.

use std::time::Duration;

use tokio::time::timeout;

use super::session_gate::SessionGate;
use super::smtp::{SmtpTransport, TransportError};
use crate::smtp::Extensions;

/// A send waits for minutes, as RFC 5321 asks; somebody who waits for an answer does not, and a relay that needs
/// so long for a greeting is a finding.
const LIMIT: Duration = Duration::from_secs(60);

/// What a relay turned out to be.
#[derive(Debug, Clone)]
pub struct ProbeReport {
    /// Which TLS the connection was under; `None` in the clear.
    pub tls: Option<&'static str>,
    /// What it offers behind TLS.
    pub extensions: Extensions,
}

/// Goes as far as a send does before its first letter, and leaves.
///
/// # Errors
/// When a send would not get as far, or when it takes longer than a minute.
pub async fn probe(relay: &SmtpTransport) -> Result<ProbeReport, TransportError> {
    let session = timeout(LIMIT, relay.connect(&SessionGate::new()))
        .await
        .map_err(|_| relay.unreachable("it does not answer within a minute"))??;
    let found = session.found();
    session.quit().await;
    Ok(found)
}
