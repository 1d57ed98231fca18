//! Campaigns against real SMTP peers: what arrives, and what the ledger says.

pub mod accidents;
pub mod brakes;
mod connection_limit;
mod copies;
mod custom_transport;
mod daily;
mod interrupt;
pub mod kill;
mod kills;
mod long_list;
mod mass_refusals;
mod notices;
mod opening;
mod peers_failures;
mod rehearsal;
mod relay_faults;
mod relay_refusals;
mod relays;
mod resolve;
mod sessions;
mod suspensions;
mod tls_and_login;
mod warm_up;
mod window;
