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

    /// Sends several messages, whose intents are durable, in one write, and reads their outcomes. Those that the server
    /// has refused because of DSN parameters are sent once more without them, if `may_send` still allows it.
    ///
    /// # Panics
    /// If the server does not support it; see [`Session::supports_bursts`].
    pub(in crate::delivery) async fn deliver_all(
        &mut self,
        messages: &[&Message],
        may_send: impl FnOnce() -> bool,
    ) -> Vec<Outcome> {
        let (mut outcomes, blamed) = self.burst(messages).await;
        if blamed.is_empty() || !self.disable_dsn() || !may_send() {
            return outcomes;
        }
        let again: Vec<&Message> = blamed.iter().map(|at| messages[*at]).collect();
        let (again, _) = self.burst(&again).await;
        for (at, outcome) in blamed.into_iter().zip(again) {
            outcomes[at] = outcome;
        }
        outcomes
    }

    /// The outcome of each message, and which of them were refused because of DSN parameters.
    async fn burst(&mut self, messages: &[&Message]) -> (Vec<Outcome>, Vec<usize>) {
        assert!(self.supports_bursts(), "the caller has checked it");
        let mut blamed = Vec::new();
        // After a failed write, replies to what was sent before may still arrive.
        let begun = self.write_burst(messages).await;
        let mut lost: Option<String> = None;
        let mut outcomes = Vec::with_capacity(messages.len());
        for (at, mut transaction) in begun.into_iter().enumerate() {
            let outcome = match &lost {
                Some(how) => self.connection.lost(&mut transaction, how),
                None => {
                    let (outcome, how) = self.outcome_of(&mut transaction).await;
                    lost = how;
                    outcome
                }
            };
            self.note(&outcome);
            outcomes.push(outcome);
            if transaction.blames_dsn() {
                blamed.push(at);
            }
        }
        if lost.is_none() && !self.is_in_step().await {
            lost = Some("an extra reply".to_owned());
            for outcome in &mut outcomes {
                doubt(outcome);
            }
        }
        self.is_unusable |= lost.is_some() || self.connection.reader.has_more();
        (outcomes, blamed)
    }

    /// Whether the reply to the EHLO after the messages is one: of many lines, or an error about the command. After an
    /// extra reply there would be another one here, and after each message too, where the reply to a recipient would be
    /// taken for the reply to the message.
    async fn is_in_step(&mut self) -> bool {
        let Ok(Ok(lines)) = timeout(MESSAGE_LIMIT, self.connection.reply()).await else {
            // All others have arrived, and after them the server may close the connection.
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
        // EHLO resets the server like RSET (RFC 5321 section 4.1.4), and its reply cannot be taken for another.
        let hello = format!("EHLO {}\r\n", self.connection.hello());
        let slices = slices.chain(std::iter::once(hello.as_bytes()));
        let (written, _) = self
            .connection
            .write_slices(&slices.collect::<Vec<_>>())
            .await;
        let mut end = 0;
        for (transaction, (commands, message)) in
            begun.iter_mut().zip(commands.iter().zip(messages))
        {
            end += commands.len() + message.size();
            if end <= written {
                transaction.sent();
            }
        }
        begun
    }

    /// The outcome of the message whose replies come next, and why no more will come after them, if that is so.
    async fn outcome_of(&mut self, transaction: &mut Transaction) -> (Outcome, Option<String>) {
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

/// Makes an acceptance uncertain that may belong to another command.
fn doubt(outcome: &mut Outcome) {
    if let Outcome::Accepted(reply) = outcome {
        *outcome = Outcome::Uncertain(
            Diagnostic::from(&*reply)
                .with_text(format!("the replies are out of step; one was: {reply}")),
        );
    }
}
