//! Rate limits: a token bucket for the relay, and one for each recipient domain with a rate of its own.
//!
//! It reads no clock: the time is a parameter, counted from the beginning of the run.

use std::collections::HashMap;
use std::time::Duration;

use crate::newsletter::config::Rate;

/// A token bucket. After a pause it allows the messages of one second, at least one.
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

    /// Takes one message, and returns how long it has to wait.
    fn take(&mut self, now: Duration) -> Duration {
        let passed = now.saturating_sub(self.seen).as_secs_f64();
        self.seen = self.seen.max(now);
        let full = self.rate.per_second().max(1.0);
        self.level = (self.level + passed * self.rate.per_second()).min(full) - 1.0;
        Duration::from_secs_f64((-self.level / self.rate.per_second()).max(0.0))
    }
}

/// The rate of a relay, which all senders share.
#[derive(Debug, Clone)]
pub struct SharedRate {
    /// The name of the relay in the ledger, the same for all senders.
    pub relay: String,
    /// The rate of the relay.
    pub rate: Rate,
}

/// How long a message has to wait, and for which rate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wait {
    /// For the rate of the relay.
    pub relay: Duration,
    /// For the rate of the recipient's domain.
    pub domain: Duration,
}

impl Wait {
    /// The longer of the two waits, which run at the same time.
    pub fn longer(self) -> Duration {
        self.relay.max(self.domain)
    }
}

/// The rates of a route.
#[derive(Default)]
pub struct RateLimiter {
    relay: Option<Bucket>,
    domains: HashMap<String, Bucket>,
}

impl std::fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RateLimiter").finish_non_exhaustive()
    }
}

impl RateLimiter {
    /// The rate of the relay, if it has one, and those of single domains.
    pub fn new(relay: Option<Rate>, domains: impl IntoIterator<Item = (String, Rate)>) -> Self {
        let domains = domains
            .into_iter()
            .map(|(name, rate)| (name.to_lowercase(), Bucket::new(rate)));
        Self {
            relay: relay.map(Bucket::new),
            domains: domains.collect(),
        }
    }

    /// Counts a message to `domain` as sent at `now`, and returns how long it has to wait.
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
        let mut rates = RateLimiter::new(Some("10/s".parse().unwrap()), []);
        let waits: Vec<u128> = (0..30)
            .map(|_| rates.take("a.example", Duration::ZERO).longer().as_millis())
            .collect();
        assert_eq!(&waits[..10], [0; 10]);
        assert_eq!((waits[10], waits[19], waits[29]), (100, 1000, 2000));
    }

    #[test]
    fn a_slow_domain_does_not_delay_the_others() {
        let slow = ("slow.example".to_owned(), "60/min".parse().unwrap());
        let mut rates = RateLimiter::new(None, [slow]);
        let mut wait = |domain: &str| rates.take(domain, Duration::ZERO);
        assert_eq!(wait("slow.example"), Wait::default());
        let second = wait("slow.example");
        assert_eq!((second.relay, second.domain.as_secs()), (Duration::ZERO, 1));
        assert_eq!(wait("fast.example"), Wait::default());
    }
}
