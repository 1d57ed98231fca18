//! Which recipient domains are left alone, as far as this run knows.
//!
//! The ledger keeps deliveries to a domain that is left alone from being taken, for all senders and over
//! restarts. This is for what is in hand already, and for when a domain has said enough. A domain is known by
//! its name; that several have the same hosts would have to be asked of the DNS.
//!
//! No clock in here: the moment is given, in Unix seconds.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::store::Domain;

/// So many replies within an hour are more than chance.
const ENOUGH: usize = 2;
const HOUR: i64 = 60 * 60;
/// Behind a rest one letter goes first, and for so long the others wait for what becomes of it.
const PROBE: i64 = 60;

const MINUTES: [i64; 3] = [15, 2 * 60, 24 * 60];
/// What Yahoo asks for behind its codes.
const YAHOO: i64 = 4 * HOUR;

/// The domains that have said something.
#[derive(Debug, Default)]
pub struct Domains(Mutex<HashMap<String, Standing>>);

#[derive(Debug, Default)]
struct Standing {
    /// When it asked for less.
    strikes: Vec<i64>,
    /// Until when it is left alone.
    until: i64,
    /// Whether nothing has arrived there since it had its rest.
    is_tried: bool,
    /// Whether the first letter behind a rest is on its way, for which `until` holds up the others.
    is_probing: bool,
}

impl Standing {
    fn rests(&self, now: i64) -> bool {
        self.until > now && !self.is_probing
    }
}

/// What a domain has asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// It may have been chance.
    Once,
    /// A rest. Until when it was left alone before.
    Enough(i64),
    /// What it has already: the letter was on its way. Until when it is left alone.
    AtRest(i64),
}

/// Whether a letter to a domain may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Like any other.
    Go,
    /// Alone: the others wait until this moment. `known` is until when they had to wait.
    First { until: i64, known: i64 },
    /// Not before this moment.
    Rest(i64),
}

impl Domains {
    /// What the ledger knows when a run begins.
    pub fn new(known: &[Domain]) -> Self {
        let rested = known.iter().filter(|domain| domain.suspensions > 0);
        let standings = rested.map(|domain| {
            let standing = Standing {
                until: domain.until,
                // Where its letters go again, nothing holds it.
                is_tried: domain.until > 0,
                ..Standing::default()
            };
            (domain.name.clone(), standing)
        });
        Self(Mutex::new(standings.collect()))
    }

    /// Whether a letter to `domain` may go; if it is the first behind a rest, the others wait for it from now on.
    pub(super) fn turn(&self, domain: &str, now: i64) -> Turn {
        let mut standings = self.lock();
        match standings.get_mut(domain) {
            Some(standing) if standing.until > now => Turn::Rest(standing.until),
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

    /// Whether a letter to `domain` is like any other.
    pub(super) fn is_free(&self, domain: &str, now: i64) -> bool {
        let standings = self.lock();
        standings
            .get(domain)
            .is_none_or(|standing| standing.until <= now && !standing.is_tried)
    }

    /// A letter has arrived at `domain`. If it was the first behind a rest, until when the others had to wait.
    pub(super) fn arrived(&self, domain: &str) -> Option<i64> {
        let mut standings = self.lock();
        let standing = standings.get_mut(domain).filter(|s| s.is_tried)?;
        standing.is_tried = false;
        standing.is_probing = false;
        Some(std::mem::take(&mut standing.until))
    }

    /// `domain` has asked for less.
    pub(super) fn asked(&self, domain: &str, now: i64) -> Asked {
        let mut standings = self.lock();
        let standing = standings.entry(domain.to_owned()).or_default();
        if standing.rests(now) {
            return Asked::AtRest(standing.until);
        }
        standing.strikes.retain(|strike| now - strike < HOUR);
        standing.strikes.push(now);
        if standing.strikes.len() >= ENOUGH || standing.is_tried {
            Asked::Enough(standing.until)
        } else {
            Asked::Once
        }
    }

    /// `domain` has said enough at once. Until when it was left alone before; `None` where it is left alone now.
    pub(super) fn needs_rest(&self, domain: &str, now: i64) -> Option<i64> {
        let standings = self.lock();
        match standings.get(domain) {
            Some(standing) if standing.rests(now) => None,
            Some(standing) => Some(standing.until),
            None => Some(0),
        }
    }

    /// `domain` is left alone. Whether this is news.
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

/// Until when a domain is left alone that says `why` at `now`: after the first time, the second, and from the
/// third on, when it is left for another day.
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
        let domains = Domains::default();
        assert_eq!(domains.asked("a.example", 0), Asked::Once);
        assert_eq!(domains.asked("a.example", HOUR), Asked::Once);
        assert_eq!(domains.asked("b.example", HOUR), Asked::Once);
        assert_eq!(domains.asked("a.example", 2 * HOUR - 1), Asked::Enough(0));
        assert_eq!(domains.turn("a.example", HOUR), Turn::Go);
        assert!(domains.suspend("a.example", 10_000));
        assert!(!domains.suspend("a.example", 10_000), "no news");
        assert_eq!(domains.turn("a.example", 9_999), Turn::Rest(10_000));
        assert_eq!(domains.turn("b.example", 9_999), Turn::Go);
        let late = domains.asked("a.example", 9_999);
        assert_eq!(late, Asked::AtRest(10_000), "it was on its way");
        assert_eq!(domains.needs_rest("a.example", 9_999), None);
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
        let domains = Domains::new(&[known]);
        let first = Turn::First {
            until: 960,
            known: 900,
        };
        assert!(!domains.is_free("a.example", 900));
        assert_eq!(domains.turn("a.example", 900), first);
        assert_eq!(domains.turn("a.example", 900), Turn::Rest(960));
        assert_eq!(domains.needs_rest("a.example", 901), Some(960));
        let once = domains.asked("a.example", 901);
        assert_eq!(once, Asked::Enough(960), "once is enough");
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
