//! SMTP from the client's side, without input or output: bytes go in, bytes and verdicts come out.
//!
//! A shell around it (see `deliver`) owns the connection and the clock. So every reply, in every split, at
//! every stage can be tried without a server.

mod extensions;
mod login;
mod notices;
mod opening;
mod reply;
mod stuffing;
mod transaction;

pub use extensions::Extensions;
pub use opening::{Credentials, Handshake, HandshakeError, Step};
pub use reply::{Garbled, ReplyReader, Response};
pub use stuffing::{Stretch, is_plain, stuffed};
pub use transaction::{Envelope, Transaction, Turn};
