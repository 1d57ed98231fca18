//! The replies of a sink, and the messages that it receives.

use std::io;

/// The largest message, in octets.
pub(super) const LARGEST_MESSAGE: usize = 64 << 20;

/// The response to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The positive reply to the command.
    Accept,
    /// Another reply: a code and a text.
    Reply(u16, String),
    /// No reply: the connection is closed.
    Drop,
    /// No reply: the connection stays open until the client closes it.
    Stall,
}

/// Decides the replies of a sink. `attempt` counts the RCPT commands for an address, from 1.
pub trait Script: Send + Sync + 'static {
    /// Called for every command, before the reply.
    fn heard(&self, _command: &str) {}
    /// The response to a new connection.
    fn greeting(&self) -> Answer {
        Answer::Accept
    }
    /// The user name and password that AUTH accepts. With `None` the sink does not announce AUTH.
    fn login(&self) -> Option<(&str, &str)> {
        None
    }
    /// The response to AUTH with other credentials.
    fn refused_login(&self) -> Answer {
        Answer::Reply(535, "5.7.8 no such name or password".to_owned())
    }
    /// The size limit that the sink announces, in octets (RFC 1870).
    fn largest(&self) -> usize {
        LARGEST_MESSAGE
    }
    /// Whether the sink announces CHUNKING (RFC 3030).
    fn chunking(&self) -> bool {
        true
    }
    /// Whether the sink announces DSN (RFC 3461). It never sends one.
    fn dsn(&self) -> bool {
        true
    }
    /// The response to MAIL FROM.
    fn sender(&self, _address: &str) -> Answer {
        Answer::Accept
    }
    /// The response to RCPT TO.
    fn recipient(&self, _address: &str, _attempt: u32) -> Answer {
        Answer::Accept
    }
    /// The response to DATA or BDAT.
    fn data(&self, _address: &str, _attempt: u32) -> Answer {
        Answer::Accept
    }
    /// Called after the first line of a message. Any response except [`Answer::Accept`] closes the connection there.
    fn first_line(&self, _address: &str, _attempt: u32) -> Answer {
        Answer::Accept
    }
    /// The response to the final dot. The message is stored unless the response is a negative reply.
    fn message(&self, _address: &str, _attempt: u32) -> Answer {
        Answer::Accept
    }
    /// Called when the reply to a message has been written.
    fn answered(&self, _address: &str) {}
    /// Called when a connection has ended; no more messages arrive from it.
    fn closed(&self) {}
}

/// A script that accepts everything.
pub struct AcceptAll;

impl Script for AcceptAll {}

/// A message that the sink has received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// MAIL FROM.
    pub sender: String,
    /// RCPT TO.
    pub recipients: Vec<String>,
    /// The message, dot-stuffing undone.
    pub bytes: Vec<u8>,
}

/// Stores a message before it is acknowledged. An error defers the message with a 451 reply.
pub type Keep = dyn Fn(Received) -> io::Result<()> + Send + Sync;
