//! One run of a send, as [`deliver::run`](crate::deliver::run) does it, without letters and without waiting.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use super::tally::{Handed, Tally};
use super::{Letters, Past, Terms};
use crate::deliver::{Budget, Pace, Wait, lease};

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
    budget: Budget,
    /// In Unix seconds.
    begin: i64,
}

/// A connection, and what it has in hand.
#[derive(Default)]
struct Connection {
    queue: VecDeque<u32>,
    /// The letter at the head of the queue, where it is written: when it may go, and for what it waits.
    prepared: Option<(Duration, Wait)>,
}

impl<'a> Run<'a> {
    pub(super) fn new(terms: &'a Terms, tries: Option<usize>, begin: i64) -> Self {
        Self {
            terms,
            budget: Budget::new(tries),
            begin,
        }
    }

    /// Works until no connection finds anything to take. Whichever is free first goes on first.
    pub(super) fn work(
        &self,
        letters: &mut Letters,
        mut pace: Pace,
        past: &mut Past,
        tally: &mut Tally,
    ) -> Left {
        tally.run();
        let count = self.terms.connections.max(1);
        let lease = lease(letters.count(), count, self.terms.window);
        let mut connections: Vec<Connection> = Vec::new();
        connections.resize_with(count, Connection::default);
        let mut free: BinaryHeap<_> = (0..count).map(|n| Reverse((Duration::ZERO, n))).collect();
        let mut has_spent = false;
        while let Some(Reverse((now, number))) = free.pop() {
            let connection = &mut connections[number];
            if connection.queue.is_empty() {
                let second = self.second(now);
                has_spent |= !self.refill(&mut connection.queue, letters, lease, second);
            }
            let Some(domain) = connection.queue.front().copied() else {
                continue;
            };
            let names = letters.domains();
            let mut prepare = |domain: u32, now| {
                let wait = pace.take(&names[domain as usize], now);
                (now + wait.long(), wait)
            };
            let kept = connection.prepared.take();
            let (turn, wait) = kept.unwrap_or_else(|| prepare(domain, now));
            if turn > now {
                connection.prepared = Some((turn, wait));
                free.push(Reverse((turn, number)));
                continue;
            }
            connection.queue.pop_front();
            // As in a send, the next one is written, and has its turn, before this one goes.
            connection.prepared = connection.queue.front().map(|next| prepare(*next, now));
            let end = now + self.terms.letter_time;
            tally.hand_over(&Handed {
                domain,
                wait,
                at: self.at(end),
                letter_time: self.terms.letter_time,
            });
            past.add(self.second(end), 1);
            free.push(Reverse((end, number)));
        }
        match letters.due() {
            None => Left::Nothing,
            Some(_) if has_spent => Left::Budget,
            Some(_) => Left::Later,
        }
    }

    /// Takes letters, if there is a try left; whether there was.
    fn refill(
        &self,
        queue: &mut VecDeque<u32>,
        letters: &mut Letters,
        lease: usize,
        now: i64,
    ) -> bool {
        let tries = self.budget.take(lease);
        *queue = letters.take(tries, now);
        self.budget.give_back(tries - queue.len());
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
