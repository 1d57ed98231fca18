//! The number of concurrent connections: as configured, until the relay asks for fewer.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many requests halve the connections; a single one may be a coincidence.
const HALVING_REQUESTS: usize = 2;

/// After this many sessions in a row that end before they serve a recipient, the relay is busy: a limit of messages for
/// each session would let every session serve at least one.
const LONGEST_EMPTY_ROW: usize = 3;

/// The connections of a route.
#[derive(Debug)]
pub struct ConnectionLimit(Mutex<Count>);

#[derive(Debug)]
struct Count {
    allowed: usize,
    working: usize,
    requests: usize,
    /// The sessions in a row that have served no recipient.
    empty_sessions: usize,
}

impl ConnectionLimit {
    /// A limit of `connections` connections.
    pub fn new(connections: usize) -> Self {
        Self(Mutex::new(Count {
            allowed: connections,
            working: 0,
            requests: 0,
            empty_sessions: 0,
        }))
    }

    /// Starts a round, and returns how many connections it begins with.
    pub(super) fn begin(&self) -> usize {
        let mut count = self.lock();
        count.working = count.allowed;
        count.working
    }

    /// The relay has asked for fewer connections. Returns how many are left, if that halves them.
    pub(super) fn reduce(&self) -> Option<usize> {
        let mut count = self.lock();
        count.requests += 1;
        if count.allowed == 1 || !count.requests.is_multiple_of(HALVING_REQUESTS) {
            return None;
        }
        count.allowed = count.allowed.div_ceil(2);
        Some(count.allowed)
    }

    /// A session has ended before it served a recipient. Returns whether there were too many of them in a row.
    pub(super) fn session_was_empty(&self) -> bool {
        let mut count = self.lock();
        count.empty_sessions += 1;
        count.empty_sessions >= LONGEST_EMPTY_ROW
    }

    /// The relay has accepted a message.
    pub(super) fn served(&self) {
        self.lock().empty_sessions = 0;
    }

    /// Removes a connection if there are more than allowed, and returns whether it did.
    pub(super) fn leave_if_too_many(&self) -> bool {
        let mut count = self.lock();
        let is_too_many = count.working > count.allowed;
        count.working -= usize::from(is_too_many);
        is_too_many
    }

    /// Removes a connection that the relay does not accept, unless it is the last one. Returns how many are left.
    pub(super) fn leave_to_others(&self) -> Option<usize> {
        let mut count = self.lock();
        if count.working <= 1 {
            return None;
        }
        count.working -= 1;
        count.allowed = count.allowed.min(count.working);
        Some(count.allowed)
    }

    /// A connection has ended for another reason.
    pub(super) fn ended(&self) {
        let mut count = self.lock();
        count.working = count.working.saturating_sub(1);
    }

    fn lock(&self) -> MutexGuard<'_, Count> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_second_request_halves_the_connections_down_to_one() {
        let limit = ConnectionLimit::new(5);
        assert_eq!(limit.begin(), 5);
        let left: Vec<_> = (0..8).map(|_| limit.reduce()).collect();
        assert_eq!(
            left,
            [None, Some(3), None, Some(2), None, Some(1), None, None]
        );
        let leaving: Vec<_> = (0..6).map(|_| limit.leave_if_too_many()).collect();
        assert_eq!(leaving, [true, true, true, true, false, false]);
        assert_eq!(limit.begin(), 1, "for the rest of the run");
    }

    #[test]
    fn a_connection_that_is_not_accepted_leaves_its_work_to_the_others() {
        let limit = ConnectionLimit::new(3);
        limit.begin();
        assert_eq!(limit.leave_to_others(), Some(2));
        limit.ended();
        assert_eq!(limit.leave_to_others(), None, "it is the last");
        assert_eq!(limit.begin(), 2);
    }
}
