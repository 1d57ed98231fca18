//! How fast: a bucket for the relay, and one for each recipient domain that has a rate of its own.
//!
//! No clock in here: the moment is given, as the time since the run began.

use std::collections::HashMap;
use std::time::Duration;

use crate::newsletter::config::Rate;

/// Messages that may go at once after a pause: what a second allows, at least one.
struct Bucket {
    rate: Rate,
    level: f64,
    seen: Duration,
}

impl Bucket {
    fn new(rate: Rate) -> Self {
        Self {
            rate,
            level: rate.per_second().max(1.0),
            seen: Duration::ZERO,
        }
    }

    /// Takes one message out; how long it has to wait.
    fn take(&mut self, now: Duration) -> Duration {
        let passed = now.saturating_sub(self.seen).as_secs_f64();
        self.seen = self.seen.max(now);
        let full = self.rate.per_second().max(1.0);
        self.level = (self.level + passed * self.rate.per_second()).min(full) - 1.0;
        Duration::from_secs_f64((-self.level / self.rate.per_second()).max(0.0))
    }
}

/// A relay's rate, for all senders together where there are several.
#[derive(Debug, Clone)]
pub struct SharedRate {
    /// The relay, by a name that all senders give it.
    pub relay: String,
    /// Its rate.
    pub rate: Rate,
}

/// How long a message has to wait, and for what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wait {
    /// For the relay's rate.
    pub relay: Duration,
    /// For the rate of its recipient's domain.
    pub domain: Duration,
}

impl Wait {
    /// For both: they pass at the same time.
    pub fn long(self) -> Duration {
        self.relay.max(self.domain)
    }
}

/// The rates of one relay.
#[derive(Default)]
pub struct RateLimiter {
    relay: Option<Bucket>,
    domains: HashMap<String, Bucket>,
}

impl std::fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pace").finish_non_exhaustive()
    }
}

impl RateLimiter {
    /// A rate for the relay, if it has one, and those of single domains.
    pub fn new(relay: Option<Rate>, domains: impl IntoIterator<Item = (String, Rate)>) -> Self {
        let domains = domains
            .into_iter()
            .map(|(name, rate)| (name.to_lowercase(), Bucket::new(rate)));
        Self {
            relay: relay.map(Bucket::new),
            domains: domains.collect(),
        }
    }

    /// How long the next message to `domain` has to wait at `now`; it counts as sent.
    pub fn take(&mut self, domain: &str, now: Duration) -> Wait {
        let relay = self.relay.as_mut().map(|bucket| bucket.take(now));
        let domain = self.domains.get_mut(domain).map(|bucket| bucket.take(now));
        Wait {
            relay: relay.unwrap_or_default(),
            domain: domain.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_kept_over_any_second() {
        let mut pace = RateLimiter::new(Some("10/s".parse().unwrap()), []);
        let waits: Vec<u128> = (0..30)
            .map(|_| pace.take("a.example", Duration::ZERO).long().as_millis())
            .collect();
        assert_eq!(&waits[..10], [0; 10]);
        assert_eq!((waits[10], waits[19], waits[29]), (100, 1000, 2000));
    }

    #[test]
    fn a_slow_domain_does_not_hold_up_the_others() {
        let slow = ("slow.example".to_owned(), "60/min".parse().unwrap());
        let mut pace = RateLimiter::new(None, [slow]);
        let mut wait = |domain: &str| pace.take(domain, Duration::ZERO);
        assert_eq!(wait("slow.example"), Wait::default());
        let second = wait("slow.example");
        assert_eq!((second.relay, second.domain.as_secs()), (Duration::ZERO, 1));
        assert_eq!(wait("fast.example"), Wait::default());
    }
}
