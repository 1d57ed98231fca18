//! Servers that a person's browser talks to.

pub mod preview;
