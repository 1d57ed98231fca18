//! What a relay that refuses everybody looks like: not a list of dead addresses, but a fault of ours or of its own.
//!
//! A refusal is written down when it comes. Here is remembered which of them may have to be taken back.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::outcome::{Diagnostic, RejectReason};
use crate::store::RecordedRefusal;

/// So many refusals in a row are none of the readers' fault.
const ROW: usize = 20;
/// Nor is more than a tenth of so many outcomes that speak of a rule.
const WINDOW: usize = 200;
const POLICY: usize = WINDOW / 10;

/// Watches the outcomes of all connections.
#[derive(Debug)]
pub struct CircuitBreaker {
    is_on: bool,
    seen: Mutex<Seen>,
}

/// What has been seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The refusals since the last letter that arrived.
    row: Vec<RecordedRefusal>,
    /// The latest outcomes; those that speak of a rule with their delivery.
    latest: VecDeque<Option<RecordedRefusal>>,
    /// The refusals of domains that take us for a sender of spam.
    blocked: Vec<RecordedRefusal>,
    /// The deliveries that replies about the sender have deferred since the last message that arrived.
    about_sender: Vec<i64>,
    /// How many refusals speak of the sender, of a rule or of the content, and not of a mailbox.
    about_us: usize,
    /// How many other replies have refused or deferred a recipient.
    others: usize,
    /// The latest refusal of those about us, with its recipient.
    last_about_us: Option<Diagnostic>,
    /// The latest deferral about the sender, with its recipient.
    last_about_sender: Option<String>,
    /// Whether the send has been stopped, so that no refusal counts any more.
    pub(super) has_tripped: bool,
}

/// What a run that has accepted nothing has to take back, and why.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Doubt {
    /// Refusals, recorded as such.
    pub refused: Vec<RecordedRefusal>,
    /// Deliveries that were deferred.
    pub deferred: Vec<i64>,
    /// The latest refusal that is about the sender, a rule or the content, with its recipient.
    pub refusal: Option<Diagnostic>,
    /// The latest deferral about the sender, with its recipient.
    pub deferral: Option<String>,
}

impl CircuitBreaker {
    /// One that watches; `believes_all`: one that takes every refusal for what it says.
    pub fn new(believes_all: bool) -> Self {
        Self {
            is_on: !believes_all,
            seen: Mutex::default(),
        }
    }

    /// Nothing may be recorded of a refusal but while this is held: what is taken back must have been recorded.
    pub(super) fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A letter has arrived.
    pub(super) fn arrived(&self) {
        let mut seen = self.lock();
        seen.row.clear();
        seen.about_sender.clear();
        seen.push(None);
    }

    /// A recipient has been deferred by a reply about the sender. If that is one too many: how many there were.
    pub(super) fn sender_deferred(&self, number: i64, reply: &str) -> Option<usize> {
        let mut seen = self.lock();
        seen.about_sender.push(number);
        seen.last_about_sender = Some(reply.to_owned());
        let count = seen.about_sender.len();
        (self.is_on && count >= ROW).then_some(count)
    }

    /// A recipient has been deferred by another reply.
    pub(super) fn deferred(&self) {
        self.lock().others += 1;
    }

    /// What a reply has said in refusing: about us it is where it speaks of a rule and not of one mailbox.
    pub(super) fn hear(&self, reason: RejectReason, is_policy: bool, reply: Diagnostic) {
        let mut seen = self.lock();
        if is_policy && matches!(reason, RejectReason::Blocked | RejectReason::Other) {
            seen.about_us += 1;
            seen.last_about_us = Some(reply);
        } else {
            seen.others += 1;
        }
    }

    /// The deferrals about the sender that have stopped the send: no waiting corrects their cause.
    pub fn stopped_by_deferrals(&self) -> Vec<i64> {
        let seen = self.lock();
        match self.is_on && seen.about_sender.len() >= ROW {
            true => seen.about_sender.clone(),
            false => Vec::new(),
        }
    }

