//! The client side of SMTP (RFC 5321), without I/O: bytes in, bytes and outcomes out.
//!
//! The caller, [`crate::delivery`], owns the connection and the clock, so that every reply, at every stage and however
//! it is split, can be tested without a server.

mod auth;
mod dot_stuffing;
mod dsn;
mod extensions;
mod handshake;
mod redaction;
mod reply;
mod transaction;

pub use dot_stuffing::{Stretch, is_plain, stuffed};
pub use extensions::Extensions;
pub use handshake::{Credentials, Handshake, HandshakeError, HandshakeStep};
pub use redaction::Redaction;
pub use reply::{InvalidReply, ReplyReader, Response};
pub use transaction::{DialogueStep, Envelope, Transaction};
