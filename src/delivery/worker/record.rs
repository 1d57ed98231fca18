//! Records an outcome and applies its effects on the delivery, its domain, the connections and the campaign.

use std::ops::ControlFlow::{Break, Continue};
use std::time::Duration;

use super::Worker;
use crate::delivery::end::{Flow, StopReason, or_end};
use crate::delivery::{Attempt, hint, now};
use crate::outcome::{Diagnostic, Outcome, Reply, Scope};
use crate::store::{Change, DomainChange, DomainStatus, Leased, RecordedRefusal};
use crate::subscriber::Subscriber;

impl Worker {
    /// Records the outcome, and drops the session if it is no longer usable.
    pub(super) async fn record_outcome(
        &mut self,
        delivery: &Leased,
        recipient: &Subscriber,
        outcome: Outcome,
        duration: Option<Duration>,
    ) -> Flow {
        let Some(outcome) = self.unless_session_ended(delivery, recipient, outcome)? else {
            return Continue(());
        };
        self.report(delivery, recipient, &outcome, duration);
        match outcome {
            Outcome::Accepted(reply) => self.accepted(delivery, recipient, &reply).await,
            Outcome::Uncertain(diagnostic) => self.uncertain(delivery, diagnostic),
            Outcome::Refused {
                diagnostic,
                reason,
                is_policy,
            } => {
                let number = delivery.number;
                let refused = RecordedRefusal { number, reason };
                self.refuse(recipient, refused, &diagnostic, is_policy)
                    .await
            }
            Outcome::Deferred(scope, diagnostic) => {
                self.defer(delivery, recipient, scope, diagnostic).await
            }
            Outcome::Stop(diagnostic) => self.stop(delivery, recipient, &diagnostic),
        }
    }

    /// The outcome to record. `None` if the session reached the relay's limit of messages, and the delivery was released
    /// for a new session.
    fn unless_session_ended(
        &mut self,
        delivery: &Leased,
        recipient: &Subscriber,
        outcome: Outcome,
    ) -> Flow<Option<Outcome>> {
        let Outcome::Deferred(Scope::Session, diagnostic) = outcome else {
            return Continue(Some(outcome));
        };
        match self.end_session(diagnostic) {
            EndOfSession::Served => {
                self.release_one(delivery)?;
                Continue(None)
            }
            EndOfSession::Empty(diagnostic) => {
                Continue(Some(Outcome::Deferred(Scope::Relay, diagnostic)))
            }
            EndOfSession::OneOfMany(diagnostic) => {
                self.release_one(delivery)?;
                let why = with_recipient(recipient, &diagnostic);
                let relay = &self.route.name;
                Break(StopReason::Unreachable(format!(
                    "the relay {relay} accepts no message in a new session: {why}"
                )))
            }
        }
    }

    fn release_one(&self, delivery: &Leased) -> Flow {
        let (number, at) = (delivery.number, now());
        self.record(Change::Release { number, at })
    }

    async fn accepted(&self, delivery: &Leased, recipient: &Subscriber, reply: &Reply) -> Flow {
        self.record(Change::Accepted {
            number: delivery.number,
            diagnostic: reply.into(),
            at: now(),
        })?;
        self.arrived(recipient).await
    }

    fn uncertain(&mut self, delivery: &Leased, diagnostic: Diagnostic) -> Flow {
        self.session = None;
        self.record(Change::Uncertain {
            number: delivery.number,
            diagnostic,
            at: now(),
        })
    }

    /// Ends the run because the relay refuses the sender.
    fn stop(&self, delivery: &Leased, recipient: &Subscriber, diagnostic: &Diagnostic) -> Flow {
        self.release_one(delivery)?;
        let name = match self.run.routes.len() {
            1 => String::new(),
            _ => format!(" {}", self.route.name),
        };
        let remedy = hint::of_refusal(diagnostic);
        let why = with_recipient(recipient, diagnostic);
        Break(StopReason::Refused(format!(
            "the relay{name} refuses to send for this sender: {why}; {remedy}"
        )))
    }

    fn report(
        &self,
        delivery: &Leased,
        recipient: &Subscriber,
        outcome: &Outcome,
        duration: Option<Duration>,
    ) {
        (self.run.on_outcome)(&Attempt {
            delivery: delivery.number,
            number: delivery.attempt,
            recipient,
            relay: &self.route.name,
            outcome,
            duration,
        });
    }

    /// Drops a session that the relay has ended or in which it accepts no more messages.
    fn end_session(&mut self, diagnostic: Diagnostic) -> EndOfSession {
        // `None`: an earlier outcome of the same burst has dropped it.
        let session = self.session.take();
        if session.is_none_or(|session| session.has_served()) {
            return EndOfSession::Served;
        }
        match self.route.connections.session_was_empty() {
            true => EndOfSession::OneOfMany(diagnostic),
            false => EndOfSession::Empty(diagnostic),
        }
    }

    /// Handles an accepted message. If it was the first one after a suspension, its domain is released.
    async fn arrived(&self, recipient: &Subscriber) -> Flow {
        self.run.breaker.arrived();
        self.route.connections.served();
        let name = recipient.address.domain();
        match self.run.suspensions.arrived(&name) {
            Some(known) => self.hold(name, 0, known).await,
            None => Continue(()),
        }
    }

    /// Sets the end of the suspension of a domain in the ledger, if it is still `known`; 0 ends the suspension.
    pub(super) async fn hold(&self, name: String, until: i64, known: i64) -> Flow {
        self.change_domain(DomainChange::Hold { name, until, known })
            .await?;
        Continue(())
    }

    pub(super) async fn change_domain(&self, change: DomainChange) -> Flow<DomainStatus> {
        or_end(self.ledger.change_domain(change).await)
    }
}

/// What a session has done that has ended.
enum EndOfSession {
    /// It has served recipients. A new session continues at once, and no recipient is deferred.
    Served,
    /// It has served no recipient: the relay is busy.
    Empty(Diagnostic),
    /// It is one of several in a row that have served no recipient: the run ends.
    OneOfMany(Diagnostic),
}

/// The reply with its recipient, `550 5.7.1 no (recipient ann@recipient.example)`, as the reason for a stop.
pub(super) fn with_recipient(recipient: &Subscriber, reply: &Diagnostic) -> Diagnostic {
    let text = format!("{reply} (recipient {})", recipient.address.as_str());
    reply.clone().with_text(text)
}
