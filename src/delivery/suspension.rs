//! The recipient domains that are suspended, as far as this run knows.
//!
//! The ledger does not lease deliveries to a suspended domain, for all senders and across restarts. This module handles
//! those that are leased already, and decides when a domain is suspended. Suspensions are compared by name; several may
//! share their hosts, which only DNS could tell.
//!
//! It reads no clock: the time is a parameter, in Unix seconds.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::store::Domain;

/// So many replies within an hour are not a coincidence.
const ENOUGH: usize = 2;
const HOUR: i64 = 60 * 60;
/// After a suspension one message is sent first; for so many seconds the others wait for its outcome.
const PROBE: i64 = 60;

const MINUTES: [i64; 3] = [15, 2 * 60, 24 * 60];
/// The wait that Yahoo requires with its codes.
const YAHOO: i64 = 4 * HOUR;

/// The domains that have asked for a lower rate.
#[derive(Debug, Default)]
pub struct Suspensions(Mutex<HashMap<String, Standing>>);

#[derive(Debug, Default)]
struct Standing {
    /// When it asked for a lower rate.
    strikes: Vec<i64>,
    /// When its suspension ends.
    until: i64,
    /// Whether it has accepted nothing since its last suspension.
    is_tried: bool,
    /// Whether the first message after a suspension is being sent; the others wait until `until`.
    is_probing: bool,
}

impl Standing {
    fn is_suspended(&self, now: i64) -> bool {
        self.until > now && !self.is_probing
    }
}

/// What a reply of a domain leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nothing yet: it may be a coincidence.
    Once,
    /// A suspension; with the end of the one before.
    Suspend(i64),
    /// Nothing: it is suspended already, until this time, and the message was being sent.
    Already(i64),
}

/// Whether a message to a domain may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It may be sent.
    Go,
    /// It is sent first, and the others wait until `until`; `known` is the end of the suspension before.
    First { until: i64, known: i64 },
    /// Not before this time.
    Suspended(i64),
}

impl Suspensions {
    /// The domains that the ledger knows when a run begins.
    pub fn new(known: &[Domain]) -> Self {
        let rested = known.iter().filter(|domain| domain.suspensions > 0);
        let standings = rested.map(|domain| {
            let standing = Standing {
                until: domain.until,
                // A domain whose messages are sent again has nothing to prove.
                is_tried: domain.until > 0,
                ..Standing::default()
            };
            (domain.name.clone(), standing)
        });
        Self(Mutex::new(standings.collect()))
    }

    /// Whether a message to `domain` may be sent; if it is the first after a suspension, the others now wait for it.
    pub(super) fn turn(&self, domain: &str, now: i64) -> Turn {
        let mut standings = self.lock();
        match standings.get_mut(domain) {
            Some(standing) if standing.until > now => Turn::Suspended(standing.until),
            Some(standing) if standing.is_tried => {
                let known = standing.until;
                standing.until = now + PROBE;
                standing.is_probing = true;
                Turn::First {
                    until: standing.until,
                    known,
                }
            }
            _ => Turn::Go,
        }
    }

    /// Whether `domain` is neither suspended nor being tried.
    pub(super) fn is_free(&self, domain: &str, now: i64) -> bool {
        let standings = self.lock();
        standings
            .get(domain)
            .is_none_or(|standing| standing.until <= now && !standing.is_tried)
    }

    /// `domain` has accepted a message. If it was the first after a suspension, returns until when the others waited.
    pub(super) fn arrived(&self, domain: &str) -> Option<i64> {
        let mut standings = self.lock();
        let standing = standings.get_mut(domain).filter(|s| s.is_tried)?;
        standing.is_tried = false;
        standing.is_probing = false;
        Some(std::mem::take(&mut standing.until))
    }

    /// `domain` has asked for a lower rate.
    pub(super) fn asked(&self, domain: &str, now: i64) -> Asked {
        let mut standings = self.lock();
        let standing = standings.entry(domain.to_owned()).or_default();
        if standing.is_suspended(now) {
            return Asked::Already(standing.until);
        }
        standing.strikes.retain(|strike| now - strike < HOUR);
        standing.strikes.push(now);
        if standing.strikes.len() >= ENOUGH || standing.is_tried {
            Asked::Suspend(standing.until)
        } else {
            Asked::Once
        }
    }

    /// `domain` is to be suspended at once. Returns the end of its last suspension; `None` if it is suspended now.
    pub(super) fn needs_suspension(&self, domain: &str, now: i64) -> Option<i64> {
        let standings = self.lock();
        match standings.get(domain) {
            Some(standing) if standing.is_suspended(now) => None,
            Some(standing) => Some(standing.until),
            None => Some(0),
        }
    }

    /// Suspends `domain`, and returns whether that is new.
    pub(super) fn suspend(&self, domain: &str, until: i64) -> bool {
        let mut standings = self.lock();
        let standing = standings.entry(domain.to_owned()).or_default();
        let is_news = standing.until < until;
        standing.until = until;
        standing.is_tried = true;
        standing.is_probing = false;
        is_news
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Standing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The ends of the suspensions of a domain that replies `why` at `now`: of the first, of the second, and of the third and
/// later ones, which last a day.
pub(super) fn untils(why: &str, now: i64) -> [i64; 3] {
    let lower = why.to_lowercase();
    let least = if lower.contains("[tss0") { YAHOO } else { 0 };
    MINUTES.map(|minutes| now + least.max(minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_rests_when_it_has_asked_twice_in_an_hour() {
        let domains = Suspensions::default();
        assert_eq!(domains.asked("a.example", 0), Asked::Once);
        assert_eq!(domains.asked("a.example", HOUR), Asked::Once);
        assert_eq!(domains.asked("b.example", HOUR), Asked::Once);
        assert_eq!(domains.asked("a.example", 2 * HOUR - 1), Asked::Suspend(0));
        assert_eq!(domains.turn("a.example", HOUR), Turn::Go);
        assert!(domains.suspend("a.example", 10_000));
        assert!(!domains.suspend("a.example", 10_000), "no news");
        assert_eq!(domains.turn("a.example", 9_999), Turn::Suspended(10_000));
        assert_eq!(domains.turn("b.example", 9_999), Turn::Go);
        let late = domains.asked("a.example", 9_999);
        assert_eq!(late, Asked::Already(10_000), "it was on its way");
        assert_eq!(domains.needs_suspension("a.example", 9_999), None);
    }

    #[test]
    fn behind_a_rest_one_letter_goes_first() {
        let known = Domain {
            name: "a.example".to_owned(),
            suspensions: 1,
            until: 900,
            why: String::new(),
            blocked: 0,
        };
        let domains = Suspensions::new(&[known]);
        let first = Turn::First {
            until: 960,
            known: 900,
        };
        assert!(!domains.is_free("a.example", 900));
        assert_eq!(domains.turn("a.example", 900), first);
        assert_eq!(domains.turn("a.example", 900), Turn::Suspended(960));
        assert_eq!(domains.needs_suspension("a.example", 901), Some(960));
        let once = domains.asked("a.example", 901);
        assert_eq!(once, Asked::Suspend(960), "once is enough");
        assert_eq!(domains.arrived("a.example"), Some(960));
        assert_eq!(domains.arrived("a.example"), None);
        assert_eq!(domains.turn("a.example", 902), Turn::Go);
    }

    #[test]
    fn rests_grow_and_yahoo_has_four_hours() {
        assert_eq!(untils("421 4.7.28 rate", 0), [900, 7_200, 86_400]);
        assert_eq!(untils("421 [TSS04] later", 0), [14_400, 14_400, 86_400]);
    }
}
