//! Transports that are implemented by the program that uses this library.

use std::fmt::Debug;
use std::pin::Pin;

use crate::message::Message;
use crate::outcome::Outcome;

/// The outcome of a message, when it is known.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

/// A transport other than SMTP, such as the API of a mail provider.
///
/// The ledger records the outcome that it returns: `Accepted` only if the provider has certainly accepted the message,
/// `Uncertain` if that is unknown.
pub trait CustomTransport: Debug + Send + Sync {
    /// The name in the ledger, the same in every run.
    fn name(&self) -> String;

    /// Sends one message. Several are sent concurrently, one on each connection of the route.
    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a>;
}
