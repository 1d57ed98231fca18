//! Franking composes a newsletter from TOML and sends it to every subscriber by SMTP, exactly once.
#![forbid(unsafe_code)]
pub mod catcher;
pub mod check;
pub mod cli;
pub mod clock;
pub mod deliver;
pub mod diag;
pub mod document;
pub mod edition;
pub mod escape;
pub mod html;
pub mod issue;
pub mod language;
pub mod letter;
pub mod load;
pub mod material;
pub mod outcome;
pub mod publication;
pub mod reader;
pub mod schedule;
pub mod slots;
pub mod store;
pub mod template;
pub mod terminal;
pub mod text;
pub mod token;
