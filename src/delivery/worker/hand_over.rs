//! Sends one message.

use std::collections::VecDeque;
use std::ops::ControlFlow::{Break, Continue};
use std::sync::Arc;

use super::Worker;
use super::prepare::Prepared;
use crate::delivery::end::{Flow, StopReason, or_end};
use crate::delivery::transport::Session;
use crate::delivery::{FileTransport, Transport, now};
use crate::message::Message;
use crate::outcome::{Outcome, Reply};
use crate::store::{Change, Leased, MailedToken};
use crate::util::system;

impl Worker {
    /// Sends the first message of the queue, and returns whether the queue is still leased.
    pub(super) async fn first(&mut self, queue: &mut VecDeque<Leased>) -> Flow<bool> {
        if queue.is_empty() {
            return Continue(false);
        }
        let Some(prepared) = self.prepare_at(queue, 0).await? else {
            return Continue(true);
        };
        self.wait_for(prepared.turn).await?;
        if !self.open_session(queue).await? {
            return Continue(false);
        }
        if !self.is_still_first(queue, &prepared).await? {
            return Continue(true);
        }
        // The next message is prepared early: its envelope follows the final dot of this one.
        self.prepared = queue.get(1).and_then(|next| self.prepare(next).ok());
        let begun = self.began.elapsed();
        let outcome = self.hand_over(&prepared).await?;
        let duration = Some(self.began.elapsed().saturating_sub(begun));
        if let Some(delivery) = queue.pop_front() {
            self.record_outcome(&delivery, &prepared.recipient, outcome, duration)
                .await?;
        }
        Continue(true)
    }

    /// Whether a message that has waited is still for the first delivery of the queue: its recipient may have left.
    pub(super) async fn is_still_first(
        &mut self,
        queue: &mut VecDeque<Leased>,
        prepared: &Prepared,
    ) -> Flow<bool> {
        self.exclude_departed(queue).await?;
        let first = queue.front().map(|delivery| delivery.number);
        let is_first = first == Some(prepared.number);
        if !is_first && self.session.as_ref().is_some_and(Session::has_begun) {
            // The envelope of this message was sent already.
            self.abandon_envelope().await;
        }
        Continue(is_first)
    }

    /// Prepares the delivery at position `at` of the queue. Returns `None` if the delivery has left the queue, because its
    /// message cannot be encoded or its domain is suspended.
    pub(super) async fn prepare_at(
        &mut self,
        queue: &mut VecDeque<Leased>,
        at: usize,
    ) -> Flow<Option<Prepared>> {
        let delivery = &queue[at];
        let prepared = match self.take_prepared(delivery) {
            Ok(prepared) => prepared,
            Err(why) => {
                self.refuse_unencodable(delivery, &why)?;
                queue.remove(at);
                return Continue(None);
            }
        };
        // If its envelope was sent already, the domain has been checked.
        let has_begun = self.session.as_ref().is_some_and(Session::has_begun);
        if !has_begun && self.is_postponed(delivery, &prepared).await? {
            queue.remove(at);
            return Continue(None);
        }
        Continue(Some(prepared))
    }

    /// Commits the intent to the ledger, then gives the message to the transport.
    async fn hand_over(&mut self, prepared: &Prepared) -> Flow<Outcome> {
        let intent = self.intent(prepared);
        match &self.route.transport {
            Transport::Smtp(_) => self.deliver(prepared, intent).await,
            Transport::File(files) => {
                or_end(self.ledger.commit(intent).await)?;
                write(files, prepared.number, &prepared.message)
            }
            Transport::Custom(custom) => {
                or_end(self.ledger.commit(intent).await)?;
                or_end(self.ledger.may_send())?;
                Continue(custom.send(&prepared.message).await)
            }
        }
    }

    /// Sends a message over the open session. The intent is committed at the same time as the envelope is sent.
    async fn deliver(&mut self, prepared: &Prepared, intent: Change) -> Flow<Outcome> {
        let ledger = self.ledger.clone();
        let commit = async move { ledger.commit(intent).await };
        let next = self.prepared.as_ref();
        let next = next.filter(|next| self.may_follow(next));
        let next = next.map(|next| &next.message);
        let session = self.session.as_mut().expect("it was just opened");
        let may_send = || self.ledger.may_send();
        let delivered = session.deliver(&prepared.message, commit, may_send, next);
        or_end(delivered.await)
    }

    /// Whether the envelope of the next message may be sent together with the end of this one.
    fn may_follow(&self, next: &Prepared) -> bool {
        let is_free = || {
            let domain = next.recipient.address.domain();
            self.run.suspensions.is_free(&domain, now())
        };
        next.turn <= self.began.elapsed() && !self.is_over() && is_free()
    }

    /// The token of a message; `None` if the message is written to a file and not mailed.
    fn mailed_token(&self, prepared: &Prepared) -> Option<MailedToken> {
        let is_mailed = !matches!(self.route.transport, Transport::File(_));
        is_mailed.then(|| MailedToken {
            digest: prepared.message.unsubscribe_token.digest(),
            address_key: prepared.recipient.address.key(),
        })
    }

    /// The intent to send a message. It is in the ledger before the message leaves.
    pub(super) fn intent(&self, prepared: &Prepared) -> Change {
        Change::Intent {
            number: prepared.number,
            relay: Arc::clone(&self.route.name),
            edition: prepared.edition,
            token: self.mailed_token(prepared),
            at: now(),
        }
    }
}

fn write(files: &FileTransport, number: i64, message: &Message) -> Flow<Outcome> {
    match files.put(number, message) {
        Ok(path) => Continue(Outcome::Accepted(Reply::new(
            250,
            [format!("written to {}", path.display()).as_str()],
        ))),
        Err(error) => Break(StopReason::Unreachable(format!(
            "the outbox `{}` cannot be written: {}",
            files.folder.display(),
            system::words(&error)
        ))),
    }
}
