//! How messages leave: by SMTP to a relay, or into files.

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
    /// Its name in the ledger: `host:port`, or `outbox`.
    pub fn name(&self) -> String {
        match self {
            Self::Smtp(relay) => format!("{}:{}", relay.host, relay.port),
            Self::File(_) => "outbox".to_owned(),
            Self::Custom(custom) => custom.name(),
        }
    }
}

/// Sends one message over a relay, without a ledger: a test.
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
