//! What an outcome means for the delivery, for its domain, for the connections, and for the whole send.

use std::time::Duration;

use jiff::Timestamp;

use std::ops::ControlFlow::{Break, Continue};

use super::Worker;
use crate::delivery::end::{Flow, StopReason, or_end, setup_is_wrong};
use crate::delivery::retry::GIVE_UP;
use crate::delivery::suspension::{Asked, untils};
use crate::delivery::{hint, now};
use crate::diag::counted;
use crate::outcome::{Diagnostic, Outcome, RejectReason, Scope};
use crate::store::{BLOCKED, Change, Domain, DomainChange, DomainStatus, Leased, RecordedRefusal};
use crate::subscriber::Subscriber;

/// So many domains that take us for a sender of spam are right, for all that the send can know.
const BLOCKING: u32 = 3;

/// From this rest on, somebody has to look at the domain.
const LAST_REST: u32 = 3;

impl Worker {
    /// Writes the outcome down, and lets go of a connection that is good for nothing more.
    pub(super) async fn record_outcome(
        &mut self,
        delivery: &Leased,
        reader: &Subscriber,
        outcome: Outcome,
    ) -> Flow {
        let (number, at) = (delivery.number, now());
        let outcome = match outcome {
            Outcome::Deferred(Scope::Session, diagnostic) => match self.end_session(diagnostic) {
                EndOfSession::Served => return self.record(Change::Release { number, at }),
                EndOfSession::Empty(diagnostic) => Outcome::Deferred(Scope::Relay, diagnostic),
                EndOfSession::OneOfMany(diagnostic) => {
                    self.record(Change::Release { number, at })?;
                    return Break(StopReason::Unreachable(format!(
                        "the relay {} accepts no message in a new session: {}",
                        self.route.name,
                        naming(reader, &diagnostic)
                    )));
                }
            },
            outcome => outcome,
        };
        (self.run.on_outcome)(reader, &outcome);
        match outcome {
            Outcome::Accepted(reply) => {
                let diagnostic = Diagnostic::from(&reply);
                self.record(Change::Accepted {
                    number,
                    diagnostic,
                    at,
                })?;
                self.arrived(reader).await
            }
            Outcome::Uncertain(diagnostic) => {
                self.session = None;
                self.record(Change::Uncertain {
                    number,
                    diagnostic,
                    at,
                })
            }
            Outcome::Refused {
                diagnostic,
                reason,
                is_policy,
            } => {
                let refused = RecordedRefusal { number, reason };
                let counts = self
                    .refused(reader, refused, &diagnostic, is_policy)
                    .await?;
                if counts && reason == RejectReason::Blocked {
                    self.blocked(reader, refused, &diagnostic).await?;
                }
                Continue(())
            }
            Outcome::Deferred(scope, diagnostic) => {
                self.defer(delivery, reader, scope, diagnostic).await
            }
            Outcome::Stop(diagnostic) => {
                self.record(Change::Release { number, at })?;
                let name = match self.run.routes.len() {
                    1 => String::new(),
                    _ => format!(" {}", self.route.name),
                };
                let remedy = hint::of_refusal(&diagnostic);
                let why = naming(reader, &diagnostic);
                Break(StopReason::Refused(format!(
                    "the relay{name} refuses to send for this sender: {why}; {remedy}"
                )))
            }
        }
    }

    /// The relay has ended the session, or accepts no more messages in it.
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

    /// Where it was the first letter behind a rest of its domain, the others follow.
    async fn arrived(&self, reader: &Subscriber) -> Flow {
        self.run.breaker.arrived();
        self.route.connections.served();
        let name = reader.address.domain();
        let Some(known) = self.run.suspensions.arrived(&name) else {
            return Continue(());
        };
        let until = 0;
        self.step(DomainChange::Hold { name, until, known }).await?;
        Continue(())
    }

    async fn defer(
        &mut self,
        delivery: &Leased,
        reader: &Subscriber,
        scope: Scope,
        diagnostic: Diagnostic,
    ) -> Flow {
        let mut attempt = delivery.attempt;
        let mut least = 0;
        if scope != Scope::Sender {
            self.run.breaker.deferred();
        }
        match scope {
            // `within_session` has handled the session's own.
            Scope::Address | Scope::Campaign | Scope::Session => {}
            Scope::Sender => return self.defer_for_the_sender(delivery, reader, diagnostic),
            Scope::Connection => self.session = None,
            Scope::Relay => {
                self.session = None;
                // A quarter of an hour, at least.
                attempt += 1;
                self.ease_off(&diagnostic);
            }
            Scope::Domain => {
                let name = reader.address.domain();
                least = match self.run.suspensions.asked(&name, now()) {
                    Asked::Once => 0,
                    Asked::Already(until) => until,
                    Asked::Suspend(known) => self.suspend(name, &diagnostic, known).await?.until,
                };
            }
        }
        self.record(self.deferred(delivery, attempt, least, diagnostic))
    }

