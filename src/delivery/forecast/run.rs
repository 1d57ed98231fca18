//! One run of a send, as [`deliver::run`](crate::delivery::run) does it, without letters and without waiting.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use super::budget::Budget;
use super::tally::{Handed, Tally};
use super::{Letters, Past, Terms, room};
use crate::delivery::{RateLimiter, Wait, lease};

/// What a run leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    Nothing,
    /// What is to be tried later.
    Later,
    /// What the day has no room for.
    Budget,
}

pub(super) struct Run<'a> {
    terms: &'a Terms,
    lanes: Vec<Lane>,
    /// The rates of recipient domains.
    pace: RateLimiter,
    /// In Unix seconds.
    begin: i64,
}

/// What is counted for one relay alone.
struct Lane {
    budget: Budget,
    pace: RateLimiter,
}

/// A connection, and what it has in hand.
struct Connection {
    lane: usize,
    queue: VecDeque<u32>,
    /// The letter at the head of the queue, where it is written: when it may go, and for what it waits.
    prepared: Option<(Duration, Wait)>,
}

impl<'a> Run<'a> {
    pub(super) fn new(terms: &'a Terms, pasts: &[Past], begin: i64) -> Self {
        let lanes = terms.lanes.iter().zip(pasts).map(|(lane, past)| Lane {
            budget: Budget::new(room(lane, past, begin).map(|quota| quota.messages)),
            pace: RateLimiter::new(lane.rate, []),
        });
        Self {
            terms,
            lanes: lanes.collect(),
            pace: RateLimiter::new(None, terms.per_domain.iter().cloned()),
            begin,
        }
    }

    /// Works until no connection finds anything to take. Whichever is free first goes on first.
    pub(super) fn work(
        mut self,
        letters: &mut Letters,
        pasts: &mut [Past],
        tally: &mut Tally,
    ) -> Left {
        tally.run();
        let mut connections = self.connections();
        let lease = lease(letters.count(), connections.len(), self.terms.window);
        let all = 0..connections.len();
        let mut free: BinaryHeap<_> = all.map(|n| Reverse((Duration::ZERO, n))).collect();
        let mut has_spent = false;
        while let Some(Reverse((now, number))) = free.pop() {
            let connection = &mut connections[number];
            if connection.queue.is_empty() {
                has_spent |= !self.refill(connection, letters, lease, now);
            }
            let Some(domain) = connection.queue.front().copied() else {
                continue;
            };
            let lane = connection.lane;
            let kept = connection.prepared.take();
            let (turn, wait) = kept.unwrap_or_else(|| self.prepare(letters, lane, domain, now));
            if turn > now {
                connection.prepared = Some((turn, wait));
                free.push(Reverse((turn, number)));
                continue;
            }
            connection.queue.pop_front();
            // As in a send, the next one is written, and has its turn, before this one goes.
            let next = connection.queue.front().copied();
            connection.prepared = next.map(|next| self.prepare(letters, lane, next, now));
            let end = now + self.terms.letter_time;
            tally.hand_over(&Handed {
                domain,
                wait,
                at: self.at(end),
                letter_time: self.terms.letter_time,
            });
            pasts[lane].add(self.second(end), 1);
            free.push(Reverse((end, number)));
        }
        match letters.due() {
            None => Left::Nothing,
            Some(_) if has_spent => Left::Budget,
            Some(_) => Left::Later,
        }
    }

    fn connections(&self) -> Vec<Connection> {
        let lanes = self.terms.lanes.iter().enumerate();
        let lanes =
            lanes.flat_map(|(lane, terms)| std::iter::repeat_n(lane, terms.connections.max(1)));
        let new = |lane| Connection {
            lane,
            queue: VecDeque::new(),
            prepared: None,
        };
        lanes.map(new).collect()
    }

    /// When a letter may go, and for what it waits.
    fn prepare(
        &mut self,
        letters: &Letters,
        lane: usize,
        domain: u32,
        now: Duration,
    ) -> (Duration, Wait) {
        let name = &letters.domains()[domain as usize];
        let wait = Wait {
            relay: self.lanes[lane].pace.take(name, now).relay,
            domain: self.pace.take(name, now).domain,
        };
        (now + wait.long(), wait)
    }

    /// Takes letters, if there is a try left; whether there was.
    fn refill(
        &self,
        connection: &mut Connection,
        letters: &mut Letters,
        lease: usize,
        now: Duration,
    ) -> bool {
        let budget = &self.lanes[connection.lane].budget;
        let tries = budget.take(lease);
        connection.queue = letters.take(tries, self.second(now));
        budget.give_back(tries - connection.queue.len());
        tries > 0
    }

    /// In Unix time.
    fn at(&self, offset: Duration) -> Duration {
        Duration::from_secs(self.begin.max(0).unsigned_abs()) + offset
    }

    fn second(&self, offset: Duration) -> i64 {
        i64::try_from(self.at(offset).as_secs()).unwrap_or(i64::MAX)
    }
}
