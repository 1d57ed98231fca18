//! A worker: one connection of a route, which leases deliveries and sends them.

mod defer;
mod hand_over;
mod pipelined;
mod prepare;
mod record;
mod refuse;
mod session;

use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow::{Break, Continue};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::end::{Flow, StopReason, or_end};
use super::settings::Run;
use super::signals::Signals;
use super::transport::{Session, SessionGate, WaitingConnections};
use super::{ListWatch, Route, StatusIndex, now};
use crate::store::{Change, LeaseRequest, LeaseResult, Leased, Ledger};
use crate::subscriber::Subscriber;
use prepare::Prepared;

/// One connection of a run.
pub(super) struct Worker {
    run: Arc<Run>,
    route: Arc<Route>,
    ledger: Ledger,
    signals: Signals,
    began: Instant,
    /// Shared by the connections of this route while they open.
    gate: Arc<SessionGate>,
    /// The connections of all routes that have leased deliveries and wait for a session.
    waiting: Arc<WaitingConnections>,
    session: Option<Session>,
    /// The message after the one that is being sent.
    prepared: Option<Prepared>,
    /// When each leased delivery may be sent, as the time since the run began, if several senders share a rate.
    turns: HashMap<i64, Duration>,
    /// When the store was asked last who has left.
    asked: Instant,
    /// Whether the route's connection limit has already counted this connection out.
    has_left: bool,
}

/// How long a connection sends without asking the store who has left. A lease may be held for minutes if a rate is low.
const LONGEST_TRUST: Duration = Duration::from_secs(1);

impl Worker {
    /// A worker of `run` on `route` without a session.
    pub(super) fn new(
        (run, route, ledger): (Arc<Run>, Arc<Route>, Ledger),
        signals: Signals,
        began: Instant,
        (gate, waiting): (Arc<SessionGate>, Arc<WaitingConnections>),
    ) -> Self {
        Self {
            run,
            route,
            ledger,
            signals,
            began,
            gate,
            waiting,
            session: None,
            prepared: None,
            turns: HashMap::new(),
            asked: Instant::now(),
            has_left: false,
        }
    }

    /// Sends until the run or the route is over, and closes the session.
    pub(super) async fn work(mut self) -> StopReason {
        let ended = loop {
            if let Break(ended) = self.batch().await {
                break ended;
            }
        };
        if !self.has_left {
            self.route.connections.ended();
        }
        if let Some(session) = self.session.take() {
            session.quit().await;
        }
        ended
    }

    /// Leases some deliveries and tries each. Those that were not tried are released.
    async fn batch(&mut self) -> Flow {
        self.check_signals()?;
        self.await_list().await?;
        let leased = self.ledger.lease(self.wanted()).await;
        let mut queue = match or_end(leased)? {
            LeaseResult::Deliveries(none) if none.is_empty() => {
                return self.wait_for_others().await;
            }
            LeaseResult::Deliveries(some) => VecDeque::from(some),
            LeaseResult::QuotaReached(quota) => return Break(StopReason::QuotaUsedUp(quota)),
            LeaseResult::Halted(halt) => return Break(StopReason::Halted(halt)),
        };
        self.asked = Instant::now();
        let flow = match self.reserve(&queue).await {
            Continue(()) => self.each(&mut queue).await,
            ended => ended,
        };
        self.release(&mut queue)?;
        flow
    }

    fn wanted(&self) -> LeaseRequest {
        LeaseRequest {
            limit: self.run.lease,
            now: now(),
            only: self.run.only.clone(),
            relay: Arc::clone(&self.route.name),
            quota: Arc::clone(&self.route.quota),
            follows_list: self.run.follows_list,
        }
    }

    /// Waits until another connection releases deliveries. Those that are left are leased by connections that wait for a
    /// session and will send them or release them soon.
    async fn wait_for_others(&mut self) -> Flow {
        let waiting = Arc::clone(&self.waiting);
        let may_have_more = tokio::select! {
            may_have_more = waiting.wait_for_others() => may_have_more,
            () = self.signals.until_over() => return Break(StopReason::Interrupted),
        };
        if may_have_more {
            return Continue(());
        }
        waiting.found_nothing();
        Break(StopReason::Done)
    }

    fn release(&self, queue: &mut VecDeque<Leased>) -> Flow {
        for untouched in queue.drain(..) {
            self.record(Change::Release {
                number: untouched.number,
                at: now(),
            })?;
        }
        Continue(())
    }

