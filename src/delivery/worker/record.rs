//! Records an outcome and applies its effects on the delivery, its domain, the connections and the campaign.

use std::time::Duration;

use jiff::Timestamp;

use std::ops::ControlFlow::{Break, Continue};

use super::Worker;
use crate::delivery::end::{Flow, StopReason, or_end, setup_is_wrong};
use crate::delivery::retry::GIVE_UP;
use crate::delivery::suspension::{SlowDown, untils};
use crate::delivery::{Attempt, hint, now};
use crate::diag::counted;
use crate::outcome::{Diagnostic, Outcome, RejectReason, Reply, Scope};
use crate::store::{BLOCKED, Change, Domain, DomainChange, DomainStatus, Leased, RecordedRefusal};
use crate::subscriber::Subscriber;

/// How many domains must reject messages as spam before the campaign stops.
const BLOCKING: u32 = 3;

/// From this suspension of a domain on, the notice says that the cause needs attention.
const PERSISTENT: u32 = 3;

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
                let counts = self.refused(recipient, refused, &diagnostic, is_policy);
                if counts.await? && reason == RejectReason::Blocked {
                    self.blocked(recipient, refused, &diagnostic).await?;
                }
                Continue(())
            }
            Outcome::Deferred(scope, diagnostic) => {
                self.defer(delivery, recipient, scope, diagnostic).await
            }
            Outcome::Stop(diagnostic) => self.stop(delivery, recipient, &diagnostic),
        }
    }

    /// The outcome to record; `None` if the session has only reached its end and the delivery was released for a new one.
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
                Break(StopReason::Unreachable(format!(
                    "the relay {} accepts no message in a new session: {}",
                    self.route.name,
                    with_recipient(recipient, &diagnostic)
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
        // After a burst the first of its outcomes has closed the session.
        let session = self.session.take();
        if session.is_none_or(|session| session.has_served()) {
            return EndOfSession::Served;
        }
        match self.route.connections.turned_away() {
            true => EndOfSession::OneOfMany(diagnostic),
            false => EndOfSession::Empty(diagnostic),
        }
    }

    /// Handles an accepted message. If it was the first one after a suspension, its domain is released.
    async fn arrived(&self, recipient: &Subscriber) -> Flow {
        self.run.breaker.arrived();
        self.route.connections.served();
        let name = recipient.address.domain();
        let Some(known) = self.run.suspensions.arrived(&name) else {
            return Continue(());
        };
        let until = 0;
        self.change_domain(DomainChange::Hold { name, until, known })
            .await?;
        Continue(())
    }

    async fn defer(
        &mut self,
        delivery: &Leased,
        recipient: &Subscriber,
        scope: Scope,
        diagnostic: Diagnostic,
    ) -> Flow {
        let mut attempt = delivery.attempt;
        let mut not_before = 0;
        if scope != Scope::Sender {
            self.run.breaker.deferred();
        }
        match scope {
            // `record_outcome` has handled `Scope::Session`.
            Scope::Address | Scope::Campaign | Scope::Session => {}
            Scope::Sender => return self.defer_for_the_sender(delivery, recipient, diagnostic),
            Scope::Connection => self.session = None,
            Scope::Relay => {
                self.session = None;
                // The next step of the back-off: at least a quarter of an hour.
                attempt += 1;
                self.ease_off(&diagnostic);
            }
            Scope::Domain => {
                let name = recipient.address.domain();
                not_before = match self.run.suspensions.slow_down(&name, now()) {
                    SlowDown::Ignore => 0,
                    SlowDown::AlreadySuspended(until) => until,
                    SlowDown::Suspend(known) => self.suspend(name, &diagnostic, known).await?.until,
                };
            }
        }
        self.record(self.deferred(delivery, attempt, not_before, diagnostic))
    }

    /// Defers a message whose deferral is about the sender. A single one may be greylisting or an error of the
    /// recipient's server. If all recipients get the same reply, the configuration is wrong and the run stops, because
    /// waiting does not help.
    fn defer_for_the_sender(
        &self,
        delivery: &Leased,
        recipient: &Subscriber,
        diagnostic: Diagnostic,
    ) -> Flow {
        let reply = with_recipient(recipient, &diagnostic);
        self.record(self.deferred(delivery, delivery.attempt, 0, diagnostic))?;
        let Some(count) = self
            .run
            .breaker
            .sender_deferred(delivery.number, &reply.text)
        else {
            return Continue(());
        };
        let name = format!(" {}", self.route.name);
        Break(StopReason::Refused(setup_is_wrong(
            &name,
            count,
            &reply.text,
        )))
    }

    fn deferred(
        &self,
        delivery: &Leased,
        attempt: u32,
        not_before: i64,
        diagnostic: Diagnostic,
    ) -> Change {
        let (number, at) = (delivery.number, now());
        let age = Duration::from_secs((at - delivery.first_try).max(0).unsigned_abs());
        let wait = (self.run.retry.wait)(attempt, number.unsigned_abs());
        if age + wait > GIVE_UP {
            return Change::Refused {
                number,
                reason: RejectReason::of_expired(&diagnostic),
                diagnostic: given_up(delivery.attempt, diagnostic),
                at,
            };
        }
        let next_try = (at + wait.as_secs().cast_signed()).max(not_before);
        Change::Deferred {
            number,
            diagnostic,
            next_try,
            at,
        }
    }

    /// Uses fewer connections if the relay has asked for that more than once.
    fn ease_off(&self, why: &Diagnostic) {
        if let Some(left) = self.route.connections.reduce() {
            (self.run.on_notice)(&format!(
                "the relay asked for fewer connections; continuing with {}: {why}",
                counted(left, "connection")
            ));
        }
    }

    /// Suspends a domain for this worker and for all other senders.
    async fn suspend(&self, name: String, why: &Diagnostic, known: i64) -> Flow<Domain> {
        let at = now();
        let change = DomainChange::Suspend {
            name,
            why: why.text.clone(),
            untils: untils(&why.text, at),
            known: known.max(at),
        };
        let domain = self.change_domain(change).await?.domain;
        if self.run.suspensions.suspend(&domain.name, domain.until) {
            (self.run.on_notice)(&suspension_notice(&domain));
        }
        Continue(domain)
    }

    /// Records a refusal and returns whether it counts. After too many refusals they are taken back, and the run stops.
    async fn refused(
        &self,
        recipient: &Subscriber,
        refused: RecordedRefusal,
        diagnostic: &Diagnostic,
        is_policy: bool,
    ) -> Flow<bool> {
        let (number, at) = (refused.number, now());
        let (breaker, reason) = (&self.run.breaker, refused.reason);
        breaker.count_reply(reason, is_policy, with_recipient(recipient, diagnostic));
        let taken_back = {
            let mut state = breaker.lock();
            if state.has_tripped {
                self.record(Change::Release { number, at })?;
                return Continue(false);
            }
            self.record(Change::Refused {
                number,
                diagnostic: diagnostic.clone(),
                reason: refused.reason,
                at,
            })?;
            breaker.refused(&mut state, refused, is_policy)
        };
        let Some(taken_back) = taken_back else {
            return Continue(true);
        };
        let count = counted(taken_back.len(), "recipient");
        let why = with_recipient(recipient, diagnostic);
        let why =
            format!("the relay has refused {count}, too many to be about the recipients: {why}");
        self.take_back(taken_back, why).await?;
        Continue(false)
    }

    /// Handles a rejection as spam: counts it for the recipient's domain, suspends the domain after several, and stops
    /// the run after several domains.
    async fn blocked(
        &self,
        recipient: &Subscriber,
        refused: RecordedRefusal,
        why: &Diagnostic,
    ) -> Flow {
        self.run.breaker.blocked(refused);
        let name = recipient.address.domain();
        let change = DomainChange::Block {
            name: name.clone(),
            why: why.text.clone(),
        };
        let status = self.change_domain(change).await?;
        if status.domain.blocked < BLOCKED {
            return Continue(());
        }
        if let Some(known) = self.run.suspensions.needs_suspension(&name, now()) {
            self.suspend(name, why, known).await?;
        }
        if status.blocking < BLOCKING {
            return Continue(());
        }
        let Some(taken_back) = self.run.breaker.all_blocked() else {
            return Continue(());
        };
        let count = status.blocking;
        let why = with_recipient(recipient, why);
        let why = format!("{count} domains treat this message as spam, the last with: {why}");
        self.take_back(taken_back, why).await
    }

    async fn take_back(&self, refusals: Vec<RecordedRefusal>, why: String) -> Flow {
        let taken = self.ledger.take_back(refusals, now()).await;
        or_end(taken)?;
        Break(StopReason::RefusalsTakenBack(why))
    }

    async fn change_domain(&self, change: DomainChange) -> Flow<DomainStatus> {
        or_end(self.ledger.change_domain(change).await)
    }
}

/// Whether a session that has ended was of use.
enum EndOfSession {
    /// It has served recipients: a new one continues at once, and no recipient is deferred.
    Served,
    /// It has served none: the relay is busy.
    Empty(Diagnostic),
    /// It is one of several in a row that have served none: the run ends.
    OneOfMany(Diagnostic),
}

/// The reply with its recipient, `550 5.7.1 no (recipient ann@recipient.example)`, as the reason for a stop.
fn with_recipient(recipient: &Subscriber, reply: &Diagnostic) -> Diagnostic {
    let text = format!("{reply} (recipient {})", recipient.address.as_str());
    reply.clone().with_text(text)
}

fn given_up(attempts: u32, last: Diagnostic) -> Diagnostic {
    let text = format!("given up after {attempts} tries in 48 hours: {last}");
    last.with_text(text)
}

/// The notice of a suspension: `gmail.example is suspended until 2026-11-30T08:15:00Z: 421 4.7.28 …`
fn suspension_notice(domain: &Domain) -> String {
    let Domain {
        name,
        suspensions,
        until,
        why,
        ..
    } = domain;
    let until = Timestamp::from_second(*until).unwrap_or_default();
    let many = if *suspensions >= PERSISTENT {
        format!(", suspension number {suspensions}: the cause needs attention")
    } else {
        String::new()
    };
    format!("{name} is suspended until {until}{many}: {why}")
}
