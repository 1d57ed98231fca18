//! The totals of a forecast, by domain and by cause of waiting.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::time::Duration;

use super::Past;
use crate::delivery::Wait;

/// Why no message is sent at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WaitCause {
    /// The rate limit of the relay.
    Rate,
    /// The rate limit of a recipient domain, by its index in [`Forecast::domains`].
    Domain(usize),
    /// The assumed time that the relay needs for a message.
    Relay,
    /// The daily quota.
    Daily,
    /// The warm-up.
    WarmUp,
    /// Deferred recipients and suspended domains.
    Later,
}

/// The forecast for a recipient domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainForecast {
    /// The domain.
    pub name: String,
    /// The number of messages.
    pub messages: usize,
    /// When the first message is sent, in Unix seconds.
    pub begins: i64,
    /// When the last message is accepted, in Unix seconds.
    pub ends: i64,
}

/// The forecast for a campaign.
#[derive(Debug)]
pub struct Forecast {
    /// The start, in Unix seconds.
    pub begins: i64,
    /// When the last message is accepted, in Unix seconds.
    pub ends: i64,
    /// The number of runs.
    pub runs: usize,
    /// The recipient domains, in order of their first message.
    pub domains: Vec<DomainForecast>,
    /// The time spent waiting for each cause, longest first. The sum is the duration of the campaign.
    pub waits: Vec<(WaitCause, Duration)>,
    /// The number of messages for each route.
    pub messages: Vec<usize>,
    /// The messages of each route by second.
    pub pasts: Vec<Past>,
}

/// A simulated message that was sent.
pub(super) struct SentMessage {
    pub(super) domain: u32,
    pub(super) wait: Wait,
    /// In Unix time.
    pub(super) at: Duration,
    pub(super) message_time: Duration,
}

impl SentMessage {
    /// What the message waited for, besides the time that it took itself.
    fn wait_cause(&self) -> WaitCause {
        if self.wait.domain > self.wait.relay {
            WaitCause::Domain(self.domain as usize)
        } else if self.wait.relay > Duration::ZERO {
            WaitCause::Rate
        } else {
            WaitCause::Relay
        }
    }
}

pub(super) struct Tally {
    begins: i64,
    /// The end of the time that is accounted for, in Unix time.
    until: Duration,
    runs: usize,
    domains: Vec<Option<MessageCount>>,
    waits: HashMap<WaitCause, Duration>,
}

#[derive(Clone, Copy)]
struct MessageCount {
    messages: usize,
    begins: i64,
    ends: i64,
}

impl Forecast {
    /// The number of messages sent in the seconds `from..to` (Unix time).
    pub fn between(&self, from: i64, to: i64) -> usize {
        let pasts = self.pasts.iter();
        pasts.map(|past| past.simulated_between(from, to)).sum()
    }

    /// The first second from `from` on in which a message is sent.
    pub fn next(&self, from: i64) -> Option<i64> {
        let pasts = self.pasts.iter();
        pasts.filter_map(|past| past.next_simulated(from)).min()
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

    /// When the last message so far was accepted, in Unix seconds.
    pub(super) fn ends(&self) -> i64 {
        i64::try_from(self.until.as_secs()).unwrap_or(i64::MAX)
    }

    /// Counts a message, and the time since the previous one.
    pub(super) fn hand_over(&mut self, message: &SentMessage) {
        self.count(message);
        let passed = message.at.saturating_sub(self.until);
        self.until += passed;
        let busy = passed.min(message.message_time);
        self.waited(WaitCause::Relay, busy);
        self.waited(message.wait_cause(), passed - busy);
    }

    /// Counts a message for its domain.
    fn count(&mut self, message: &SentMessage) {
        let second = i64::try_from(message.at.as_secs()).unwrap_or(i64::MAX);
        let count = self.domains[message.domain as usize].get_or_insert(MessageCount {
            messages: 0,
            begins: second,
            ends: second,
        });
        count.messages += 1;
        count.ends = count.ends.max(second);
    }

    /// Records that no message is sent until `next` (Unix seconds).
    pub(super) fn pause(&mut self, next: i64, cause: WaitCause) {
        let next = Duration::from_secs(next.max(0).unsigned_abs());
        self.waited(cause, next.saturating_sub(self.until));
        self.until = self.until.max(next);
    }

    fn waited(&mut self, cause: WaitCause, time: Duration) {
        if !time.is_zero() {
            *self.waits.entry(cause).or_default() += time;
        }
    }

    pub(super) fn forecast(self, names: Vec<String>, pasts: Vec<Past>) -> Forecast {
        let domains = names.into_iter().zip(&self.domains).map(|(name, count)| {
            let count = count.expect("every known domain has a message");
            count.forecast(name)
        });
        let messages = pasts
            .iter()
            .map(|past| past.simulated_between(i64::MIN, i64::MAX));
        Forecast {
            begins: self.begins,
            ends: self.ends(),
            runs: self.runs,
            domains: domains.collect(),
            waits: longest_first(self.waits),
            messages: messages.collect(),
            pasts,
        }
    }
}

impl MessageCount {
    fn forecast(self, name: String) -> DomainForecast {
        DomainForecast {
            name,
            messages: self.messages,
            begins: self.begins,
            ends: self.ends,
        }
    }
}

fn longest_first(waits: HashMap<WaitCause, Duration>) -> Vec<(WaitCause, Duration)> {
    let mut waits: Vec<_> = waits.into_iter().collect();
    waits.sort_by_key(|(cause, time)| (Reverse(*time), *cause));
    waits
}
