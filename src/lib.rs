//! Franking composes a newsletter from TOML and sends it to every subscriber by SMTP, exactly once.
//!
//! # The road of the data
//!
//! ```text
//! issues/*.toml ──┐
//! newsletter.toml ├─ issue::read ──▶ Issue ─┐
//! templates/*  ───┴─ template::read ▶ Template ┴─ Edition::compile ─▶ Edition ─┐
//! subscribers.toml ── List::read ─▶ Reader, … ─ deliver::candidates ─▶ Send ───┼─ letter::write ─▶ Letter
//!                                                   ▲                         │               │
//!                                                   └── store ◀── Outcome ◀── deliver::run ───┘
//! ```
//!
//! Each arrow takes values and returns a new type. Readers pass one by one: a list is never in memory. What
//! stands left of `deliver` is pure apart from reading its files: no clock, no network, the same files give the
//! same bytes.
//!
//! # The order of the modules
//!
//! A module imports only modules that stand before it in this list. A test reads the list from here and
//! compares it with every `crate::` path.
//!
//! 0. On its own: `clock`, `colour`, `characters`, `escape`, `files`, `diag`, `dkim`, `network`, `system`
//! 1. What the files say: `language`, `token`, `outcome`, `document`, `terminal`, `slots`, `reader`,
//!    `publication`, `smtp`, `trust`, `picture`, `issue`, `template`, `material`
//! 2. How it looks: `html`, `text`
//! 3. Compiled: `edition`
//! 4. For one reader, and what is remembered: `letter`, `check`, `load`, `store`
//! 5. On its way: `visit`, `catcher`, `rig`, `dns`, `deliver`
//! 6. At its hour: `schedule`, `forecast`
//! 7. In a browser: `web`
//! 8. By command: `cli`
//!
//! A foreign crate has one home:
//!
//! - `maud`: `html`, `web`
//! - `axum`, `hyper`, `hyper_util`, `notify`, `similar`, `tokio_stream`: `web`
//! - `css_inline`: `html::inline`
//! - `scraper`: `check`, `web`
//! - `cssparser`: `template`
//! - `pulldown_cmark`: `issue`
//! - `language_tags`: `language`
//! - `icu_segmenter`: `text`
//! - `icu_properties`: `language`
//! - `image`, `zune_jpeg`: `picture`
//! - `ureq`: `visit`
//! - `hickory_resolver`: `dns`
//! - `toml`: `diag`, `document`, `issue`, `language`, `publication`, `reader`, `template`, `check`
//! - `lettre`: `letter`
//! - `tokio_rustls`: `trust`, `deliver`, `store`
//! - `webpki_roots`: `trust`
//! - `rusqlite`, `tokio_postgres`: `store`
//! - `clap`, `clap_complete`, `clap_mangen`: `cli`
//! - `indicatif`, `anstream`: `terminal`
#![forbid(unsafe_code)]

pub mod catcher;
pub mod characters;
pub mod check;
pub mod cli;
pub mod clock;
pub mod colour;
pub mod deliver;
pub mod diag;
pub mod dkim;
pub mod dns;
pub mod document;
pub mod edition;
pub mod escape;
pub mod files;
pub mod forecast;
pub mod html;
pub mod issue;
pub mod language;
pub mod letter;
pub mod load;
pub mod material;
pub mod network;
pub mod outcome;
pub mod picture;
pub mod publication;
pub mod reader;
pub mod rig;
pub mod schedule;
pub mod slots;
pub mod smtp;
pub mod store;
pub mod system;
pub mod template;
pub mod terminal;
pub mod text;
pub mod token;
pub mod trust;
pub mod visit;
pub mod web;
