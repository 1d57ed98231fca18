//! The number of concurrent connections: as configured, until the relay asks for fewer.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// So many requests halve the connections: one may be a coincidence.
const ENOUGH: usize = 2;

/// So many sessions in a row that end before they serve a recipient: the relay is busy, and it is not a limit for each
/// session.
const TURNED_AWAY: usize = 3;

/// The connections of a route.
#[derive(Debug)]
pub struct ConnectionLimit(Mutex<Count>);

#[derive(Debug)]
struct Count {
    allowed: usize,
    working: usize,
    requests: usize,
    turned_away: usize,
}

impl ConnectionLimit {
    /// At most `connections`.
    pub fn new(connections: usize) -> Self {
        Self(Mutex::new(Count {
            allowed: connections,
            working: 0,
            requests: 0,
            turned_away: 0,
        }))
    }

    /// Starts a round, and returns how many connections it begins with.
    pub(super) fn begin(&self) -> usize {
        let mut count = self.lock();
        count.working = count.allowed;
        count.working
    }

    /// The relay has asked for fewer. Returns how many are left, if that halves them.
    pub(super) fn reduce(&self) -> Option<usize> {
        let mut count = self.lock();
        count.requests += 1;
        if count.allowed == 1 || !count.requests.is_multiple_of(ENOUGH) {
            return None;
        }
        count.allowed = count.allowed.div_ceil(2);
        Some(count.allowed)
    }

    /// A session has ended before it served a recipient. Returns whether there were too many of them in a row.
    pub(super) fn turned_away(&self) -> bool {
        let mut count = self.lock();
        count.turned_away += 1;
        count.turned_away >= TURNED_AWAY
    }

    /// The relay has accepted a message.
    pub(super) fn served(&self) {
        self.lock().turned_away = 0;
    }

    /// Counts a connection out if there are more than allowed, and returns whether it did.
    pub(super) fn leave_if_crowded(&self) -> bool {
        let mut count = self.lock();
        let is_crowded = count.working > count.allowed;
        count.working -= usize::from(is_crowded);
        is_crowded
    }

    /// Counts a connection out because the relay accepts no more, unless it is the last; returns how many are left.
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
        let crowd = ConnectionLimit::new(5);
        assert_eq!(crowd.begin(), 5);
        let left: Vec<_> = (0..8).map(|_| crowd.reduce()).collect();
        assert_eq!(
            left,
            [None, Some(3), None, Some(2), None, Some(1), None, None]
        );
        let leaving: Vec<_> = (0..6).map(|_| crowd.leave_if_crowded()).collect();
        assert_eq!(leaving, [true, true, true, true, false, false]);
        assert_eq!(crowd.begin(), 1, "for the rest of the run");
    }

    #[test]
    fn a_connection_that_is_not_accepted_leaves_its_work_to_the_others() {
        let crowd = ConnectionLimit::new(3);
        crowd.begin();
        assert_eq!(crowd.leave_to_others(), Some(2));
        crowd.ended();
        assert_eq!(crowd.leave_to_others(), None, "it is the last");
        assert_eq!(crowd.begin(), 2);
    }
}
