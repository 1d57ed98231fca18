//! Probes a relay without sending: greeting, TLS, login, QUIT.

use std::time::Duration;

use tokio::time::timeout;

use super::session_gate::SessionGate;
use super::smtp::{SmtpTransport, TransportError};
use crate::smtp::Extensions;

/// Shorter than the limits of a send, which follow RFC 5321: an operator waits for the result, and a relay that needs
/// longer for its greeting has a problem.
const LIMIT: Duration = Duration::from_secs(60);

/// The result of a probe.
#[derive(Debug, Clone)]
pub struct ProbeReport {
    /// The TLS version; `None` without TLS.
    pub tls: Option<&'static str>,
    /// The extensions after TLS.
    pub extensions: Extensions,
}

/// Opens a session as a send does, and closes it.
///
/// # Errors
/// If a send could not open one, or if it takes longer than a minute.
pub async fn probe(relay: &SmtpTransport) -> Result<ProbeReport, TransportError> {
    let session = timeout(LIMIT, relay.connect(&SessionGate::new()))
        .await
        .map_err(|_| relay.unreachable("it does not answer within a minute"))??;
    let found = ProbeReport {
        tls: session.tls(),
        extensions: session.extensions.clone(),
    };
    session.quit().await;
    Ok(found)
}