    /// One such reply may be greylisting or a fault of the recipient's server; the same for everybody is a fault of
    /// the set-up, which no waiting corrects.
    fn defer_for_the_sender(
        &self,
        delivery: &Leased,
        reader: &Subscriber,
        diagnostic: Diagnostic,
    ) -> Flow {
        let reply = naming(reader, &diagnostic);
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
        least: i64,
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
        let next_try = (at + wait.as_secs().cast_signed()).max(least);
        Change::Deferred {
            number,
            diagnostic,
            next_try,
            at,
        }
    }

    /// Fewer connections, when the relay has asked for it more than once.
    fn ease_off(&self, why: &Diagnostic) {
        if let Some(left) = self.route.connections.struck() {
            (self.run.on_notice)(&format!(
                "the relay asked for fewer connections; continuing with {}: {why}",
                counted(left, "connection")
            ));
        }
    }

    /// Leaves a domain alone, for itself and for every other sender.
    async fn suspend(&self, name: String, why: &Diagnostic, known: i64) -> Flow<Domain> {
        let at = now();
        let step = DomainChange::Suspend {
            name,
            why: why.text.clone(),
            untils: untils(&why.text, at),
            known: known.max(at),
        };
        let domain = self.step(step).await?.domain;
        if self.run.suspensions.suspend(&domain.name, domain.until) {
            (self.run.on_notice)(&told(&domain));
        }
        Continue(domain)
    }

    /// Writes a refusal down, unless the send has been stopped because of them; stops it at one too many. Whether
    /// it counts.
    async fn refused(
        &self,
        reader: &Subscriber,
        refused: RecordedRefusal,
        diagnostic: &Diagnostic,
        is_policy: bool,
    ) -> Flow<bool> {
        let (number, at) = (refused.number, now());
        let (guard, reason) = (&self.run.breaker, refused.reason);
        guard.hear(reason, is_policy, naming(reader, diagnostic));
        let back = {
            let mut seen = self.run.breaker.lock();
            if seen.has_tripped {
                self.record(Change::Release { number, at })?;
                return Continue(false);
            }
            self.record(Change::Refused {
                number,
                diagnostic: diagnostic.clone(),
                reason: refused.reason,
                at,
            })?;
            self.run.breaker.refused(&mut seen, refused, is_policy)
        };
        let Some(back) = back else {
            return Continue(true);
        };
        let count = counted(back.len(), "recipient");
        let why = naming(reader, diagnostic);
        let why =
            format!("the relay has refused {count}, too many to be about the recipients: {why}");
        self.take_back(back, why).await?;
        Continue(false)
    }

    /// The reader's domain takes us for a sender of spam.
    async fn blocked(
        &self,
        reader: &Subscriber,
        refused: RecordedRefusal,
        why: &Diagnostic,
    ) -> Flow {
        self.run.breaker.blocked(refused);
        let name = reader.address.domain();
        let step = DomainChange::Block {
            name: name.clone(),
            why: why.text.clone(),
        };
        let stepped = self.step(step).await?;
        if stepped.domain.blocked < BLOCKED {
            return Continue(());
        }
        if let Some(known) = self.run.suspensions.needs_suspension(&name, now()) {
            self.suspend(name, why, known).await?;
        }
        if stepped.blocking < BLOCKING {
            return Continue(());
        }
        let Some(back) = self.run.breaker.all_blocked() else {
            return Continue(());
        };
        let count = stepped.blocking;
        let why = naming(reader, why);
        let why = format!("{count} domains treat this message as spam, the last with: {why}");
        self.take_back(back, why).await
    }

    async fn take_back(&self, refusals: Vec<RecordedRefusal>, why: String) -> Flow {
        let taken = self.ledger.take_back(refusals, now()).await;
        or_end(taken)?;
        Break(StopReason::Doubted(why))
    }

    async fn step(&self, step: DomainChange) -> Flow<DomainStatus> {
        or_end(self.ledger.change_domain(step).await)
    }
}

/// What the end of a session means.
enum EndOfSession {
    /// It has served recipients: a new one continues at once, and no recipient is deferred.
    Served,
    /// It has served none: the relay is busy.
    Empty(Diagnostic),
    /// It is one of several in a row that have served none: the run ends.
    OneOfMany(Diagnostic),
}

/// `550 5.7.1 no (recipient ann@reader.example)`: the cause of a stop.
fn naming(reader: &Subscriber, reply: &Diagnostic) -> Diagnostic {
    let text = format!("{reply} (recipient {})", reader.address.as_str());
    reply.clone().with_text(text)
}

fn given_up(attempts: u32, last: Diagnostic) -> Diagnostic {
    let text = format!("given up after {attempts} tries in 48 hours: {last}");
    last.with_text(text)
}

/// `gmail.example is suspended until 2026-11-30T08:15:00Z: 421 4.7.28 …`
fn told(domain: &Domain) -> String {
    let Domain {
        name,
        suspensions,
        until,
        why,
        ..
    } = domain;
    let until = Timestamp::from_second(*until).unwrap_or_default();
    let many = if *suspensions >= LAST_REST {
        format!(", suspension number {suspensions}: the cause needs attention")
    } else {
        String::new()
    };
    format!("{name} is suspended until {until}{many}: {why}")
}
