//! HTTP servers for a person's browser.

pub mod preview;
