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

pub use crowd::Crowd;
pub use domains::Domains;
pub use guard::Guard;
pub use lane::Lane;
pub use limits::Limits;
pub use list_watch::{BEING_WRITTEN, EMPTY_LIST, ListWatch};
pub use outbox::Outbox;
pub use pace::{Pace, SharedRate, Wait};
pub use plan::{Plan, Standings, candidates, only};
pub use probe::{Found, probe};
pub use run::{Ended, Report, Retry, Run, Tell, lease, run, send_one};
pub use smtp::{Relay, RelayError};

/// Where letters go.
#[derive(Debug, Clone)]
pub enum Way {
    /// To a relay, by SMTP.
    Smtp(Relay),
    /// Into files; nothing leaves the machine.
    Outbox(Outbox),
}

impl Way {
    /// The name that the ledger gives it: `host:port`, or `outbox`.
    pub fn name(&self) -> String {
        match self {
            Self::Smtp(relay) => format!("{}:{}", relay.host, relay.port),
            Self::Outbox(_) => "outbox".to_owned(),
        }
    }
}
