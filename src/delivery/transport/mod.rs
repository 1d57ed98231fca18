//! Transports: SMTP to a relay, files, or a transport of the calling program.

use std::convert::Infallible;
use std::sync::Arc;

use crate::message::Message;
use crate::outcome::Outcome;

mod connection;
mod custom;
mod file;
mod pipelining;
mod probe;
mod session;
mod session_gate;
mod smtp;
mod stream;
mod timeouts;

pub use custom::{CustomTransport, Sending};
pub use file::FileTransport;
pub use probe::{ProbeReport, probe};
pub(super) use session::Session;
pub(super) use session_gate::{SessionGate, WaitingConnections};
pub use smtp::{SmtpTransport, TransportError};
pub use timeouts::Timeouts;

/// Where the messages of a route go.
#[derive(Debug, Clone)]
pub enum Transport {
    /// To a relay, by SMTP.
    Smtp(SmtpTransport),
    /// Into files; nothing leaves the machine.
    File(FileTransport),
    /// By a transport that the program brings itself.
    Custom(Arc<dyn CustomTransport>),
}

impl Transport {
    /// The name in the ledger: `host:port`, `outbox`, or the name of the custom transport.
    pub fn name(&self) -> String {
        match self {
            Self::Smtp(relay) => format!("{}:{}", relay.host, relay.port),
            Self::File(_) => "outbox".to_owned(),
            Self::Custom(custom) => custom.name(),
        }
    }
}

/// Sends one message over a relay without recording it in a ledger, for a test send.
///
/// # Errors
/// If no session can be opened.
pub async fn send_one(relay: &SmtpTransport, message: &Message) -> Result<Outcome, TransportError> {
    let mut session = relay.connect(&SessionGate::new()).await?;
    let commit = async { Ok::<(), Infallible>(()) };
    let outcome = match session.deliver(message, commit, || Ok(()), None).await {
        Ok(outcome) => outcome,
        Err(never) => match never {},
    };
    session.quit().await;
    Ok(outcome)
}
