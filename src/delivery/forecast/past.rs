//! The history of a route: how many messages were sent in each second.

use std::convert::Infallible;

use crate::store::History;

/// The messages sent before the forecast, followed by the simulated ones.
#[derive(Debug, Clone, Default)]
pub struct Past {
    first: Option<i64>,
    /// Pairs of a second and the cumulative number of messages at its end.
    seconds: Vec<(i64, usize)>,
    /// The number of entries in `seconds` that are real, not simulated.
    known: usize,
}

impl Past {
    /// A history from the time of the very first message and the number of messages in each recent second, in order.
    pub fn new(first: Option<i64>, seconds: impl IntoIterator<Item = (i64, usize)>) -> Self {
        let mut past = Self {
            first,
            ..Self::default()
        };
        for (second, messages) in seconds {
            past.add(second, messages);
        }
        past.known = past.seconds.len();
        past
    }

    /// Adds messages. A second before the last one (the clock was set back) counts as the last one.
    pub(super) fn add(&mut self, second: i64, messages: usize) {
        self.first = self.first.or(Some(second));
        let all = self.all() + messages;
        let last = self.seconds.last().map(|last| last.0);
        let second = last.map_or(second, |last| last.max(second));
        match self.seconds[self.known..].last_mut() {
            Some(last) if last.0 == second => last.1 = all,
            _ => self.seconds.push((second, all)),
        }
    }

    /// The number of simulated messages in the seconds `from..to`.
    pub fn simulated_between(&self, from: i64, to: i64) -> usize {
        let known = self.known.checked_sub(1);
        let known = known.map_or(0, |last| self.seconds[last].1);
        self.before(to).max(known) - self.before(from).max(known)
    }

    /// The first second from `from` on with a simulated message.
    pub fn next_simulated(&self, from: i64) -> Option<i64> {
        let simulated = &self.seconds[self.known..];
        let next = simulated.partition_point(|second| second.0 < from);
        simulated.get(next).map(|second| second.0)
    }

    fn all(&self) -> usize {
        self.seconds.last().map_or(0, |last| last.1)
    }

    fn before(&self, moment: i64) -> usize {
        let count = self.seconds.partition_point(|second| second.0 < moment);
        count.checked_sub(1).map_or(0, |last| self.seconds[last].1)
    }
}

impl History for Past {
    type Error = Infallible;

    fn first(&self) -> Result<Option<i64>, Infallible> {
        Ok(self.first)
    }

    fn since(&self, moment: i64) -> Result<(usize, Option<i64>), Infallible> {
        let from = self.seconds.partition_point(|second| second.0 <= moment);
        let first = self.seconds.get(from).map(|second| second.0);
        Ok((self.all() - self.before(moment + 1), first))
    }
}
