//! The recipient domains that are suspended, as far as this run knows.
//!
//! The ledger does not lease deliveries to a suspended domain, for all senders and across restarts. This module handles
//! those that are leased already, and decides when a domain is suspended. Domains are compared by name: finding those that
//! share mail servers would take DNS queries.
//!
//! It reads no clock: the time is a parameter, in Unix seconds.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::store::Domain;

/// How many requests for a lower rate within an hour suspend a domain; a single one may be a coincidence.
const SUSPENDING_REQUESTS: usize = 2;
const HOUR: i64 = 60 * 60;
/// After a suspension one message is sent first. The others wait this many seconds for its outcome.
const PROBE_SECONDS: i64 = 60;

/// The lengths of the first, the second and all later suspensions.
const SUSPENSION_MINUTES: [i64; 3] = [15, 2 * 60, 24 * 60];
/// The shortest suspension after one of Yahoo's TSS codes, in seconds.
const YAHOO_SECONDS: i64 = 4 * HOUR;

/// The domains that have asked for a lower rate.
#[derive(Debug, Default)]
pub struct Suspensions(Mutex<HashMap<String, DomainState>>);

#[derive(Debug, Default)]
struct DomainState {
    /// When it asked for a lower rate.
    requests: Vec<i64>,
    /// When its suspension ends.
    until: i64,
    /// Whether it has accepted nothing since its last suspension.
    needs_probe: bool,
    /// Whether the first message after a suspension is being sent; the others wait until `until`.
    is_probing: bool,
}

impl DomainState {
    fn is_suspended(&self, now: i64) -> bool {
        self.until > now && !self.is_probing
    }
}

/// What a reply of a domain leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SlowDown {
    /// Nothing yet: it may be a coincidence.
    Ignore,
    /// A suspension; with the end of the one before.
    Suspend(i64),
    /// Nothing: it is suspended already, until this time, and the message was being sent.
    AlreadySuspended(i64),
}

/// Whether a message to a domain may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    /// It may be sent.
    Send,
    /// It is sent first, and the others wait until `until`; `known` is the end of the suspension before.
    Probe { until: i64, known: i64 },
    /// Not before this time.
    Suspended(i64),
}

impl Suspensions {
    /// The domains that the ledger knows when a run begins.
    pub fn new(known: &[Domain]) -> Self {
        let suspended = known.iter().filter(|domain| domain.suspensions > 0);
        let domains = suspended.map(|domain| {
            let state = DomainState {
                until: domain.until,
                // 0: the domain has accepted a message since its last suspension.
                needs_probe: domain.until > 0,
                ..DomainState::default()
            };
            (domain.name.clone(), state)
        });
        Self(Mutex::new(domains.collect()))
    }

    /// Whether a message to `domain` may be sent; if it is the first after a suspension, the others now wait for it.
    pub(super) fn admit(&self, domain: &str, now: i64) -> Admission {
        let mut domains = self.lock();
        match domains.get_mut(domain) {
            Some(state) if state.until > now => Admission::Suspended(state.until),
            Some(state) if state.needs_probe => {
                let known = state.until;
                state.until = now + PROBE_SECONDS;
                state.is_probing = true;
                Admission::Probe {
                    until: state.until,
                    known,
                }
            }
            _ => Admission::Send,
        }
    }

    /// Whether `domain` is neither suspended nor waiting for the outcome of a probe.
    pub(super) fn is_free(&self, domain: &str, now: i64) -> bool {
        let domains = self.lock();
        domains
            .get(domain)
            .is_none_or(|state| state.until <= now && !state.needs_probe)
    }

    /// `domain` has accepted a message. If it was the first after a suspension, returns until when the others waited.
    pub(super) fn arrived(&self, domain: &str) -> Option<i64> {
        let mut domains = self.lock();
        let state = domains.get_mut(domain).filter(|s| s.needs_probe)?;
        state.needs_probe = false;
        state.is_probing = false;
        Some(std::mem::take(&mut state.until))
    }

