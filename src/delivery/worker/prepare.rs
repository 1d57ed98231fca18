//! Encodes the message of a delivery, and determines when it may be sent.

use std::collections::VecDeque;
use std::ops::ControlFlow::{Break, Continue};
use std::sync::PoisonError;
use std::time::Duration;

use super::Worker;
use crate::delivery::end::{Flow, StopReason, or_end};
use crate::delivery::now;
use crate::delivery::suspension::Admission;
use crate::message::Message;
use crate::outcome::RejectReason;
use crate::store::{Change, Leased};
use crate::subscriber::Subscriber;

/// An encoded message.
pub(super) struct Prepared {
    /// The number of the delivery.
    pub(super) number: i64,
    /// The edition that it was encoded from.
    pub(super) edition: i64,
    pub(super) recipient: Subscriber,
    pub(super) message: Message,
    /// When it may be sent, as the time since the run began.
    pub(super) turn: Duration,
}

impl Worker {
    /// Encodes a message and counts it in the rates.
    pub(super) fn prepare(&self, delivery: &Leased) -> Result<Prepared, String> {
        let recipient: Subscriber =
            serde_json::from_str(&delivery.subscriber).map_err(|error| error.to_string())?;
        let encoder = self.run.encoders.get(&delivery.edition);
        let encoder = encoder.ok_or("its edition is unknown")?;
        let message = encoder.write(&recipient);
        let message = message.map_err(|error| error.to_string())?;
        Ok(Prepared {
            number: delivery.number,
            edition: delivery.edition,
            turn: self.turn(delivery, &recipient),
            recipient,
            message,
        })
    }

    /// When the rates allow the message of a delivery, as the time since the run began.
    fn turn(&self, delivery: &Leased, recipient: &Subscriber) -> Duration {
        let now = self.began.elapsed();
        let rates = self.run.domain_rates.lock();
        let mut rates = rates.unwrap_or_else(PoisonError::into_inner);
        let wait = rates.take(&recipient.address.domain(), now).domain;
        let turn = now + wait.max(self.route.wait(now));
        let shared = self.turns.get(&delivery.number);
        shared.map_or(turn, |shared| turn.max(*shared))
    }

    /// Records that a message cannot be encoded. The others are not affected.
    pub(super) fn refuse_unencodable(&self, delivery: &Leased, why: &str) -> Flow {
        self.record(Change::Refused {
            number: delivery.number,
            diagnostic: format!("the message cannot be encoded: {why}").into(),
            reason: RejectReason::Other,
            at: now(),
        })
    }

    /// Reserves a time for each delivery of the queue in the rate that all senders share.
    pub(super) async fn reserve(&mut self, queue: &VecDeque<Leased>) -> Flow {
        self.turns.clear();
        let Some(shared) = &self.route.shared else {
            return Continue(());
        };
        let (count, per_second) = (queue.len() as u32, shared.rate.per_second());
        let relay = shared.relay.clone();
        let wait = self.ledger.reserve(relay, count, per_second).await;
        let Some(wait) = or_end(wait)? else {
            return Continue(());
        };
        let first = self.began.elapsed() + wait;
        let turns = (0_u32..).map(|n| first + Duration::from_secs_f64(f64::from(n) / per_second));
        let numbers = queue.iter().map(|delivery| delivery.number);
        self.turns = numbers.zip(turns).collect();
        Continue(())
    }

    /// Waits until the rates allow a message.
    pub(super) async fn wait_for(&mut self, turn: Duration) -> Flow {
        let wait = turn.saturating_sub(self.began.elapsed());
        if wait.is_zero() {
            return Continue(());
        }
        let signals = &mut self.signals;
        tokio::select! {
            () = tokio::time::sleep(wait) => Continue(()),
            _ = signals.stop.wait_for(|stop| *stop) => Break(StopReason::Interrupted),
            // Other routes send the deliveries of a closed one.
            _ = signals.is_shut.wait_for(|is_shut| *is_shut) => Break(StopReason::Interrupted),
        }
    }

    /// Postpones a delivery whose domain is suspended, and returns whether it did. The first message after a suspension
    /// is sent alone.
    pub(super) async fn is_postponed(&self, delivery: &Leased, prepared: &Prepared) -> Flow<bool> {
        let domain = prepared.recipient.address.domain();
        match self.run.suspensions.admit(&domain, now()) {
            Admission::Send => Continue(false),
            Admission::Suspended(until) => {
                self.record(Change::Postponed {
                    number: delivery.number,
                    why: format!("{domain} is suspended"),
                    next_try: until,
                    at: now(),
                })?;
                Continue(true)
            }
            Admission::Probe { until, known } => {
                self.hold(domain, until, known).await?;
                Continue(false)
            }
        }
    }
}
