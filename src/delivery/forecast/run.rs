//! The simulation of one run, like [`delivery::run`](crate::delivery::run) without messages and without waiting.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

use super::budget::Budget;
use super::tally::{SentMessage, Tally};
use super::{ForecastParameters, Past, PendingMessages, quota};
use crate::delivery::{RateLimiter, Wait, lease};

/// Why a run has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RemainingWork {
    /// All messages are sent.
    Nothing,
    /// The remaining messages are not due yet.
    Later,
    /// The daily quota is used up.
    Budget,
}

pub(super) struct ForecastRun<'a> {
    parameters: &'a ForecastParameters,
    routes: Vec<RouteLimits>,
    /// The rate limits of recipient domains.
    domain_rates: RateLimiter,
    /// In Unix seconds.
    begin: i64,
}

/// The limits of one route.
struct RouteLimits {
    budget: Budget,
    rate: RateLimiter,
}

/// A connection and its leased messages.
struct ForecastConnection {
    route: usize,
    queue: VecDeque<u32>,
    /// The time at which the prepared first message of the queue may be sent, and what it waits for.
    prepared: Option<(Duration, Wait)>,
}

/// What a connection does next. The times count from the start of the run.
enum ForecastStep {
    /// It waits until this time.
    Wait(Duration),
    /// It has sent a message, which occupied it until this time.
    Sent(SentMessage, Duration),
}

impl<'a> ForecastRun<'a> {
    pub(super) fn new(parameters: &'a ForecastParameters, pasts: &[Past], begin: i64) -> Self {
        let routes = parameters
            .routes
            .iter()
            .zip(pasts)
            .map(|(route, past)| RouteLimits {
                budget: Budget::new(quota(route, past, begin).map(|quota| quota.messages)),
                rate: RateLimiter::new(route.rate, []),
            });
        Self {
            parameters,
            routes: routes.collect(),
            domain_rates: RateLimiter::new(None, parameters.per_domain.iter().cloned()),
            begin,
        }
    }

    /// Runs until no connection finds another message. The connection that is free first continues first.
    pub(super) fn work(
        mut self,
        messages: &mut PendingMessages,
        pasts: &mut [Past],
        tally: &mut Tally,
    ) -> RemainingWork {
        tally.run();
        let mut connections = self.connections();
        let lease = lease(messages.count(), connections.len(), self.parameters.window);
        let all = 0..connections.len();
        let mut free: BinaryHeap<_> = all.map(|n| Reverse((Duration::ZERO, n))).collect();
        let mut is_budget_spent = false;
        while let Some(Reverse((now, number))) = free.pop() {
            let connection = &mut connections[number];
            if connection.queue.is_empty() {
                is_budget_spent |= !self.refill(connection, messages, lease, now);
            }
            let route = connection.route;
            match self.step(connection, messages, now) {
                None => {}
                Some(ForecastStep::Wait(turn)) => free.push(Reverse((turn, number))),
                Some(ForecastStep::Sent(message, end)) => {
                    tally.hand_over(&message);
                    pasts[route].add(self.second(end), 1);
                    free.push(Reverse((end, number)));
                }
            }
        }
        remaining(messages, is_budget_spent)
    }

    /// Sends the next message of a connection, or prepares it if it has to wait. `None` if the connection has no message.
    fn step(
        &mut self,
        connection: &mut ForecastConnection,
        messages: &PendingMessages,
        now: Duration,
    ) -> Option<ForecastStep> {
        let (route, domain) = (connection.route, connection.queue.front().copied()?);
        let prepared = connection.prepared.take();
        let (turn, wait) = prepared.unwrap_or_else(|| self.prepare(messages, route, domain, now));
        if turn > now {
            connection.prepared = Some((turn, wait));
            return Some(ForecastStep::Wait(turn));
        }
        connection.queue.pop_front();
        // As in a real run, the next message is prepared and scheduled before this one is sent.
        let next = connection.queue.front().copied();
        connection.prepared = next.map(|next| self.prepare(messages, route, next, now));
        Some(self.sent(domain, wait, now))
    }

    /// A message to `domain` that was sent at `now`, after waiting.
    fn sent(&self, domain: u32, wait: Wait, now: Duration) -> ForecastStep {
        let message_time = self.parameters.message_time;
        let end = now + message_time;
        let message = SentMessage {
            domain,
            wait,
            at: self.at(end),
            message_time,
        };
        ForecastStep::Sent(message, end)
    }

    fn connections(&self) -> Vec<ForecastConnection> {
        let routes = self.parameters.routes.iter().enumerate();
        let routes = routes.flat_map(|(route, parameters)| {
            std::iter::repeat_n(route, parameters.connections.max(1))
        });
        let new = |route| ForecastConnection {
            route,
            queue: VecDeque::new(),
            prepared: None,
        };
        routes.map(new).collect()
    }

    /// When the next message to `domain` may be sent, and what it waits for.
    fn prepare(
        &mut self,
        messages: &PendingMessages,
        route: usize,
        domain: u32,
        now: Duration,
    ) -> (Duration, Wait) {
        let name = &messages.domains()[domain as usize];
        let wait = Wait {
            relay: self.routes[route].rate.take(name, now).relay,
            domain: self.domain_rates.take(name, now).domain,
        };
        (now + wait.longer(), wait)
    }

    /// Leases messages, and returns whether the budget allowed any.
    fn refill(
        &self,
        connection: &mut ForecastConnection,
        messages: &mut PendingMessages,
        lease: usize,
        now: Duration,
    ) -> bool {
        let budget = &self.routes[connection.route].budget;
        let attempts = budget.take(lease);
        connection.queue = messages.take(attempts, self.second(now));
        budget.give_back(attempts - connection.queue.len());
        attempts > 0
    }

    /// The Unix time at `offset` from the start of the run.
    fn at(&self, offset: Duration) -> Duration {
        Duration::from_secs(self.begin.max(0).unsigned_abs()) + offset
    }

    /// The Unix second at `offset` from the start of the run.
    fn second(&self, offset: Duration) -> i64 {
        i64::try_from(self.at(offset).as_secs()).unwrap_or(i64::MAX)
    }
}

/// Why a run ends that finds no more messages to send.
fn remaining(messages: &PendingMessages, is_budget_spent: bool) -> RemainingWork {
    match messages.due() {
        None => RemainingWork::Nothing,
        Some(_) if is_budget_spent => RemainingWork::Budget,
        Some(_) => RemainingWork::Later,
    }
}
