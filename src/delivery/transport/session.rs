//! An open SMTP session, which sends messages one at a time.

use std::future::Future;
use std::time::Duration;

use tokio::time::timeout;

use super::connection::{Connection, Dialogue};
use crate::message::Message;
use crate::outcome::{Outcome, Scope};
use crate::smtp::{DialogueStep, Envelope, Extensions, Transaction, stuffed};
use crate::util::system;

const COMMAND_LIMIT: Duration = Duration::from_secs(5 * 60);
/// The limit for the reply to a message. A shorter one leads to duplicates (RFC 5321 section 4.5.3.2.6).
pub(super) const MESSAGE_LIMIT: Duration = Duration::from_secs(10 * 60);
const GOODBYE_LIMIT: Duration = Duration::from_secs(5);

/// An open connection, logged in.
pub(in crate::delivery) struct Session {
    pub(super) connection: Connection,
    pub(super) extensions: Extensions,
    /// Whether the last transaction was not completed, so that the next begins with RSET.
    is_reset_due: bool,
    /// The transaction whose envelope was sent after the last message.
    begun: Option<Transaction>,
    /// Whether the connection must not be used for another message.
    pub(super) is_unusable: bool,
    /// Whether the server has decided a transaction in this session.
    has_served: bool,
}

impl Session {
    pub(super) fn new(connection: Connection, extensions: Extensions) -> Self {
        Self {
            connection,
            extensions,
            is_reset_due: false,
            begun: None,
            is_unusable: false,
            has_served: false,
        }
    }

    /// Whether the relay has decided a transaction in this session. If it has, the relay may limit the messages of each
    /// session, and a new session serves at least one more recipient.
    pub(in crate::delivery) fn has_served(&self) -> bool {
        self.has_served
    }

    pub(super) fn note(&mut self, outcome: &Outcome) {
        self.has_served |= match outcome {
            Outcome::Accepted(_) | Outcome::Refused { .. } => true,
            Outcome::Deferred(scope, _) => {
                matches!(scope, Scope::Address | Scope::Domain | Scope::Sender)
            }
            Outcome::Stop(_) | Outcome::Uncertain(_) => false,
        };
    }

    /// Sends one message.
    ///
    /// `commit` makes the intent durable while the envelope is sent. The message itself is written only after `commit` has
    /// succeeded and `may_send`, which is called last, allows it. With PIPELINING the envelope of `next` follows the final
    /// dot in the same write (RFC 2920 section 3.1), so that a message takes one round trip. `next` must be the message of
    /// the next call.
    pub(in crate::delivery) async fn deliver<E>(
        &mut self,
        message: &Message,
        commit: impl Future<Output = Result<(), E>>,
        may_send: impl FnOnce() -> Result<(), E>,
        next: Option<&Message>,
    ) -> Result<Outcome, E> {
        if let Some(too_large) = self.too_large(message) {
            return Ok(too_large);
        }
        let (mut transaction, first) = self.begin(message);
        let exchange = self
            .connection
            .exchange(&mut transaction, first, COMMAND_LIMIT);
        let (mut dialogue, intent) = tokio::join!(exchange, commit);
        intent?;
        if transaction.blames_dsn() && self.disable_dsn() {
            (transaction, dialogue) = self.repeat(message).await;
        }
        let outcome = match dialogue {
            Dialogue::Ready => self.message(transaction, message, may_send, next).await?,
            Dialogue::Over(outcome) => {
                self.is_reset_due = true;
                outcome
            }
            Dialogue::Lost(outcome) => {
                self.is_unusable = true;
                outcome
            }
        };
        // An extra reply would be mistaken for the one to the next message.
        self.is_unusable |= self.begun.is_none() && self.connection.reader.has_more();
        self.note(&outcome);
        Ok(outcome)
    }

    /// The transaction of a message and the bytes to write first, unless its envelope was sent after the last message.
    fn begin(&mut self, message: &Message) -> (Transaction, Option<Vec<u8>>) {
        match self.begun.take() {
            Some(begun) => (begun, None),
            None => {
                let envelope = envelope(message);
                let begun = Transaction::begin(&envelope, &self.extensions, self.is_reset_due);
                (begun.0, Some(begun.1))
            }
        }
    }

    /// Sends the envelope again, without the DSN parameters that the server has refused.
    async fn repeat(&mut self, message: &Message) -> (Transaction, Dialogue) {
        let envelope = envelope(message);
        let (mut transaction, first) = Transaction::begin(&envelope, &self.extensions, true);
        let exchange = self
            .connection
            .exchange(&mut transaction, Some(first), COMMAND_LIMIT);
        let dialogue = exchange.await;
        (transaction, dialogue)
    }

