//! Franking composes a newsletter from TOML and sends it to every subscriber by SMTP, exactly once.
//!
//! # Data flow
//!
//! ```text
//! issues/*.toml ──┐
//! newsletter.toml ├─ newsletter ──▶ Issue, Template ── compile ──▶ Edition ──┐
//! templates/*  ───┘                                                          │
//! subscribers.toml ── subscriber ──▶ Subscriber ── delivery ─▶ Recipients ───┼─ message ──▶ Message
//!                                                   ▲                        │                │
//!                                                   └── store ◀── Outcome ◀── delivery::run ◀──┘
//! ```
//!
//! Each step takes values and returns a new type. Subscribers are read one at a time; a list is never held in memory.
//! Everything before `delivery` is pure apart from reading its files: no clock, no network, and the same files give
//! the same bytes.
//!
//! # Order of the modules
//!
//! A module imports only modules that stand before it in this list. A test reads the list from here and compares it
//! with the imports of every file.
//!
//! 0. No domain knowledge: `util`, `diag`, `dkim`
//! 1. Files that people write: `toml_file`, `language`, `placeholder`, `subscriber`, `outcome`, `newsletter`
//! 2. The compiler: `compile`
//! 3. SMTP without I/O: `smtp`
//! 4. One subscriber's message: `message`, `check`, `linkcheck`
//! 5. The ledger: `store`
//! 6. Sending: `simulator`, `delivery`
//! 7. The application: `workspace`, `roster`, `campaign`, `preflight`
//! 8. Front ends: `web`, `cli`
//!
//! Each foreign crate is used in one place only:
//!
//! - `maud`: `compile::html`, `web`
//! - `axum`, `hyper`, `hyper_util`, `notify`, `similar`, `tokio_stream`: `web`
//! - `css_inline`: `compile::html::inline`
//! - `scraper`: `check`, `web`
//! - `cssparser`: `newsletter::template`
//! - `pulldown_cmark`: `newsletter::issue`
//! - `language_tags`: `language`
//! - `icu_segmenter`: `compile::text`
//! - `icu_properties`: `language`
//! - `image`, `zune_jpeg`: `newsletter::picture`
//! - `ureq`: `linkcheck`
//! - `hickory_resolver`: `preflight::dns`
//! - `csv`, `encoding_rs`, `encoding_rs_io`, `mail_parser`, `zip`: `subscriber::import`
//! - `toml`: `diag`, `toml_file`, `newsletter`, `language`, `subscriber`, `check`, `store`
//! - `lettre`: `message`
//! - `tokio_rustls`: `util::tls`, `delivery`, `store`
//! - `webpki_roots`: `util::tls`
//! - `rusqlite`, `tokio_postgres`, `tokio_postgres_rustls`: `store`
//! - `clap`, `clap_complete`, `clap_mangen`: `cli`
//! - `indicatif`, `anstream`: `cli::terminal`
#![forbid(unsafe_code)]

pub mod campaign;
pub mod check;
pub mod cli;
pub mod compile;
pub mod delivery;
pub mod diag;
pub mod dkim;
pub mod language;
pub mod linkcheck;
pub mod message;
pub mod newsletter;
pub mod outcome;
pub mod placeholder;
pub mod preflight;
pub mod roster;
pub mod simulator;
pub mod smtp;
pub mod store;
pub mod subscriber;
pub mod toml_file;
pub mod util;
pub mod web;
pub mod workspace;

pub use campaign::Campaign;
pub use compile::edition::Edition;
pub use diag::Findings;
pub use message::Message;
pub use newsletter::config::Newsletter;
pub use newsletter::issue::Issue;
pub use newsletter::template::Template;
pub use outcome::Outcome;
pub use subscriber::Subscriber;
pub use workspace::Workspace;
