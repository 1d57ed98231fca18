//! SMTP from the client's side, without input or output: bytes go in, bytes and verdicts come out.
//!
//! A shell around it (see `deliver`) owns the connection and the clock. So every reply, in every split, at
//! every stage can be tried without a server.

mod auth;
mod dot_stuffing;
mod dsn;
mod extensions;
mod handshake;
mod reply;
mod transaction;

pub use dot_stuffing::{Stretch, is_plain, stuffed};
pub use extensions::Extensions;
pub use handshake::{Credentials, Handshake, HandshakeError, HandshakeStep};
pub use reply::{Garbled, ReplyReader, Response};
pub use transaction::{Envelope, Transaction, Turn};
