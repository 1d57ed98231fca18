//! Campaigns against real SMTP peers: what arrives, and what the ledger says.

mod attention;
pub mod campaign_control;
mod connection_limit;
mod copies;
mod custom_transport;
mod daily_quota;
mod dsn;
mod handshake;
mod interrupt;
pub mod kill;
mod kills;
pub mod local_failures;
mod long_list;
mod mass_refusals;
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
