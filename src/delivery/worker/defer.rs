//! Defers deliveries, and suspends domains that ask for a lower rate.

use std::ops::ControlFlow::{Break, Continue};
use std::time::Duration;

use jiff::Timestamp;

use super::Worker;
use super::record::with_recipient;
use crate::delivery::end::{Flow, StopReason, setup_is_wrong};
use crate::delivery::now;
use crate::delivery::retry::GIVE_UP;
use crate::delivery::suspension::{SlowDown, possible_ends};
use crate::diag::counted;
use crate::outcome::{Diagnostic, RejectReason, Scope};
use crate::store::{Change, Domain, DomainChange, Leased};
use crate::subscriber::Subscriber;

/// From this suspension of a domain on, the notice says that the cause needs attention.
const PERSISTENT: u32 = 3;

impl Worker {
    /// Defers a delivery, and applies the effects of the reply's scope to the session, the connections or the domain.
    pub(super) async fn defer(
        &mut self,
        delivery: &Leased,
        recipient: &Subscriber,
        scope: Scope,
        diagnostic: Diagnostic,
    ) -> Flow {
        if scope == Scope::Sender {
            return self.defer_for_the_sender(delivery, recipient, diagnostic);
        }
        self.run.breaker.deferred();
        let mut attempt = delivery.attempt;
        let mut not_before = 0;
        match scope {
            Scope::Connection => self.session = None,
            Scope::Relay => {
                self.session = None;
                // The next step of the back-off: at least a quarter of an hour.
                attempt += 1;
                self.reduce_connections(&diagnostic);
            }
            Scope::Domain => not_before = self.slow_down(recipient, &diagnostic).await?,
            // `record_outcome` has handled `Scope::Session`.
            Scope::Address | Scope::Campaign | Scope::Session | Scope::Sender => {}
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
        let reply = with_recipient(recipient, &diagnostic).text;
        self.record(self.deferred(delivery, delivery.attempt, 0, diagnostic))?;
        let breaker = &self.run.breaker;
        let Some(count) = breaker.sender_deferred(delivery.number, &reply) else {
            return Continue(());
        };
        let name = format!(" {}", self.route.name);
        let why = setup_is_wrong(&name, count, &reply);
        Break(StopReason::Refused(why))
    }

    /// The change that defers a delivery, or refuses it if it would be retried after [`GIVE_UP`].
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
            return given_up(delivery, diagnostic, at);
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
    fn reduce_connections(&self, why: &Diagnostic) {
        if let Some(left) = self.route.connections.reduce() {
            (self.run.on_notice)(&format!(
                "the relay asked for fewer connections; continuing with {}: {why}",
                counted(left, "connection")
            ));
        }
    }

    /// Handles a request of the recipient's domain for a lower rate. Returns the end of its suspension, 0 if it is not
    /// suspended.
    async fn slow_down(&self, recipient: &Subscriber, why: &Diagnostic) -> Flow<i64> {
        let name = recipient.address.domain();
        Continue(match self.run.suspensions.slow_down(&name, now()) {
            SlowDown::Ignore => 0,
            SlowDown::AlreadySuspended(until) => until,
            SlowDown::Suspend(known) => self.suspend(name, why, known).await?.until,
        })
    }

    /// Suspends a domain for this worker and for all other senders.
    pub(super) async fn suspend(&self, name: String, why: &Diagnostic, known: i64) -> Flow<Domain> {
        let at = now();
        let change = DomainChange::Suspend {
            name,
            why: why.text.clone(),
            untils: possible_ends(&why.text, at),
            known: known.max(at),
        };
        let domain = self.change_domain(change).await?.domain;
        if self.run.suspensions.suspend(&domain.name, domain.until) {
            (self.run.on_notice)(&suspension_notice(&domain));
        }
        Continue(domain)
    }
}

/// Refuses a delivery after its last attempt.
fn given_up(delivery: &Leased, last: Diagnostic, at: i64) -> Change {
    let attempts = delivery.attempt;
    let text = format!("given up after {attempts} tries in 48 hours: {last}");
    Change::Refused {
        number: delivery.number,
        reason: RejectReason::of_expired(&last),
        diagnostic: last.with_text(text),
        at,
    }
}

/// The notice of a suspension: `gmail.example is suspended until 2026-11-30T08:15:00Z: 421 4.7.28 …`
fn suspension_notice(domain: &Domain) -> String {
    let (name, suspensions, why) = (&domain.name, domain.suspensions, &domain.why);
    let until = Timestamp::from_second(domain.until).unwrap_or_default();
    let warning = match suspensions >= PERSISTENT {
        true => format!(", suspension number {suspensions}: the cause needs attention"),
        false => String::new(),
    };
    format!("{name} is suspended until {until}{warning}: {why}")
}
