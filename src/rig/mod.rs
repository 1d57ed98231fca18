//! A rig for senders: a relay on this machine with faults of its own, a gun that kills the sender at a step of its
//! dialogue, and the sender's account, to be held against what arrived.
//!
//! `franking selftest` and the tests are made of it. It knows a sender as any user does, by its exit code, by what
//! it sends and by what `status --json` says, so that whatever is wrong inside cannot be wrong here too.

mod account;
mod chance;
mod gun;
mod relay;
mod weather;

pub use account::Account;
pub use chance::Chance;
pub use gun::{Aimed, Ended, Gun, Moment, Shot};
pub use relay::{OnMessage, Relay};
pub use weather::{Fault, Weather};
