//! Transports that a program brings itself.

use std::fmt::Debug;
use std::pin::Pin;

use crate::message::Message;
use crate::outcome::Outcome;

/// The outcome of a message, when it is known.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

/// A way of sending messages other than SMTP, such as the API of a mail provider.
///
/// The ledger counts what it returns: `Accepted` only after the message is certainly on its way, `Uncertain` if that is
/// not known.
pub trait CustomTransport: Debug + Send + Sync {
    /// Its name in the ledger, the same in every run.
    fn name(&self) -> String;

    /// Sends one message. Several are sent concurrently, one on each connection of the route.
    fn send<'a>(&'a self, message: &'a Message) -> Sending<'a>;
}
