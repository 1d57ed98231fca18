//! The delivery engine: recipients, routes, rates, connections, and the outcome of each delivery.
//!
//! A [`run`] leases deliveries from the ledger, encodes each message, passes it to a [`Transport`] and records the
//! outcome in the ledger. It does not know how a message looks.

mod circuit_breaker;
mod connection_limit;
pub mod forecast;
mod hint;
mod list_watch;
mod rate_limit;
mod recipients;
mod record;
mod route;
mod run;
mod suspension;
mod transport;

pub use circuit_breaker::CircuitBreaker;
pub use connection_limit::ConnectionLimit;
pub use list_watch::{BEING_WRITTEN, EMPTY_LIST, ListWatch};
pub use rate_limit::{RateLimiter, SharedRate, Wait};
pub use recipients::{Plan, StatusIndex, candidates, only};
pub use route::Route;
pub use run::{Ended, Report, Retry, Run, Tell, lease, run, send_one};
pub use suspension::Domains;
pub use transport::{
    FileTransport, ProbeReport, SmtpTransport, Timeouts, Transport, TransportError, probe,
};
