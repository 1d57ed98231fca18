//! The bytes of a connection in both directions, and the dialogue of a transaction over it.

use std::io::{self, IoSlice};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::stream::Stream;
use crate::outcome::{Outcome, Reply};
use crate::smtp::{DialogueStep, Redaction, ReplyReader, Response, Transaction};
use crate::util::system;

/// How the commands of a transaction ended.
pub(super) enum Dialogue {
    /// The server waits for the message.
    Ready,
    /// The server has decided the transaction.
    Over(Outcome),
    /// The connection was lost.
    Lost(Outcome),
}

/// A connection to a server.
pub(super) struct Connection {
    pub(super) stream: Stream,
    pub(super) reader: ReplyReader,
    /// Whether the server has sent 421, after which it closes the connection (RFC 5321 section 3.8).
    pub(super) is_closing: bool,
    /// The 421, while it is the last reply.
    farewell: Option<Reply>,
    redaction: Redaction,
}

impl Connection {
    /// A connection whose replies do not contain the secret of the login.
    pub(super) fn new(stream: Stream, redaction: Redaction) -> Self {
        Self {
            stream,
            reader: ReplyReader::default(),
            is_closing: false,
            farewell: None,
            redaction,
        }
    }

    /// The outcome of a transaction that gets no more replies.
    pub(super) fn lost(&self, transaction: &mut Transaction, how: &str) -> Outcome {
        match &self.farewell {
            Some(reply) => transaction.closed(reply),
            None => transaction.lost(how),
        }
    }

    /// The name for EHLO: the host name if it is fully qualified, otherwise the address of the connection as a literal
    /// (RFC 5321 section 4.1.3).
    pub(super) fn hello(&self) -> String {
        let name = hostname::get()
            .ok()
            .and_then(|name| name.into_string().ok());
        name.filter(|name| is_fully_qualified(name))
            .unwrap_or_else(|| self.address_literal())
    }

    fn address_literal(&self) -> String {
        let socket = match &self.stream {
            Stream::Plain(stream) => stream.local_addr(),
            Stream::Tls(stream) => stream.get_ref().0.local_addr(),
        };
        match socket.map(|socket| socket.ip()) {
            Ok(std::net::IpAddr::V6(address)) => format!("[IPv6:{address}]"),
            Ok(std::net::IpAddr::V4(address)) => format!("[{address}]"),
            Err(_) => "[127.0.0.1]".to_owned(),
        }
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// Writes the concatenation of the slices, without copying them.
    pub(super) async fn write_all_of(&mut self, slices: &[&[u8]]) -> io::Result<()> {
        match self.write_slices(slices).await {
            (_, None) => Ok(()),
            (_, Some(error)) => Err(error),
        }
    }

    /// As [`Connection::write_all_of`], but returns how many bytes were written, and the error if not all were.
    pub(super) async fn write_slices(&mut self, slices: &[&[u8]]) -> (usize, Option<io::Error>) {
        let mut slices: Vec<IoSlice<'_>> = slices.iter().map(|slice| IoSlice::new(slice)).collect();
        let mut rest = slices.as_mut_slice();
        let mut sum = 0;
        IoSlice::advance_slices(&mut rest, 0);
        while !rest.is_empty() {
            match self.stream.write_vectored(rest).await {
                Ok(0) => return (sum, Some(io::ErrorKind::WriteZero.into())),
                Ok(written) => {
                    sum += written;
                    IoSlice::advance_slices(&mut rest, written);
                }
                Err(error) => return (sum, Some(error)),
            }
        }
        (sum, self.stream.flush().await.err())
    }

    /// Waits until bytes have arrived, which the next reply begins with, or the connection has ended.
    pub(super) async fn until_readable(&mut self) {
        if self.reader.has_more() {
            return;
        }
        let mut buffer = [0; 4096];
        // The next read returns the same error again.
        let count = self.stream.read(&mut buffer).await.unwrap_or(0);
        self.reader.feed(&buffer[..count]);
    }

    /// Reads the next reply.
    pub(super) async fn reply(&mut self) -> io::Result<Response> {
        let mut buffer = [0; 4096];
        loop {
            let read = self.reader.take();
            if let Some(mut lines) =
                read.map_err(|invalid| io::Error::other(invalid.to_string()))?
            {
                self.redaction.apply(&mut lines);
                self.note_farewell(&lines);
                return Ok(lines);
            }
            let count = self.stream.read(&mut buffer).await?;
            if count == 0 {
                return Err(io::Error::other("the server hung up"));
            }
            self.reader.feed(&buffer[..count]);
        }
    }

    fn note_farewell(&mut self, lines: &Response) {
        self.farewell = (lines.code == 421).then(|| lines.reply());
        self.is_closing |= self.farewell.is_some();
    }

    /// Sends the commands of a transaction until the server waits for the message or has decided.
    pub(super) async fn exchange(
        &mut self,
        transaction: &mut Transaction,
        first: Option<Vec<u8>>,
        limit: Duration,
    ) -> Dialogue {
        let mut step = first.map_or(DialogueStep::Read, DialogueStep::Write);
        loop {
            if let DialogueStep::Write(bytes) = &step
                && let Err(error) = self.write(bytes).await
            {
                return Dialogue::Lost(transaction.lost(&system::words(&error)));
            }
            step = match self.next_step(transaction, limit).await {
                Err(lost) => return Dialogue::Lost(lost),
                Ok(DialogueStep::Ready) => return Dialogue::Ready,
                Ok(DialogueStep::Over(outcome)) => return Dialogue::Over(outcome),
                Ok(next) => next,
            };
        }
    }

    /// Reads a reply and returns the next step of the transaction, or its outcome if the connection is lost.
    async fn next_step(
        &mut self,
        transaction: &mut Transaction,
        limit: Duration,
    ) -> Result<DialogueStep, Outcome> {
        match timeout(limit, self.reply()).await {
            Ok(Ok(lines)) => Ok(transaction.reply(&lines)),
            Ok(Err(error)) => Err(self.lost(transaction, &system::words(&error))),
            Err(_) => {
                let how = format!("no reply within {} minutes", limit.as_secs() / 60);
                Err(transaction.lost(&how))
            }
        }
    }
}

fn is_fully_qualified(name: &str) -> bool {
    name.contains('.')
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}
