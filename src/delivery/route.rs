//! A route of a run: one relay with its connections, rate and quota.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{ConnectionLimit, RateLimiter, SharedRate, Transport};
use crate::newsletter::config::Rate;
use crate::store::QuotaLimits;

/// The configuration of a route: how messages leave, and its limits.
#[derive(Debug, Clone)]
pub struct RouteConfig {
    /// How messages leave.
    pub transport: Transport,
    /// The number of concurrent connections.
    pub connections: usize,
    /// The rate, for all senders together.
    pub rate: Option<Rate>,
    /// The quota of messages in a day, for all senders together.
    pub quota: QuotaLimits,
}

impl RouteConfig {
    /// A route without rate and quota.
    pub fn unlimited(transport: Transport, connections: usize) -> Self {
        Self {
            transport,
            connections,
            rate: None,
            quota: QuotaLimits::default(),
        }
    }
}

/// A route in use by a run.
#[derive(Debug)]
pub struct Route {
    /// How messages leave.
    pub transport: Transport,
    /// The name of the route in the ledger.
    pub name: Arc<str>,
    pub(super) connections: ConnectionLimit,
    pub(super) quota: Arc<QuotaLimits>,
    /// The rate of this run alone.
    rate: Mutex<RateLimiter>,
    /// The rate that all senders share.
    pub(super) shared: Option<SharedRate>,
}

impl Route {
    /// The route of `config`, without open connections.
    pub fn new(config: RouteConfig) -> Self {
        let name = config.transport.name();
        let relay = name.clone();
        Self {
            transport: config.transport,
            name: name.into(),
            connections: ConnectionLimit::new(config.connections),
            quota: Arc::new(config.quota),
            rate: Mutex::new(RateLimiter::new(config.rate, [])),
            shared: config.rate.map(|rate| SharedRate { relay, rate }),
        }
    }

    /// Counts a message as sent at `now`, and returns how long it has to wait for the rate of the relay.
    pub(super) fn wait(&self, now: Duration) -> Duration {
        let rate = self.rate.lock();
        let mut rate = rate.unwrap_or_else(PoisonError::into_inner);
        rate.take("", now).relay
    }
}
