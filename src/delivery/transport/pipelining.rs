//! Several messages in one write (PIPELINING, RFC 2920, and CHUNKING, RFC 3030).

use tokio::time::timeout;

use super::connection::Dialogue;
use super::session::{MESSAGE_LIMIT, Session, envelope};
use crate::message::Message;
use crate::outcome::{Diagnostic, Outcome, Scope};
use crate::smtp::Transaction;

impl Session {
    /// Whether the server supports several messages in one write.
    pub(in crate::delivery) fn supports_bursts(&self) -> bool {
        self.extensions.chunking && self.extensions.pipelining
    }

    /// Sends several messages in one write, and returns their outcomes. Their intents must be durable already. Messages that
    /// the server refuses because of DSN parameters are sent once more without them, if `may_send` still allows it.
    ///
    /// # Panics
    /// If the server does not support this; see [`Session::supports_bursts`].
    pub(in crate::delivery) async fn deliver_all(
        &mut self,
        messages: &[&Message],
        may_send: impl FnOnce() -> bool,
    ) -> Vec<Outcome> {
        let (mut outcomes, without_dsn) = self.burst(messages).await;
        if without_dsn.is_empty() || !self.disable_dsn() || !may_send() {
            return outcomes;
        }
        let repeated: Vec<&Message> = without_dsn.iter().map(|at| messages[*at]).collect();
        let (repeated, _) = self.burst(&repeated).await;
        for (at, outcome) in without_dsn.into_iter().zip(repeated) {
            outcomes[at] = outcome;
        }
        outcomes
    }

    /// Sends messages once. Returns the outcome of each, and the indices of those refused because of DSN parameters.
    async fn burst(&mut self, messages: &[&Message]) -> (Vec<Outcome>, Vec<usize>) {
        assert!(self.supports_bursts(), "the caller has checked it");
        let mut without_dsn = Vec::new();
        // After a failed write, replies to the bytes before it may still arrive.
        let begun = self.write_burst(messages).await;
        let mut lost = None;
        let mut outcomes = Vec::with_capacity(messages.len());
        for (at, mut transaction) in begun.into_iter().enumerate() {
            outcomes.push(self.outcome_of(&mut transaction, &mut lost).await);
            if transaction.blames_dsn() {
                without_dsn.push(at);
            }
        }
        if lost.is_none() && !self.is_in_step().await {
            self.is_unusable = true;
            outcomes.iter_mut().for_each(doubt);
        }
        self.is_unusable |= lost.is_some() || self.connection.reader.has_more();
        (outcomes, without_dsn)
    }

    /// The outcome of a message. `lost` is why no more replies come, if that is known already or becomes known here.
    async fn outcome_of(
        &mut self,
        transaction: &mut Transaction,
        lost: &mut Option<String>,
    ) -> Outcome {
        let outcome = match lost {
            Some(how) => self.connection.lost(transaction, how),
            None => {
                let (outcome, how) = self.read_outcome(transaction).await;
                *lost = how;
                outcome
            }
        };
        self.note(&outcome);
        outcome
    }

    /// Whether the next reply belongs to the EHLO after the messages: it has several lines, or is an error about the
    /// command. If the server has sent an extra reply, another one comes here, and the replies may have been assigned to
    /// the wrong commands.
    async fn is_in_step(&mut self) -> bool {
        let Ok(Ok(lines)) = timeout(MESSAGE_LIMIT, self.connection.reply()).await else {
            // All other replies have arrived, and the server may close the connection after them.
            self.is_unusable = true;
            return true;
        };
        match lines.code {
            250 => lines.words.len() > 1,
            code => (500..=504).contains(&code),
        }
    }

    /// Writes the commands and the contents of all messages, and notes in the transactions which were sent completely.
    async fn write_burst(&mut self, messages: &[&Message]) -> Vec<Transaction> {
        let begun = messages
            .iter()
            .map(|message| Transaction::chunked(&envelope(message), &self.extensions));
        let (mut begun, commands): (Vec<Transaction>, Vec<Vec<u8>>) = begun.unzip();
        let slices = commands
            .iter()
            .zip(messages)
            .flat_map(|(commands, message)| {
                let pieces = message.pieces.iter().map(|piece| &**piece);
                std::iter::once(commands.as_slice()).chain(pieces)
            });
        // EHLO resets the server like RSET (RFC 5321 section 4.1.4), and its reply differs from those to a message.
        let hello = format!("EHLO {}\r\n", self.connection.hello());
        let slices = slices.chain(std::iter::once(hello.as_bytes()));
        let slices: Vec<&[u8]> = slices.collect();
        let (written, _) = self.connection.write_slices(&slices).await;
        let sizes = commands.iter().zip(messages);
        let sizes = sizes.map(|(commands, message)| commands.len() + message.size());
        mark_sent(&mut begun, sizes, written);
        begun
    }

    /// Reads the replies to the next message. Returns its outcome, and why no more replies come, if that is so.
    async fn read_outcome(&mut self, transaction: &mut Transaction) -> (Outcome, Option<String>) {
        match self
            .connection
            .exchange(transaction, None, MESSAGE_LIMIT)
            .await
        {
            Dialogue::Over(outcome) => {
                let is_over = matches!(outcome, Outcome::Deferred(Scope::Connection, _));
                (
                    outcome,
                    is_over.then(|| "the server closed the connection".to_owned()),
                )
            }
            Dialogue::Ready => {
                let how = "the dialogue is out of step";
                (transaction.lost(how), Some(how.to_owned()))
            }
            Dialogue::Lost(outcome) => (outcome, Some("the connection was lost before".to_owned())),
        }
    }
}

/// Marks the transactions whose bytes are all among the first `written`. `sizes` has the bytes of each.
fn mark_sent(transactions: &mut [Transaction], sizes: impl Iterator<Item = usize>, written: usize) {
    let mut end = 0;
    for (transaction, size) in transactions.iter_mut().zip(sizes) {
        end += size;
        if end <= written {
            transaction.sent();
        }
    }
}

/// Makes an acceptance uncertain, because the reply may belong to another command.
fn doubt(outcome: &mut Outcome) {
    if let Outcome::Accepted(reply) = outcome {
        *outcome = Outcome::Uncertain(
            Diagnostic::from(&*reply)
                .with_text(format!("the replies are out of step; one was: {reply}")),
        );
    }
}
