//! A rig for senders: a relay on this machine with faults of its own, a gun that kills the sender at a step of its
//! dialogue, and the sender's account, to be held against what arrived.
//!
//! `franking selftest` and the tests are made of it. It knows a sender as any user does, by its exit code, by what
//! it sends and by what `status --json` says, so that whatever is wrong inside cannot be wrong here too.

mod crash;
mod faults;
mod relay;
mod report;
mod rng;
pub mod sink;

pub use crash::{Crash, CrashInjector, CrashPoint, RunningSender, SenderExit};
pub use faults::{Fault, FaultScript};
pub use relay::{OnMessage, SimulatedRelay};
pub use report::LedgerReport;
pub use rng::Rng;
