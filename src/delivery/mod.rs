//! Delivering: who gets the edition, how fast, over which connections, and what became of each.
//!
//! Nothing here knows how a letter looks. A [`run`] takes deliveries out of the ledger, has each letter
//! written, hands it to the relay or to the outbox, and gives the outcome back to the ledger.

mod crowd;
mod domains;
mod entrance;
pub mod forecast;
mod guard;
mod lane;
mod limits;
mod list_watch;
mod outbox;
mod pace;
mod plan;
mod probe;
mod remedy;
mod run;
mod settle;
mod smtp;
mod stream;

pub use crowd::ConnectionLimit;
pub use domains::Domains;
pub use guard::CircuitBreaker;
pub use lane::Route;
pub use limits::Limits;
pub use list_watch::{BEING_WRITTEN, EMPTY_LIST, ListWatch};
pub use outbox::FileTransport;
pub use pace::{RateLimiter, SharedRate, Wait};
pub use plan::{Plan, StatusIndex, candidates, only};
pub use probe::{Found, probe};
pub use run::{Ended, Report, Retry, Run, Tell, lease, run, send_one};
pub use smtp::{Relay, RelayError};

/// Where letters go.
#[derive(Debug, Clone)]
pub enum Transport {
    /// To a relay, by SMTP.
    Smtp(Relay),
    /// Into files; nothing leaves the machine.
    File(FileTransport),
}

impl Transport {
    /// The name that the ledger gives it: `host:port`, or `outbox`.
    pub fn name(&self) -> String {
        match self {
            Self::Smtp(relay) => format!("{}:{}", relay.host, relay.port),
            Self::File(_) => "outbox".to_owned(),
        }
    }
}
