//! What is counted while a send is foreseen: by domain, and by what it waits for.

use std::collections::HashMap;
use std::time::Duration;

use super::Past;
use crate::delivery::Wait;

/// What a send is waiting for when nothing goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Cause {
    /// The relay's rate.
    Rate,
    /// The rate of a recipient domain, by its number in [`Course::domains`].
    Domain(usize),
    /// The relay, which takes as long for a letter as was assumed.
    Relay,
    /// The most letters in 24 hours.
    Daily,
    /// The warm-up.
    WarmUp,
    /// Readers and domains that are to be tried later.
    Later,
}

/// How a domain is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The domain.
    pub name: String,
    /// How many letters it gets.
    pub letters: usize,
    /// When the first of them goes, in Unix seconds.
    pub begins: i64,
    /// When the last of them is taken, in Unix seconds.
    pub ends: i64,
}

/// What will become of a send.
#[derive(Debug)]
pub struct Course {
    /// When it begins, in Unix seconds.
    pub begins: i64,
    /// When its last letter is taken, in Unix seconds.
    pub ends: i64,
    /// How many runs it takes.
    pub runs: usize,
    /// The domains, in the order in which they are first met.
    pub domains: Vec<Served>,
    /// For what it waits, and how long, the longest first: together the whole of its time.
    pub waits: Vec<(Cause, Duration)>,
    /// How many letters go over each relay.
    pub letters: Vec<usize>,
    /// The letters by second, over each relay.
    pub pasts: Vec<Past>,
}

/// A letter that was handed over.
pub(super) struct Handed {
    pub(super) domain: u32,
    pub(super) wait: Wait,
    /// In Unix time.
    pub(super) at: Duration,
    pub(super) letter_time: Duration,
}

pub(super) struct Tally {
    begins: i64,
    /// Until when all time has a cause, in Unix time.
    until: Duration,
    runs: usize,
    domains: Vec<Option<Count>>,
    waits: HashMap<Cause, Duration>,
}

#[derive(Clone, Copy)]
struct Count {
    letters: usize,
    begins: i64,
    ends: i64,
}

impl Course {
    /// How many letters go from one moment up to another, which does not count; both in Unix seconds.
    pub fn between(&self, from: i64, to: i64) -> usize {
        let pasts = self.pasts.iter();
        pasts.map(|past| past.foreseen_between(from, to)).sum()
    }

    /// The first second from a moment on at which a letter goes.
    pub fn next(&self, from: i64) -> Option<i64> {
        let pasts = self.pasts.iter();
        pasts.filter_map(|past| past.foreseen_next(from)).min()
    }
}

impl Tally {
    pub(super) fn new(domains: usize, begins: i64) -> Self {
        Self {
            begins,
            until: Duration::from_secs(begins.max(0).unsigned_abs()),
            runs: 0,
            domains: vec![None; domains],
            waits: HashMap::new(),
        }
    }

    pub(super) fn run(&mut self) {
        self.runs += 1;
    }

    /// When the last letter so far was taken, in Unix seconds.
    pub(super) fn ends(&self) -> i64 {
        i64::try_from(self.until.as_secs()).unwrap_or(i64::MAX)
    }

    pub(super) fn hand_over(&mut self, letter: &Handed) {
        let second = i64::try_from(letter.at.as_secs()).unwrap_or(i64::MAX);
        let count = self.domains[letter.domain as usize].get_or_insert(Count {
            letters: 0,
            begins: second,
            ends: second,
        });
        count.letters += 1;
        count.ends = count.ends.max(second);
        let passed = letter.at.saturating_sub(self.until);
        self.until += passed;
        let busy = passed.min(letter.letter_time);
        self.waited(Cause::Relay, busy);
        let cause = if letter.wait.domain > letter.wait.relay {
            Cause::Domain(letter.domain as usize)
        } else if letter.wait.relay > Duration::ZERO {
            Cause::Rate
        } else {
            Cause::Relay
        };
        self.waited(cause, passed - busy);
    }

    /// Nothing goes until `next`, in Unix seconds.
    pub(super) fn pause(&mut self, next: i64, cause: Cause) {
        let next = Duration::from_secs(next.max(0).unsigned_abs());
        self.waited(cause, next.saturating_sub(self.until));
        self.until = self.until.max(next);
    }

    fn waited(&mut self, cause: Cause, time: Duration) {
        if !time.is_zero() {
            *self.waits.entry(cause).or_default() += time;
        }
    }

    pub(super) fn course(self, names: Vec<String>, pasts: Vec<Past>) -> Course {
        let served = names.into_iter().zip(&self.domains).map(|(name, count)| {
            let count = count.expect("every domain that is known gets a letter");
            Served {
                name,
                letters: count.letters,
                begins: count.begins,
                ends: count.ends,
            }
        });
        let domains = served.collect();
        let ends = self.ends();
        let mut waits: Vec<_> = self.waits.into_iter().collect();
        waits.sort_by_key(|(cause, time)| (std::cmp::Reverse(*time), *cause));
        Course {
            begins: self.begins,
            ends,
            runs: self.runs,
            domains,
            waits,
            letters: pasts
                .iter()
                .map(|past| past.foreseen_between(i64::MIN, i64::MAX))
                .collect(),
            pasts,
        }
    }
}
