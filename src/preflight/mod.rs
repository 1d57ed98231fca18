//! Checks of the sending domain and the relay before a campaign.

pub mod dns;
