//! What a run needs: editions, routes, rates, and where its outcomes are reported.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::{Attempt, CircuitBreaker, ListWatch, RateLimiter, Retry, Route, Suspensions};
use crate::message::MessageEncoder;

/// The most deliveries that a connection leases at once.
const LARGEST_LEASE: usize = 8;

/// The settings of a run, shared by all of its connections.
pub struct Run {
    /// The encoders of the campaign's frozen editions, by the number of the edition.
    pub encoders: HashMap<i64, MessageEncoder>,
    /// The routes of the messages; their connections share one queue.
    pub routes: Vec<Arc<Route>>,
    /// How many deliveries a connection leases at once; see [`lease`].
    pub lease: usize,
    /// How many messages a connection sends before it waits for a reply, if the relay supports it.
    pub window: usize,
    /// The rates of recipient domains, over all routes.
    pub domain_rates: Mutex<RateLimiter>,
    /// When a deferred delivery is tried again.
    pub retry: Retry,
    /// The suspended recipient domains.
    pub suspensions: Suspensions,
    /// Stops the run when refusals are probably caused by the sender.
    pub breaker: Arc<CircuitBreaker>,
    /// The only recipient of this run, by the key of the address.
    pub only: Option<String>,
    /// Watches the list for recipients who leave during the run.
    pub list: Option<ListWatch>,
    /// Whether the list in the store decides who has left since the campaign began.
    pub follows_list: bool,
    /// Called with every outcome.
    pub on_outcome: Box<OnOutcome>,
    /// Called with notices for the operator.
    pub on_notice: Box<OnNotice>,
}

/// Receives every outcome, from any connection.
pub type OnOutcome = dyn Fn(&Attempt<'_>) + Send + Sync;

/// Receives notices that are not about one recipient: one line, safe for a terminal.
pub type OnNotice = dyn Fn(&str) + Send + Sync;

/// How many of `open` deliveries a connection leases at once: few enough that all connections have work, and that one
/// slow reply does not delay a whole short list.
pub fn lease(open: usize, connections: usize, window: usize) -> usize {
    let most = LARGEST_LEASE.max(window);
    open.div_ceil(connections.max(1)).clamp(1, most)
}