    /// Disables DSN for a server that advertises it but refuses its parameters. Returns whether the message can be sent
    /// again at once.
    pub(super) fn disable_dsn(&mut self) -> bool {
        self.extensions.dsn = false;
        self.is_good() && !self.connection.reader.has_more()
    }

    /// The outcome of a message that is larger than the server accepts. It stops the run, because the other messages have
    /// about the same size.
    pub(in crate::delivery) fn too_large(&self, message: &Message) -> Option<Outcome> {
        let limit = self.extensions.size.flatten()?;
        let size = message.size();
        let why = format!("it accepts messages of at most {limit} bytes, and a message has {size}");
        (size > limit).then(|| Outcome::Stop(why.into()))
    }

    /// Sends the message after an accepted envelope, if `may_send` still allows it.
    async fn message<E>(
        &mut self,
        mut transaction: Transaction,
        message: &Message,
        may_send: impl FnOnce() -> Result<(), E>,
        next: Option<&Message>,
    ) -> Result<Outcome, E> {
        // Nothing of the message was sent, and the reply would be mistaken for the one to the message.
        if self.connection.reader.has_more() {
            self.is_unusable = true;
            return Ok(transaction.lost("a reply to a message that has not been sent"));
        }
        self.is_reset_due = false;
        may_send()?;
        let next = next.filter(|next| self.extensions.pipelining && self.too_large(next).is_none());
        match self.write_message(&mut transaction, message, next).await {
            Ok(outcome) => Ok(outcome),
            Err(how) => {
                self.is_unusable = true;
                Ok(transaction.lost(&how))
            }
        }
    }

    /// Writes the message and the envelope of the next one, and reads the reply to the message. The error is how the
    /// connection was lost.
    ///
    /// If a write fails whose last bytes are the final dot, the dot was not sent. If the envelope follows the dot, that is
    /// unknown.
    async fn write_message(
        &mut self,
        transaction: &mut Transaction,
        message: &Message,
        next: Option<&Message>,
    ) -> Result<Outcome, String> {
        let mut slices = stuffed(&message.pieces);
        let begun = next.map(|next| Transaction::begin(&envelope(next), &self.extensions, false));
        if let Some((_, envelope)) = &begun {
            slices.push(envelope);
            transaction.sent();
        }
        let written = self.connection.write_all_of(&slices).await;
        written.map_err(|error| system::words(&error))?;
        if begun.is_none() {
            transaction.sent();
        }
        let outcome = self.read_outcome_of_message(transaction).await?;
        self.begun = begun.map(|(begun, _)| begun);
        Ok(outcome)
    }

    async fn read_outcome_of_message(
        &mut self,
        transaction: &mut Transaction,
    ) -> Result<Outcome, String> {
        let reply = timeout(MESSAGE_LIMIT, self.connection.reply()).await;
        let reply = reply.map_err(|_| "no reply within ten minutes")?;
        let reply = reply.map_err(|error| system::words(&error))?;
        match transaction.reply(&reply) {
            DialogueStep::Over(outcome) => Ok(outcome),
            _ => Err("the dialogue is out of step".to_owned()),
        }
    }

    /// The TLS version; `None` without TLS.
    pub(super) fn tls(&self) -> Option<&'static str> {
        self.connection.stream.protocol()
    }

    /// Whether another message can be sent over this connection.
    pub(in crate::delivery) fn is_good(&self) -> bool {
        !self.is_unusable && !self.connection.is_closing
    }

    /// Whether the envelope of the next message was sent.
    pub(in crate::delivery) fn has_begun(&self) -> bool {
        self.begun.is_some() && self.is_good()
    }

    /// Sends QUIT and closes the connection. If the server waits for a message, QUIT would be its first line, so the
    /// connection is closed without QUIT, and the server drops the envelope.
    pub(in crate::delivery) async fn quit(mut self) {
        if self.is_good() && self.begun.is_none() {
            let goodbye = async {
                self.connection.write(b"QUIT\r\n").await?;
                self.connection.reply().await
            };
            let _ = timeout(GOODBYE_LIMIT, goodbye).await;
        }
    }
}

/// The envelope of a message.
pub(super) fn envelope(message: &Message) -> Envelope {
    Envelope {
        sender: message.sender.clone(),
        recipient: message.recipient.clone(),
        size: message.size(),
        id: message.issue.clone(),
    }
}