    /// Sends the deliveries of the queue. A delivery leaves the queue when its outcome is known, so those in the queue have
    /// certainly not been sent.
    async fn each(&mut self, queue: &mut VecDeque<Leased>) -> Flow {
        loop {
            self.check_signals()?;
            self.await_list().await?;
            self.exclude_departed(queue).await?;
            if queue.is_empty() {
                return Continue(());
            }
            self.leave_if_too_many()?;
            if !self.send_next(queue).await? {
                return Continue(());
            }
        }
    }

    /// Sends the first message of the queue, or several if the relay supports it. Returns whether the queue is still
    /// leased.
    async fn send_next(&mut self, queue: &mut VecDeque<Leased>) -> Flow<bool> {
        if self.run.window > 1 {
            if !self.open_session(queue).await? {
                return Continue(false);
            }
            if self.session.as_ref().is_some_and(Session::supports_bursts) {
                self.pipelined(queue).await?;
                return Continue(true);
            }
        }
        self.first(queue).await
    }

    /// Waits until a changed list was read completely.
    async fn await_list(&self) -> Flow {
        match &self.run.list {
            Some(list) => list.pass(&self.ledger, || self.is_over()).await,
            None => Continue(()),
        }
    }

    /// Excludes leased deliveries whose recipients have left since they were leased: by the list in a file, which is watched,
    /// and by the store, which is asked again if that was longer ago than [`LONGEST_TRUST`].
    pub(super) async fn exclude_departed(&mut self, queue: &mut VecDeque<Leased>) -> Flow {
        let statuses = self.run.list.as_ref().and_then(ListWatch::statuses);
        let stored = self.stored_reasons(queue).await?;
        if statuses.is_none() && stored.is_empty() {
            return Continue(());
        }
        let mut is_begun = false;
        let mut kept = VecDeque::with_capacity(queue.len());
        for delivery in queue.drain(..) {
            let listed = statuses
                .as_ref()
                .and_then(|index| exclusion(index, &delivery));
            let why = listed.map(str::to_owned);
            let Some(why) = why.or_else(|| stored.get(&delivery.number).cloned()) else {
                kept.push_back(delivery);
                continue;
            };
            is_begun |= self.is_prepared(&delivery);
            let (number, at) = (delivery.number, now());
            self.record(Change::Excluded { number, why, at })?;
        }
        *queue = kept;
        if is_begun {
            self.abandon_envelope().await;
        }
        Continue(())
    }

    /// Why recipients of the queue have left, by the store.
    async fn stored_reasons(&mut self, queue: &VecDeque<Leased>) -> Flow<HashMap<i64, String>> {
        if queue.is_empty() || self.asked.elapsed() < LONGEST_TRUST {
            return Continue(HashMap::new());
        }
        let numbers = queue.iter().map(|delivery| delivery.number).collect();
        let reasons = self.ledger.reasons(numbers, self.run.follows_list).await;
        self.asked = Instant::now();
        Continue(or_end(reasons)?.into_iter().collect())
    }

    fn is_prepared(&self, delivery: &Leased) -> bool {
        let prepared = self.prepared.as_ref();
        prepared.is_some_and(|prepared| prepared.number == delivery.number)
    }

    /// Ends the session, because the envelope of the prepared message may have been sent, and the message of another
    /// recipient must not follow it.
    pub(super) async fn abandon_envelope(&mut self) {
        if let Some(session) = self.session.take() {
            self.prepared = None;
            session.quit().await;
        }
    }

    /// Ends this connection if the relay has asked for fewer.
    fn leave_if_too_many(&mut self) -> Flow {
        if self.route.connections.leave_if_too_many() {
            self.has_left = true;
            return Break(StopReason::Done);
        }
        Continue(())
    }

    fn check_signals(&self) -> Flow {
        match self.is_over() {
            true => Break(StopReason::Interrupted),
            false => Continue(()),
        }
    }

    /// Whether the run, this route or the campaign is over. The halt of the campaign is checked directly, because no
    /// message may be begun in the time until the signals arrive.
    fn is_over(&self) -> bool {
        self.signals.is_over()
            || self.ledger.halt().is_some()
            || self.run.breaker.lock().has_tripped
    }

    fn record(&self, change: Change) -> Flow {
        or_end(self.ledger.record(change))
    }
}

/// Why the recipient of a delivery is excluded, if they have left.
fn exclusion(statuses: &StatusIndex, delivery: &Leased) -> Option<&'static str> {
    let recipient: Subscriber = serde_json::from_str(&delivery.subscriber).ok()?;
    statuses.reason(&recipient.address.key())
}