    /// `domain` has asked for a lower rate.
    pub(super) fn slow_down(&self, domain: &str, now: i64) -> SlowDown {
        let mut domains = self.lock();
        let state = domains.entry(domain.to_owned()).or_default();
        if state.is_suspended(now) {
            return SlowDown::AlreadySuspended(state.until);
        }
        state.requests.retain(|request| now - request < HOUR);
        state.requests.push(now);
        if state.requests.len() >= SUSPENDING_REQUESTS || state.needs_probe {
            SlowDown::Suspend(state.until)
        } else {
            SlowDown::Ignore
        }
    }

    /// The end of the last suspension of `domain`, 0 if there was none; `None` if the domain is suspended now.
    pub(super) fn needs_suspension(&self, domain: &str, now: i64) -> Option<i64> {
        let domains = self.lock();
        match domains.get(domain) {
            Some(state) if state.is_suspended(now) => None,
            Some(state) => Some(state.until),
            None => Some(0),
        }
    }

    /// Suspends `domain`, and returns whether that is new.
    pub(super) fn suspend(&self, domain: &str, until: i64) -> bool {
        let mut domains = self.lock();
        let state = domains.entry(domain.to_owned()).or_default();
        let is_news = state.until < until;
        state.until = until;
        state.needs_probe = true;
        state.is_probing = false;
        is_news
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, DomainState>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When a suspension ends that begins at `now` because of the reply `why`: if it is the domain's first one, its second
/// one, or a later one.
pub(super) fn possible_ends(why: &str, now: i64) -> [i64; 3] {
    let is_yahoo = why.to_lowercase().contains("[tss0");
    let shortest = if is_yahoo { YAHOO_SECONDS } else { 0 };
    SUSPENSION_MINUTES.map(|minutes| now + shortest.max(minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_requests_in_an_hour_suspend_a_domain() {
        let domains = Suspensions::default();
        assert_eq!(domains.slow_down("a.example", 0), SlowDown::Ignore);
        assert_eq!(domains.slow_down("a.example", HOUR), SlowDown::Ignore);
        assert_eq!(domains.slow_down("b.example", HOUR), SlowDown::Ignore);
        assert_eq!(
            domains.slow_down("a.example", 2 * HOUR - 1),
            SlowDown::Suspend(0)
        );
        assert_eq!(domains.admit("a.example", HOUR), Admission::Send);
        assert!(domains.suspend("a.example", 10_000));
        assert!(!domains.suspend("a.example", 10_000), "not new");
        assert_eq!(
            domains.admit("a.example", 9_999),
            Admission::Suspended(10_000)
        );
        assert_eq!(domains.admit("b.example", 9_999), Admission::Send);
        let late = domains.slow_down("a.example", 9_999);
        assert_eq!(
            late,
            SlowDown::AlreadySuspended(10_000),
            "the message was being sent"
        );
        assert_eq!(domains.needs_suspension("a.example", 9_999), None);
    }

    #[test]
    fn after_a_suspension_one_message_is_sent_first() {
        let known = Domain {
            name: "a.example".to_owned(),
            suspensions: 1,
            until: 900,
            why: String::new(),
            blocked: 0,
        };
        let domains = Suspensions::new(&[known]);
        let first = Admission::Probe {
            until: 960,
            known: 900,
        };
        assert!(!domains.is_free("a.example", 900));
        assert_eq!(domains.admit("a.example", 900), first);
        assert_eq!(domains.admit("a.example", 900), Admission::Suspended(960));
        assert_eq!(domains.needs_suspension("a.example", 901), Some(960));
        let once = domains.slow_down("a.example", 901);
        assert_eq!(once, SlowDown::Suspend(960), "once is enough");
        assert_eq!(domains.arrived("a.example"), Some(960));
        assert_eq!(domains.arrived("a.example"), None);
        assert_eq!(domains.admit("a.example", 902), Admission::Send);
    }

    #[test]
    fn suspensions_grow_and_yahoo_gets_at_least_four_hours() {
        assert_eq!(possible_ends("421 4.7.28 rate", 0), [900, 7_200, 86_400]);
        let yahoo = possible_ends("421 [TSS04] later", 0);
        assert_eq!(yahoo, [14_400, 14_400, 86_400]);
    }
}
