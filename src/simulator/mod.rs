//! The delivery simulator: an SMTP relay with injected faults, a crash injector that kills the sender at a point of its
//! SMTP dialogue, and the ledger report, to be compared with the messages that arrived.
//!
//! `franking selftest` and the tests use it. It observes a sender only from the outside, as a user does: exit code,
//! messages sent, and `status --json`. So it does not share errors with the code that it tests.

mod crash;
mod demo;
mod faults;
mod relay;
mod report;
mod rng;
pub mod sink;

pub use crash::{Crash, CrashInjector, CrashPoint, RunningSender, SenderExit};
pub use demo::DemoFaults;
pub use faults::{Fault, FaultScript};
pub use relay::{OnMessage, SimulatedRelay};
pub use report::LedgerReport;
pub use rng::Rng;
