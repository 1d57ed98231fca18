//! Runs a campaign: rounds of connections that lease deliveries until none is left.

use std::ops::ControlFlow::{Break, Continue};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::end::{Flow, StopReason, of_routes, or_end};
use super::settings::Run;
use super::signals::{Signals, turned};
use super::transport::{SessionGate, WaitingConnections};
use super::worker::Worker;
use super::{Route, now};
use crate::store::{Ledger, NextDue, Quota, StoreError};

/// How often a run that waits for other senders looks at their progress.
const OTHERS_INTERVAL: Duration = Duration::from_millis(500);

/// How often a run checks whether its campaign was halted, whatever else it does.
const BRAKES_INTERVAL: Duration = Duration::from_millis(500);

/// Runs until no delivery is left to lease, or until something ends it early.
///
/// When `stop` becomes true, or the campaign is halted, no new message is begun, and the run waits for those that are
/// being sent.
pub async fn run(run: Arc<Run>, ledger: Ledger, stop: watch::Receiver<bool>) -> StopReason {
    let (ending, ends) = watch::channel(false);
    let brakes = tokio::spawn(watch_brakes(ledger.clone(), stop, ending));
    let ended = Rounds::new(run, ledger.clone(), ends).all().await;
    brakes.abort();
    // The task owns a handle of the ledger, whose writer ends when the last handle is dropped.
    drop(brakes.await);
    match (ended, ledger.halt()) {
        (StopReason::Interrupted, Some(halt)) => StopReason::Halted(halt),
        (ended, _) => ended,
    }
}

/// Ends the run when `stop` becomes true or the campaign is halted. A run that waits leases nothing and would not notice
/// a halt otherwise.
async fn watch_brakes(
    ledger: Ledger,
    mut stop: watch::Receiver<bool>,
    ending: watch::Sender<bool>,
) {
    loop {
        let is_halted = tokio::select! {
            () = turned(&mut stop) => true,
            () = tokio::time::sleep(BRAKES_INTERVAL) => !matches!(ledger.check_halt().await, Ok(None)),
        };
        if is_halted {
            break;
        }
    }
    ending.send_replace(true);
    // Dropping the sender would look like a change to its receivers.
    std::future::pending::<()>().await;
}

/// The rounds of a run: in each, all connections work until none of them finds a delivery to lease.
struct Rounds {
    run: Arc<Run>,
    ledger: Ledger,
    stop: watch::Receiver<bool>,
    began: Instant,
    /// The routes that are still in use.
    routes: Vec<Arc<Route>>,
    /// Of the quotas that were used up, in any round, the one that is free again first.
    first_quota: Option<Quota>,
}

impl Rounds {
    fn new(run: Arc<Run>, ledger: Ledger, stop: watch::Receiver<bool>) -> Self {
        let (routes, began) = (run.routes.clone(), Instant::now());
        Self {
            run,
            ledger,
            stop,
            began,
            routes,
            first_quota: None,
        }
    }

    async fn all(mut self) -> StopReason {
        loop {
            if let Break(ended) = self.round_and_wait().await {
                return ended;
            }
        }
    }

    /// Runs a round and waits until the next one has something to send.
    async fn round_and_wait(&mut self) -> Flow {
        let ended = self.one().await;
        match self.unless_all_is_done(ended).await {
            StopReason::Done if !*self.stop.borrow() => {}
            StopReason::QuotaUsedUp(quota) => {
                let first = self.first_quota.unwrap_or(quota);
                return Break(StopReason::QuotaUsedUp(first));
            }
            ended => return Break(ended),
        }
        let next = or_end(self.until_others_are_done().await)?;
        match next {
            _ if *self.stop.borrow() => Break(StopReason::Interrupted),
            NextDue::At(due) => self.wait_until(due).await,
            NextDue::Others | NextDue::Nothing => Break(StopReason::Done),
        }
    }

    /// Waits until `due`, unless that is later than the run's patience allows.
    async fn wait_until(&mut self, due: i64) -> Flow {
        let wait = Duration::from_secs((due - now()).max(0).unsigned_abs());
        // Deliveries that are due already are sent in any case.
        if !wait.is_zero() && self.began.elapsed() + wait > self.run.retry.patience {
            return Break(StopReason::Done);
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => Continue(()),
            _ = self.stop.wait_for(|stop| *stop) => Break(StopReason::Interrupted),
        }
    }

    /// Ignores that a relay became unreachable after other connections had sent everything.
    async fn unless_all_is_done(&self, ended: StopReason) -> StopReason {
        let StopReason::Unreachable(why) = ended else {
            return ended;
        };
        match self.ledger.next(now()).await {
            Ok(NextDue::Nothing) => {
                (self.run.on_notice)(&why);
                StopReason::Done
            }
            Ok(_) | Err(_) => StopReason::Unreachable(why),
        }
    }

