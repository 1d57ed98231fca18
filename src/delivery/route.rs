//! A lane of a run: one relay, its connections, and what is counted for it alone.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{ConnectionLimit, RateLimiter, SharedRate, Transport};
use crate::store::QuotaLimits;

/// A relay as a run uses it, or the outbox.
#[derive(Debug)]
pub struct Route {
    /// Where the letters go.
    pub way: Transport,
    /// How many connections work side by side.
    pub crowd: ConnectionLimit,
    /// How many letters it takes in a day, from all senders together.
    pub allowance: Arc<QuotaLimits>,
    /// Its rate, as far as this run alone can keep it.
    pub pace: Mutex<RateLimiter>,
    /// The rate that all runs keep together.
    pub shared: Option<SharedRate>,
    /// The name that the ledger gives it.
    pub name: Arc<str>,
}

impl Route {
    /// One without a limit.
    pub fn new(way: Transport, connections: usize) -> Self {
        Self {
            name: way.name().into(),
            way,
            crowd: ConnectionLimit::new(connections),
            allowance: Arc::default(),
            pace: Mutex::default(),
            shared: None,
        }
    }

    /// How long the next message has to wait for its rate at `now`; it counts as sent.
    pub(super) fn wait(&self, now: Duration) -> Duration {
        let pace = self.pace.lock();
        let mut pace = pace.unwrap_or_else(PoisonError::into_inner);
        pace.take("", now).relay
    }
}
