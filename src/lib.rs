//! Franking composes a newsletter from TOML and sends it to every subscriber by SMTP, exactly once.
#![forbid(unsafe_code)]
pub mod clock;
pub mod diag;
pub mod document;
pub mod escape;
pub mod issue;
pub mod language;
pub mod publication;
pub mod reader;
pub mod slots;
