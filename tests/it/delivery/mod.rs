//! Campaigns against real SMTP peers: what arrives, and what the ledger says.

pub mod accidents;
pub mod brakes;
mod copies;
mod custom_transport;
mod daily;
pub mod kill;
mod kills;
mod long_list;
mod notices;
mod opening;
mod peers_failures;
mod rehearsal;
mod relay_faults;
mod relays;
mod resolve;
mod scopes;
mod sessions;
mod warm_up;
mod window;
