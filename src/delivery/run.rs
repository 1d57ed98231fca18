//! Runs a campaign: rounds of connections that lease deliveries until none is left.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::end::{StopReason, of_routes};
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
/// When `stop` turns true, or the campaign is halted, no new message is begun, and the run waits for those that are
/// being sent.
pub async fn run(run: Arc<Run>, ledger: Ledger, stop: watch::Receiver<bool>) -> StopReason {
    let (ending, ends) = watch::channel(false);
    let brakes = tokio::spawn(watch_brakes(ledger.clone(), stop, ending));
    let ended = Rounds::new(run, ledger.clone(), ends).all().await;
    brakes.abort();
    // It holds a handle of the ledger, whose writer ends with the last one.
    drop(brakes.await);
    match (ended, ledger.halt()) {
        (StopReason::Interrupted, Some(halt)) => StopReason::Halted(halt),
        (ended, _) => ended,
    }
}

/// Ends the run when it is asked to stop or the campaign is halted. A run that waits leases nothing and would not see
/// the brake otherwise.
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
            let ended = self.one().await;
            let ended = self.unless_all_is_done(ended).await;
            if !matches!(ended, StopReason::Done) || *self.stop.borrow() {
                return match ended {
                    StopReason::QuotaUsedUp(quota) => {
                        StopReason::QuotaUsedUp(self.first_quota.unwrap_or(quota))
                    }
                    ended => ended,
                };
            }
            let next = match self.until_others_are_done().await {
                Ok(next) => next,
                Err(error) => return StopReason::Ledger(error),
            };
            if *self.stop.borrow() {
                return StopReason::Interrupted;
            }
            let NextDue::At(due) = next else {
                return StopReason::Done;
            };
            if let Some(ended) = self.wait_until(due).await {
                return ended;
            }
        }
    }

    /// Waits for the next try, if it is due soon enough; `Some` if the run ends instead.
    async fn wait_until(&mut self, due: i64) -> Option<StopReason> {
        let wait = Duration::from_secs((due - now()).max(0).unsigned_abs());
        // What other senders left, or what has just become due, needs no patience.
        if !wait.is_zero() && self.began.elapsed() + wait > self.run.retry.patience {
            return Some(StopReason::Done);
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => None,
            _ = self.stop.wait_for(|stop| *stop) => Some(StopReason::Interrupted),
        }
    }

    /// A relay that became unreachable after other connections had sent everything ends nothing.
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

    /// Waits until no other sender holds leases, and returns what is left: a sender that dies leaves its deliveries,
    /// and another must be there to send them.
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
            let signals = Signals {
                stop: rounds.stop.clone(),
                halted: self.halt.subscribe(),
                is_shut: is_shut.clone(),
            };
            let worker = Worker::new(
                (
                    Arc::clone(&rounds.run),
                    Arc::clone(route),
                    rounds.ledger.clone(),
                ),
                signals,
                rounds.began,
                (Arc::clone(&gate), Arc::clone(waiting)),
            );
            self.connections
                .spawn(async move { (number, worker.work().await) });
        }
    }

    /// A connection of route `number` has ended: what ends the run for it stops all connections, and what ends its
    /// route, those of that route. One that finds no more deliveries leaves the last ones to the others.
    fn ended(&mut self, number: usize, end: StopReason, rounds: &mut Rounds) {
        match &end {
            StopReason::Done | StopReason::Interrupted => {}
            StopReason::QuotaUsedUp(quota) => {
                let soonest = rounds.first_quota.iter().copied().chain([*quota]);
                rounds.first_quota = soonest.min_by_key(|quota| quota.resets_at);
            }
            StopReason::Unreachable(why) | StopReason::Refused(why) => {
                let is_news = !self.shuts[number].send_replace(true);
                let has_others = self.shuts.iter().any(|shut| !*shut.borrow());
                if is_news && has_others && !*self.halt.borrow() {
                    self.is_reported[number] = true;
                    (rounds.run.on_notice)(&format!("{why}; continuing without it"));
                }
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
}