    /// Waits until no other sender has leases, and returns what is left. If another sender crashes, this one sends its
    /// deliveries.
    async fn until_others_are_done(&self) -> Result<NextDue, Arc<StoreError>> {
        let mut stop = self.stop.clone();
        loop {
            // A run for one recipient leaves the others to other senders.
            if self.run.only.is_some() || *stop.borrow() {
                return Ok(NextDue::Nothing);
            }
            let next = self.ledger.next(now()).await?;
            if next != NextDue::Others {
                return Ok(next);
            }
            tokio::select! {
                () = tokio::time::sleep(OTHERS_INTERVAL) => {}
                _ = stop.wait_for(|stop| *stop) => {}
            }
        }
    }

    /// Runs all connections of the routes until no delivery is left to lease. A route whose relay is unreachable or
    /// refuses the sender, or which finds no more deliveries, is removed, and the others continue.
    async fn one(&mut self) -> StopReason {
        let mut round = Round::start(self);
        while let Some(joined) = round.connections.join_next().await {
            match joined {
                Ok((number, end)) => round.ended(number, end, self),
                Err(panic) => std::panic::resume_unwind(panic.into_panic()),
            }
        }
        let mut is_open = round.ends.iter().map(|end| matches!(end, StopReason::Done));
        self.routes.retain(|_| is_open.next().unwrap_or_default());
        of_routes(round.ends.into_iter().zip(round.is_reported).collect())
    }
}

/// The connections of one round, and how they have ended so far.
struct Round {
    connections: JoinSet<(usize, StopReason)>,
    /// Stops all connections.
    halt: watch::Sender<bool>,
    /// Stops the connections of one route.
    shuts: Vec<watch::Sender<bool>>,
    /// The end of each route.
    ends: Vec<StopReason>,
    /// Whether the end of each route was reported already.
    is_reported: Vec<bool>,
}

impl Round {
    fn start(rounds: &Rounds) -> Self {
        let count = rounds.routes.len();
        let mut round = Self {
            connections: JoinSet::new(),
            halt: watch::channel(false).0,
            shuts: Vec::with_capacity(count),
            ends: (0..count).map(|_| StopReason::Done).collect(),
            is_reported: vec![false; count],
        };
        let waiting = Arc::new(WaitingConnections::new());
        for route in &rounds.routes {
            round.connect(rounds, route, &waiting);
        }
        round
    }

    /// Starts the connections of the next route.
    fn connect(&mut self, rounds: &Rounds, route: &Arc<Route>, waiting: &Arc<WaitingConnections>) {
        let number = self.shuts.len();
        let (shut, is_shut) = watch::channel(false);
        self.shuts.push(shut);
        let gate = Arc::new(SessionGate::new());
        for _ in 0..route.connections.begin() {
            let worker = Worker::new(
                (
                    Arc::clone(&rounds.run),
                    Arc::clone(route),
                    rounds.ledger.clone(),
                ),
                self.signals(rounds, is_shut.clone()),
                rounds.began,
                (Arc::clone(&gate), Arc::clone(waiting)),
            );
            self.connections
                .spawn(async move { (number, worker.work().await) });
        }
    }

    fn signals(&self, rounds: &Rounds, is_shut: watch::Receiver<bool>) -> Signals {
        Signals {
            stop: rounds.stop.clone(),
            halted: self.halt.subscribe(),
            is_shut,
        }
    }

    /// Handles the end of a connection of route `number`: stops all connections if the run is over, or those of the route
    /// if only the route is. A connection that finds no more deliveries stops none.
    fn ended(&mut self, number: usize, end: StopReason, rounds: &mut Rounds) {
        match &end {
            StopReason::Done | StopReason::Interrupted => {}
            StopReason::QuotaUsedUp(quota) => {
                let soonest = rounds.first_quota.iter().copied().chain([*quota]);
                rounds.first_quota = soonest.min_by_key(|quota| quota.resets_at);
            }
            StopReason::Unreachable(why) | StopReason::Refused(why) => {
                self.close_route(number, why, &rounds.run);
            }
            StopReason::RefusalsTakenBack(_)
            | StopReason::Ledger(_)
            | StopReason::Halted(_)
            | StopReason::ListUnreadable(_) => {
                self.halt.send_replace(true);
            }
        }
        if end.rank() > self.ends[number].rank() {
            self.ends[number] = end;
        }
    }

    /// Stops the connections of a route, and reports it if other routes continue.
    fn close_route(&mut self, number: usize, why: &str, run: &Run) {
        let was_open = !self.shuts[number].send_replace(true);
        let has_others = self.shuts.iter().any(|shut| !*shut.borrow());
        if was_open && has_others && !*self.halt.borrow() {
            self.is_reported[number] = true;
            (run.on_notice)(&format!("{why}; continuing without it"));
        }
    }
}
