//! The messages to send, represented by their recipient domain only: a few megabytes for a million recipients.

use std::collections::{HashMap, VecDeque};

/// Pending messages, in the order in which a campaign sends them: messages without an attempt, then retries.
#[derive(Debug, Default)]
pub struct PendingMessages {
    domains: Vec<String>,
    numbers: HashMap<String, u32>,
    ready: VecDeque<u32>,
    later: VecDeque<(i64, u32)>,
}

impl PendingMessages {
    /// Adds a message to an address at `domain`, not to be sent before `not_before` (Unix seconds).
    pub fn add(&mut self, domain: &str, not_before: Option<i64>) {
        let number = match self.numbers.get(domain) {
            Some(number) => *number,
            None => self.intern(domain),
        };
        match not_before {
            None => self.ready.push_back(number),
            Some(moment) => self.later.push_back((moment, number)),
        }
    }

    /// The number of messages.
    pub fn count(&self) -> usize {
        self.ready.len() + self.later.len()
    }

    fn intern(&mut self, domain: &str) -> u32 {
        let number = u32::try_from(self.domains.len()).expect("fewer than 2^32 domains");
        self.domains.push(domain.to_owned());
        self.numbers.insert(domain.to_owned(), number);
        number
    }

    /// Sorts the retries by due time.
    pub(super) fn sort(&mut self) {
        self.later.make_contiguous().sort_by_key(|retry| retry.0);
    }

    pub(super) fn domains(&self) -> &[String] {
        &self.domains
    }

    pub(super) fn into_domains(self) -> Vec<String> {
        self.domains
    }

    /// The due time of the next message, in Unix seconds: `i64::MIN` if one is ready now, `None` if there are no more.
    pub(super) fn due(&self) -> Option<i64> {
        if self.ready.is_empty() {
            self.later.front().map(|retry| retry.0)
        } else {
            Some(i64::MIN)
        }
    }

    /// Takes up to `limit` messages that are due at `now`.
    pub(super) fn take(&mut self, limit: usize, now: i64) -> VecDeque<u32> {
        let mut taken = VecDeque::with_capacity(limit);
        while taken.len() < limit && self.due().is_some_and(|due| due <= now) {
            let ready = self.ready.pop_front();
            let next = ready.or_else(|| self.later.pop_front().map(|retry| retry.1));
            taken.extend(next);
        }
        taken
    }
}