    /// What a run has to take back that has come to its end and accepted nothing: too few replies to stop it, and most
    /// of them about us. One deferral alone proves nothing.
    pub fn doubt(&self) -> Option<Doubt> {
        let seen = self.lock();
        let about_us = seen.about_us + seen.about_sender.len();
        let is_proof = seen.about_us > 0 || seen.about_sender.len() > 1;
        (self.is_on && !seen.has_tripped && is_proof && about_us > seen.others).then(|| Doubt {
            refused: seen.row.clone(),
            deferred: seen.about_sender.clone(),
            refusal: seen.last_about_us.clone(),
            deferral: seen.last_about_sender.clone(),
        })
    }

    /// A reader has been refused. If that is one too many: what has to be taken back.
    pub(super) fn refused(
        &self,
        seen: &mut Seen,
        refused: RecordedRefusal,
        is_policy: bool,
    ) -> Option<Vec<RecordedRefusal>> {
        seen.row.push(refused);
        seen.push(is_policy.then_some(refused));
        let is_all = seen.row.len() >= ROW;
        let is_rule = seen.latest.iter().flatten().count() > POLICY;
        (self.is_on && (is_all || is_rule)).then(|| seen.trip())
    }

    /// A refusal has turned out to be of a domain that takes us for a sender of spam.
    pub(super) fn blocked(&self, refused: RecordedRefusal) {
        self.lock().blocked.push(refused);
    }

    /// Several domains have. What has to be taken back.
    pub(super) fn all_blocked(&self) -> Option<Vec<RecordedRefusal>> {
        let mut seen = self.lock();
        (self.is_on && !seen.has_tripped).then(|| seen.trip())
    }
}

impl Seen {
    fn push(&mut self, outcome: Option<RecordedRefusal>) {
        self.latest.push_back(outcome);
        if self.latest.len() > WINDOW {
            self.latest.pop_front();
        }
        // With nobody to believe them, they need not be kept.
        self.row.truncate(ROW);
    }

    fn trip(&mut self) -> Vec<RecordedRefusal> {
        self.has_tripped = true;
        let mut all = std::mem::take(&mut self.row);
        all.extend(self.latest.drain(..).flatten());
        all.append(&mut self.blocked);
        all.sort_by_key(|refused| refused.number);
        all.dedup();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::RejectReason;

    fn refuse(guard: &CircuitBreaker, number: i64, is_policy: bool) -> Option<Vec<i64>> {
        let refused = RecordedRefusal {
            number,
            reason: RejectReason::Other,
        };
        let back = guard.refused(&mut guard.lock(), refused, is_policy);
        back.map(|back| back.iter().map(|refused| refused.number).collect())
    }

    #[test]
    fn twenty_in_a_row_go_back_and_one_that_arrives_breaks_the_row() {
        let guard = CircuitBreaker::new(false);
        for number in 0..19 {
            assert_eq!(refuse(&guard, number, false), None);
        }
        guard.arrived();
        for number in 19..38 {
            assert_eq!(refuse(&guard, number, false), None);
        }
        let back = refuse(&guard, 38, false);
        assert_eq!(back, Some((19..39).collect()));
        assert!(guard.lock().has_tripped);
    }

    #[test]
    fn more_than_a_tenth_of_the_last_two_hundred_go_back() {
        let outcome = |guard: &CircuitBreaker, number: i64| {
            if number % 8 == 0 {
                return refuse(guard, number, true);
            }
            guard.arrived();
            None
        };
        let guard = CircuitBreaker::new(false);
        let back = (1..).find_map(|number| outcome(&guard, number));
        assert_eq!(back, Some((1..=21).map(|n| n * 8).collect()));
        let guard = CircuitBreaker::new(true);
        assert_eq!((1..1_000).find_map(|number| outcome(&guard, number)), None);
        // A tenth, and no more.
        let guard = CircuitBreaker::new(false);
        for number in 1..1_000 {
            let is_refused = number % 10 == 0;
            let back = is_refused.then(|| refuse(&guard, number, true));
            assert_eq!(back.flatten(), None);
            (!is_refused).then(|| guard.arrived());
        }
    }
}
