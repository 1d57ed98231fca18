//! What was handed over to a relay, second by second.

use std::convert::Infallible;

use crate::store::History;

/// The letters before a moment and, while a send is foreseen, behind it.
#[derive(Debug, Clone, Default)]
pub struct Past {
    first: Option<i64>,
    /// A second, and how many letters there were in all when it was over.
    seconds: Vec<(i64, usize)>,
    /// How many of the seconds are not foreseen.
    known: usize,
}

impl Past {
    /// When the first letter of all was, and how many there were in each of the last seconds, in their order.
    pub fn new(first: Option<i64>, seconds: impl IntoIterator<Item = (i64, usize)>) -> Self {
        let mut past = Self {
            first,
            ..Self::default()
        };
        for (second, letters) in seconds {
            past.add(second, letters);
        }
        past.known = past.seconds.len();
        past
    }

    /// So many more; what comes before the last second, because a clock was set back, counts as at that.
    pub(super) fn add(&mut self, second: i64, letters: usize) {
        self.first = self.first.or(Some(second));
        let all = self.all() + letters;
        let last = self.seconds.last().map(|last| last.0);
        let second = last.map_or(second, |last| last.max(second));
        match self.seconds[self.known..].last_mut() {
            Some(last) if last.0 == second => last.1 = all,
            _ => self.seconds.push((second, all)),
        }
    }

    /// How many letters are foreseen from one second up to another, which does not count.
    pub fn foreseen_between(&self, from: i64, to: i64) -> usize {
        let known = self.known.checked_sub(1);
        let known = known.map_or(0, |last| self.seconds[last].1);
        self.before(to).max(known) - self.before(from).max(known)
    }

    /// The first second from a moment on at which a letter is foreseen.
    pub fn foreseen_next(&self, from: i64) -> Option<i64> {
        let foreseen = &self.seconds[self.known..];
        let next = foreseen.partition_point(|second| second.0 < from);
        foreseen.get(next).map(|second| second.0)
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
