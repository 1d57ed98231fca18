//! The delivery engine: recipients, routes, rates, connections, and the outcome of each delivery.
//!
//! A [`run`] leases deliveries from the ledger, encodes each message, passes it to a [`Transport`] and records the
//! outcome in the ledger. It does not know how a message looks.

mod attempt;
mod circuit_breaker;
mod connection_limit;
mod end;
pub mod forecast;
mod hint;
mod list_watch;
mod rate_limit;
mod recipients;
mod retry;
mod route;
mod run;
mod settings;
mod signals;
mod suspension;
mod transport;
mod worker;

pub use attempt::Attempt;
pub use circuit_breaker::CircuitBreaker;
use connection_limit::ConnectionLimit;
pub use end::StopReason;
pub use list_watch::{BEING_WRITTEN, EMPTY_LIST, ListWatch};
use rate_limit::SharedRate;
pub use rate_limit::{RateLimiter, Wait};
pub use recipients::{Plan, StatusIndex, candidates, only};
pub use retry::Retry;
pub use route::{Route, RouteConfig};
pub use run::run;
pub use settings::{OnNotice, OnOutcome, Run, lease};
pub use suspension::Suspensions;
pub use transport::{
    CustomTransport, FileTransport, ProbeReport, Sending, SmtpTransport, Timeouts, Transport,
    TransportError, probe, send_one,
};

/// Unix seconds. The command has checked that `FRANKING_NOW` can be read.
fn now() -> i64 {
    crate::util::clock::now()
        .map(jiff::Timestamp::as_second)
        .unwrap_or_default()
}
