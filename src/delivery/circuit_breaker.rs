//! Stops a run when refusals are probably about the sender. A relay that refuses every recipient does not prove that all
//! addresses are invalid.
//!
//! Each refusal is recorded when it arrives. The breaker remembers which of them may have to be taken back.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::outcome::{Diagnostic, RejectReason};
use crate::store::RecordedRefusal;

/// This many refusals in a row are probably about the sender.
const ROW: usize = 20;
/// How many of the latest outcomes are examined for policy refusals.
const WINDOW: usize = 200;
/// More policy refusals than this in the window are probably about the sender.
const POLICY: usize = WINDOW / 10;

/// Watches the outcomes of all connections.
#[derive(Debug)]
pub struct CircuitBreaker {
    is_on: bool,
    state: Mutex<BreakerState>,
}

/// The outcomes so far in the run.
#[derive(Debug, Default)]
pub(super) struct BreakerState {
    /// The refusals since the last accepted message.
    row: Vec<RecordedRefusal>,
    /// The latest outcomes; for those about a policy, their delivery.
    latest: VecDeque<Option<RecordedRefusal>>,
    /// The refusals as spam.
    blocked: Vec<RecordedRefusal>,
    /// The deliveries deferred by replies about the sender since the last accepted message.
    about_sender: Vec<i64>,
    /// How many refusals are about the sender, a policy or the content, and not about a mailbox.
    about_policy: usize,
    /// How many other replies have refused or deferred a recipient.
    others: usize,
    /// The latest refusal about a policy, with its recipient.
    last_policy: Option<Diagnostic>,
    /// The latest deferral about the sender, with its recipient.
    last_about_sender: Option<String>,
    /// Whether the breaker has stopped the run, so that further refusals do not count.
    pub(super) has_tripped: bool,
}

/// What is taken back after a run in which nothing was accepted, and why.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Retraction {
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
    /// A breaker. With `accepts_all` it never trips, and every refusal counts.
    pub fn new(accepts_all: bool) -> Self {
        Self {
            is_on: !accepts_all,
            state: Mutex::default(),
        }
    }

    /// Locks the breaker. A refusal is recorded only while the lock is held: what is taken back must be recorded before.
    pub(super) fn lock(&self) -> MutexGuard<'_, BreakerState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A message was accepted.
    pub(super) fn arrived(&self) {
        let mut state = self.lock();
        state.row.clear();
        state.about_sender.clear();
        state.push(None);
    }

    /// A reply about the sender has deferred a recipient. Returns how many there were, if that stops the run.
    pub(super) fn sender_deferred(&self, number: i64, reply: &str) -> Option<usize> {
        let mut state = self.lock();
        state.about_sender.push(number);
        state.last_about_sender = Some(reply.to_owned());
        let count = state.about_sender.len();
        (self.is_on && count >= ROW).then_some(count)
    }

    /// Another reply has deferred a recipient.
    pub(super) fn deferred(&self) {
        self.lock().others += 1;
    }

    /// Counts a refusal: it is about the sender if it is about a policy and not about one mailbox.
    pub(super) fn count_reply(&self, reason: RejectReason, is_policy: bool, reply: Diagnostic) {
        let mut state = self.lock();
        if is_policy && matches!(reason, RejectReason::Blocked | RejectReason::Other) {
            state.about_policy += 1;
            state.last_policy = Some(reply);
        } else {
            state.others += 1;
        }
    }

    /// The deferrals about the sender that have stopped the run; waiting does not remove their cause.
    pub fn stopped_by_deferrals(&self) -> Vec<i64> {
        let state = self.lock();
        match self.is_on && state.about_sender.len() >= ROW {
            true => state.about_sender.clone(),
            false => Vec::new(),
        }
    }

    /// What is taken back after a run in which nothing was accepted, if most replies were about the sender but too few to
    /// stop the run.
    pub fn retraction(&self) -> Option<Retraction> {
        let state = self.lock();
        (self.is_on && !state.has_tripped && state.is_mostly_about_sender()).then(|| Retraction {
            refused: state.row.clone(),
            deferred: state.about_sender.clone(),
            refusal: state.last_policy.clone(),
            deferral: state.last_about_sender.clone(),
        })
    }

    /// A recipient was refused. Returns the refusals to take back, if this one stops the run.
    pub(super) fn refused(
        &self,
        state: &mut BreakerState,
        refused: RecordedRefusal,
        is_policy: bool,
    ) -> Option<Vec<RecordedRefusal>> {
        state.row.push(refused);
        state.push(is_policy.then_some(refused));
        let is_row = state.row.len() >= ROW;
        let is_policy = state.latest.iter().flatten().count() > POLICY;
        (self.is_on && (is_row || is_policy)).then(|| state.trip())
    }

    /// A recipient was refused as spam.
    pub(super) fn blocked(&self, refused: RecordedRefusal) {
        self.lock().blocked.push(refused);
    }

    /// Several domains refuse the messages as spam. Returns the refusals to take back, unless the run is stopped already.
    pub(super) fn all_blocked(&self) -> Option<Vec<RecordedRefusal>> {
        let mut state = self.lock();
        (self.is_on && !state.has_tripped).then(|| state.trip())
    }
}

impl BreakerState {
    /// Whether most of the replies are about the sender. A single deferral may be a coincidence.
    fn is_mostly_about_sender(&self) -> bool {
        let deferrals = self.about_sender.len();
        let is_certain = self.about_policy > 0 || deferrals > 1;
        is_certain && self.about_policy + deferrals > self.others
    }

    fn push(&mut self, outcome: Option<RecordedRefusal>) {
        self.latest.push_back(outcome);
        if self.latest.len() > WINDOW {
            self.latest.pop_front();
        }
        // The run stops at this many.
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
    fn twenty_refusals_in_a_row_are_taken_back_and_an_accepted_message_ends_the_row() {
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
    fn policy_refusals_above_a_tenth_of_two_hundred_outcomes_are_taken_back() {
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
        // Exactly a tenth.
        let guard = CircuitBreaker::new(false);
        for number in 1..1_000 {
            let is_refused = number % 10 == 0;
            let back = is_refused.then(|| refuse(&guard, number, true));
            assert_eq!(back.flatten(), None);
            (!is_refused).then(|| guard.arrived());
        }
    }
}
