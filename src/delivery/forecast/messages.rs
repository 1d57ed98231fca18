//! The letters that are to be sent, by nothing but their domain: of a million readers a few megabytes.

use std::collections::{HashMap, VecDeque};

/// Letters in the order in which a send takes them: what has not been tried, then what is tried again.
#[derive(Debug, Default)]
pub struct Letters {
    domains: Vec<String>,
    numbers: HashMap<String, u32>,
    ready: VecDeque<u32>,
    later: VecDeque<(i64, u32)>,
}

impl Letters {
    /// One more, to an address at `domain`, not to be tried before a moment in Unix seconds.
    pub fn add(&mut self, domain: &str, not_before: Option<i64>) {
        let number = match self.numbers.get(domain) {
            Some(number) => *number,
            None => self.learn(domain),
        };
        match not_before {
            None => self.ready.push_back(number),
            Some(moment) => self.later.push_back((moment, number)),
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.ready.len() + self.later.len()
    }

    fn learn(&mut self, domain: &str) -> u32 {
        let number = u32::try_from(self.domains.len()).expect("fewer domains than the DNS has");
        self.domains.push(domain.to_owned());
        self.numbers.insert(domain.to_owned(), number);
        number
    }

    /// What is tried later, in the order in which it falls due.
    pub(super) fn sort(&mut self) {
        self.later.make_contiguous().sort_by_key(|letter| letter.0);
    }

    pub(super) fn domains(&self) -> &[String] {
        &self.domains
    }

    pub(super) fn into_domains(self) -> Vec<String> {
        self.domains
    }

    /// When the next one may be tried; `None` where none is left, and the beginning of time for one that is ready.
    pub(super) fn due(&self) -> Option<i64> {
        if self.ready.is_empty() {
            self.later.front().map(|letter| letter.0)
        } else {
            Some(i64::MIN)
        }
    }

    /// Takes up to `limit` that may be tried at `now`.
    pub(super) fn take(&mut self, limit: usize, now: i64) -> VecDeque<u32> {
        let mut taken = VecDeque::with_capacity(limit);
        while taken.len() < limit && self.due().is_some_and(|due| due <= now) {
            let ready = self.ready.pop_front();
            let next = ready.or_else(|| self.later.pop_front().map(|letter| letter.1));
            taken.extend(next);
        }
        taken
    }
}
