//! A run: connections side by side take deliveries out of the ledger until none is left to take.

use std::collections::{HashMap, VecDeque};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::circuit_breaker::Doubt;
use super::hint;
use super::record::set_up_is_wrong;
use super::suspension::Turn;
use super::transport::Session;
use super::transport::{Hands, SessionGate};
use super::{
    CircuitBreaker, Domains, FileTransport, ListWatch, RateLimiter, Route, SmtpTransport,
    StatusIndex, Transport, TransportError,
};
use crate::diag::counted;
use crate::message::{Message, MessageEncoder};
use crate::outcome::{self, Outcome, RejectReason, Reply};
use crate::store::{Change, Halt, Leased, Ledger, Next, Room, Step, StoreError, Taken, Wanted};
use crate::subscriber::Subscriber;
use crate::util::clock;
use crate::util::system;

/// The most deliveries that a connection takes at once.
const LARGEST_LEASE: usize = 8;

/// How often a run that waits for other senders looks how far they are.
const OTHERS_TURN: Duration = Duration::from_millis(500);

/// How often a run looks whether its campaign is halted, whatever else it does.
const BRAKES_TURN: Duration = Duration::from_millis(500);

/// What a run needs to know; the same for all of its connections.
pub struct Run {
    /// The frozen editions of the campaign by their numbers, each ready to write messages from.
    pub presses: HashMap<i64, MessageEncoder>,
    /// Where the letters go, over connections that take them from one queue.
    pub lanes: Vec<Arc<Route>>,
    /// How many deliveries a connection takes at once; see [`lease`].
    pub lease: usize,
    /// How many letters are on their way over one connection at once, where the relay takes that.
    pub window: usize,
    /// The rates of recipient domains, over all lanes.
    pub pace: Mutex<RateLimiter>,
    /// When a deferred delivery is tried again.
    pub retry: Retry,
    /// The domains that want a rest.
    pub domains: Domains,
    /// Stops the send when refusals cannot be the readers' fault.
    pub guard: Arc<CircuitBreaker>,
    /// The one address that this run is for, as its key.
    pub only: Option<String>,
    /// Watches the list for recipients who leave while the run goes on.
    pub list: Option<ListWatch>,
    /// Told of every outcome.
    pub report: Box<Report>,
    /// Told what an operator should know while the run goes on.
    pub tell: Box<Tell>,
}

/// How many of `open` deliveries a connection takes at once: few enough that all connections have something
/// to do, and that one message that hangs does not hold up a whole short list.
pub fn lease(open: usize, connections: usize, window: usize) -> usize {
    let most = LARGEST_LEASE.max(window);
    open.div_ceil(connections.max(1)).clamp(1, most)
}

/// Hears of every outcome, from whatever connection it comes.
pub type Report = dyn Fn(&Subscriber, &Outcome) + Send + Sync;

/// Hears what is not about one reader, in one line that is safe for a terminal.
pub type Tell = dyn Fn(&str) + Send + Sync;

/// When a deferred delivery is tried again, and how long a run stays for it.
#[derive(Debug, Clone, Copy)]
pub struct Retry {
    /// The wait before the try after number `attempt`; the second argument spreads it.
    pub wait: fn(u32, u64) -> Duration,
    /// How long a run waits for a try that is not yet due; then it leaves it to the next run.
    pub patience: Duration,
    /// The waits before another connection is tried; behind the last, the relay counts as gone.
    pub reconnect: &'static [u64],
}

impl Retry {
    /// For relays: minutes to hours between tries, which is what greylisting asks for.
    pub const NORMAL: Self = Self {
        wait: outcome::wait,
        patience: Duration::ZERO,
        reconnect: &[1, 2, 4, 8],
    };
    /// For the catcher of `demo`, which is never busy.
    pub const QUICK: Self = Self {
        wait: |_, _| Duration::ZERO,
        patience: Duration::from_secs(5),
        reconnect: &[],
    };
}

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// Nothing was left to take.
    Done,
    /// Somebody asked it to stop.
    Interrupted,
    /// The day's letters are sent; when there is room again.
    Spent(Room),
    /// The relay went away, or was never there.
    Unreachable(String),
    /// The relay refuses us, not our readers.
    Refused(String),
    /// So many readers are refused that it is hardly about them; their refusals were taken back.
    Doubted(String),
    /// The campaign was paused, held, cancelled or corrected while the run went on.
    Halted(Halt),
    /// The list could not be read completely, and nothing is taken without it.
    ListUnreadable(String),
    /// The ledger cannot be written, so nothing may be sent.
    Ledger(Arc<StoreError>),
}

impl Doubt {
    /// How the run has ended for it.
    pub fn ended(self) -> Ended {
        match (self.refusal, self.deferral) {
            (Some(why), _) => Ended::Doubted(format!(
                "the relay has refused {} and accepted nothing: {why}; {}",
                counted(self.refused.len(), "recipient"),
                hint::of_refusal(&why)
            )),
            (None, reply) => {
                let reply = reply.unwrap_or_default();
                Ended::Refused(set_up_is_wrong("", self.deferred.len(), &reply))
            }
        }
    }
}

/// Runs until nothing is left to take, or something ends it early. `stop` turns true when it is to end:
/// then no new message is begun, and those on their way are waited for. A brake on the campaign ends it likewise.
pub async fn run(run: Arc<Run>, ledger: Ledger, stop: watch::Receiver<bool>) -> Ended {
    let (ending, ends) = watch::channel(false);
    let warden = tokio::spawn(watch_brakes(ledger.clone(), stop, ending));
    let ended = rounds(run, ledger.clone(), ends).await;
    warden.abort();
    // It has a handle on the ledger, whose writer ends with the last.
    drop(warden.await);
    match (ended, ledger.halt()) {
        (Ended::Interrupted, Some(halt)) => Ended::Halted(halt),
        (ended, _) => ended,
    }
}

/// Ends the run when it is asked to, or when the campaign is halted: a run that waits takes nothing, and would not
/// see the brake otherwise.
async fn watch_brakes(
    ledger: Ledger,
    mut stop: watch::Receiver<bool>,
    ending: watch::Sender<bool>,
) {
    loop {
        let is_halted = tokio::select! {
            () = asked(&mut stop) => true,
            () = tokio::time::sleep(BRAKES_TURN) => !matches!(ledger.look().await, Ok(None)),
        };
        if is_halted {
            break;
        }
    }
    ending.send_replace(true);
    // Without a sender a receiver would see its end for a change.
    std::future::pending::<()>().await;
}

/// Returns when the run is asked to stop.
async fn asked(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        // The sender of the signal is gone, so none will come.
        std::future::pending::<()>().await;
    }
}

async fn rounds(run: Arc<Run>, ledger: Ledger, mut stop: watch::Receiver<bool>) -> Ended {
    let began = Instant::now();
    let mut lanes = run.lanes.clone();
    // Of all that were spent, in whatever round, that which has room first.
    let mut first = None;
    loop {
        let ended = one_round(&run, &mut lanes, &mut first, &ledger, &stop, began).await;
        let ended = unless_all_is_done(&run, &ledger, ended).await;
        if !matches!(ended, Ended::Done) || *stop.borrow() {
            return match ended {
                Ended::Spent(room) => Ended::Spent(first.unwrap_or(room)),
                ended => ended,
            };
        }
        let next = match until_others_are_done(&run, &ledger, &stop).await {
            Ok(next) => next,
            Err(fault) => return Ended::Ledger(fault),
        };
        if *stop.borrow() {
            return Ended::Interrupted;
        }
        let Next::At(due) = next else {
            return Ended::Done;
        };
        let wait = Duration::from_secs((due - now()).max(0).unsigned_abs());
        // What others left behind, or what has just fallen due, needs no patience.
        if !wait.is_zero() && began.elapsed() + wait > run.retry.patience {
            return Ended::Done;
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = stop.wait_for(|stop| *stop) => return Ended::Interrupted,
        }
    }
}

/// A relay that went away when other connections had sent everything ends nothing.
async fn unless_all_is_done(run: &Run, ledger: &Ledger, ended: Ended) -> Ended {
    let Ended::Unreachable(why) = ended else {
        return ended;
    };
    match ledger.next(now()).await {
        Ok(Next::Nothing) => {
            (run.tell)(&why);
            Ended::Done
        }
        Ok(_) | Err(_) => Ended::Unreachable(why),
    }
}

/// What is left when no other sender has anything in hand any more: one that dies leaves it behind, and
/// then somebody has to be there.
async fn until_others_are_done(
    run: &Run,
    ledger: &Ledger,
    stop: &watch::Receiver<bool>,
) -> Result<Next, Arc<StoreError>> {
    let mut stop = stop.clone();
    loop {
        // A run for one reader leaves the others to others.
        if run.only.is_some() || *stop.borrow() {
            return Ok(Next::Nothing);
        }
        let next = ledger.next(now()).await?;
        if next != Next::Others {
            return Ok(next);
        }
        tokio::select! {
            () = tokio::time::sleep(OTHERS_TURN) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }
}

/// Every connection of `lanes` works until there is nothing left to take. A lane that finds no try left, or whose
/// relay is gone or refuses us, is taken out, and the others go on.
async fn one_round(
    run: &Arc<Run>,
    lanes: &mut Vec<Arc<Route>>,
    first: &mut Option<Room>,
    ledger: &Ledger,
    stop: &watch::Receiver<bool>,
    began: Instant,
) -> Ended {
    let mut connections = JoinSet::new();
    // What ends the send for one connection stops all others too; what ends it for a lane, those of that lane.
    let (halt, halted) = watch::channel(false);
    let mut shuts = Vec::new();
    let hands = Arc::new(Hands::new());
    for (number, lane) in lanes.iter().enumerate() {
        let (shut, is_shut) = watch::channel(false);
        shuts.push(shut);
        let entrance = Arc::new(SessionGate::new());
        for _ in 0..lane.crowd.begin() {
            let worker = Worker {
                run: Arc::clone(run),
                lane: Arc::clone(lane),
                ledger: ledger.clone(),
                stop: stop.clone(),
                halted: halted.clone(),
                is_shut: is_shut.clone(),
                began,
                entrance: Arc::clone(&entrance),
                hands: Arc::clone(&hands),
                session: None,
                prepared: None,
                turns: HashMap::new(),
                has_left: false,
            };
            connections.spawn(async move { (number, worker.work().await) });
        }
    }
    let mut ends: Vec<Ended> = lanes.iter().map(|_| Ended::Done).collect();
    let mut is_told = vec![false; lanes.len()];
    while let Some(joined) = connections.join_next().await {
        let (number, one) = match joined {
            Ok(one) => one,
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        };
        // Where one connection finds no try left, the others of its lane have the last ones in hand.
        match &one {
            Ended::Done | Ended::Interrupted => {}
            Ended::Spent(room) => {
                let soonest = first.iter().copied().chain([*room]);
                *first = soonest.min_by_key(|room| room.again);
            }
            Ended::Unreachable(why) | Ended::Refused(why) => {
                let is_news = !shuts[number].send_replace(true);
                let goes_on = shuts.iter().any(|shut| !*shut.borrow());
                if is_news && goes_on && !*halted.borrow() {
                    is_told[number] = true;
                    (run.tell)(&format!("{why}; going on without it"));
                }
            }
            Ended::Doubted(_) | Ended::Ledger(_) | Ended::Halted(_) | Ended::ListUnreadable(_) => {
                halt.send_replace(true);
            }
        }
        if gravity(&one) > gravity(&ends[number]) {
            ends[number] = one;
        }
    }
    let mut is_open = ends.iter().map(|end| matches!(end, Ended::Done));
    lanes.retain(|_| is_open.next().unwrap_or_default());
    together(ends.into_iter().zip(is_told).collect())
}

/// How a round has ended whose lanes have ended so, and of which that has been told. As long as one lane is left the
/// others are not missed; of those that are not left the one counts that can soonest be used again, and of two
/// alike the one that has not been told.
fn together(ends: Vec<(Ended, bool)>) -> Ended {
    let is_of_all = |(end, _): &(Ended, bool)| {
        matches!(
            end,
            Ended::Interrupted
                | Ended::Doubted(_)
                | Ended::Ledger(_)
                | Ended::Halted(_)
                | Ended::ListUnreadable(_)
        )
    };
    let (all, lanes): (Vec<_>, Vec<_>) = ends.into_iter().partition(is_of_all);
    let gravest = all.into_iter().max_by_key(|(end, _)| gravity(end));
    let mildest = lanes
        .into_iter()
        .min_by_key(|(end, is_told)| (gravity(end), *is_told));
    gravest.or(mildest).map_or(Ended::Done, |(end, _)| end)
}

fn gravity(ended: &Ended) -> u8 {
    match ended {
        Ended::Done => 0,
        Ended::Interrupted => 1,
        Ended::Halted(_) | Ended::ListUnreadable(_) => 2,
        Ended::Spent(_) => 2,
        Ended::Unreachable(_) => 3,
        Ended::Refused(_) | Ended::Doubted(_) => 4,
        Ended::Ledger(_) => 5,
    }
}

pub(super) struct Worker {
    pub(super) run: Arc<Run>,
    pub(super) lane: Arc<Route>,
    pub(super) ledger: Ledger,
    stop: watch::Receiver<bool>,
    halted: watch::Receiver<bool>,
    /// Whether the lane has been shut.
    is_shut: watch::Receiver<bool>,
    began: Instant,
    /// What the connections of this lane know of each other while they open.
    entrance: Arc<SessionGate>,
    /// What the connections of all lanes know of each other's deliveries.
    hands: Arc<Hands>,
    pub(super) session: Option<Session>,
    /// The letter behind the one that is being handed over.
    prepared: Option<Prepared>,
    /// When each delivery in hand may go, as the time since the run began, where several senders keep a rate
    /// together.
    turns: HashMap<i64, Duration>,
    /// Whether the crowd has counted it out.
    has_left: bool,
}

/// A letter that is written.
pub(super) struct Prepared {
    number: i64,
    edition: i64,
    pub(super) reader: Subscriber,
    letter: Message,
    /// When it may go, as the time since the run began.
    turn: Duration,
}

impl Worker {
    async fn work(mut self) -> Ended {
        let ended = loop {
            if let Err(ended) = self.batch().await {
                break ended;
            }
        };
        if !self.has_left {
            self.lane.crowd.ended();
        }
        if let Some(session) = self.session.take() {
            session.quit().await;
        }
        ended
    }

    /// Takes some deliveries and tries each. Those that it does not come to go back.
    async fn batch(&mut self) -> Result<(), Ended> {
        self.go_on()?;
        self.pass_list().await?;
        let taken = self.ledger.lease(self.wanted()).await;
        let mut queue = match taken.map_err(Ended::Ledger)? {
            Taken::Deliveries(none) if none.is_empty() => return self.wait_for_others().await,
            Taken::Deliveries(some) => VecDeque::from(some),
            Taken::Spent(room) => return Err(Ended::Spent(room)),
            Taken::Halted(halt) => return Err(Ended::Halted(halt)),
        };
        let ended = self.try_each(&mut queue).await;
        self.give_back(&mut queue)?;
        ended
    }

    /// Nothing is left to lease but what connections without a session hold: it is sent or comes back soon.
    async fn wait_for_others(&mut self) -> Result<(), Ended> {
        let hands = Arc::clone(&self.hands);
        let may_have_more = tokio::select! {
            may_have_more = hands.wait_for_others() => may_have_more,
            () = self.until_ended() => return Err(Ended::Interrupted),
        };
        if may_have_more {
            return Ok(());
        }
        hands.found_nothing();
        Err(Ended::Done)
    }

    fn give_back(&self, queue: &mut VecDeque<Leased>) -> Result<(), Ended> {
        for untouched in queue.drain(..) {
            self.change(Change::Release {
                number: untouched.number,
                at: now(),
            })?;
        }
        Ok(())
    }

    /// Waits until the run, or this lane, has ended.
    async fn until_ended(&mut self) {
        tokio::select! {
            () = turned(&mut self.stop) => {}
            () = turned(&mut self.halted) => {}
            () = turned(&mut self.is_shut) => {}
        }
    }

    fn wanted(&self) -> Wanted {
        Wanted {
            limit: self.run.lease,
            now: now(),
            only: self.run.only.clone(),
            relay: Arc::clone(&self.lane.name),
            allowance: Arc::clone(&self.lane.allowance),
        }
    }

    async fn try_each(&mut self, queue: &mut VecDeque<Leased>) -> Result<(), Ended> {
        self.reserve(queue).await?;
        self.each(queue).await
    }

    /// Keeps a moment for each delivery in hand, among those of all senders.
    async fn reserve(&mut self, queue: &VecDeque<Leased>) -> Result<(), Ended> {
        self.turns.clear();
        let Some(shared) = &self.lane.shared else {
            return Ok(());
        };
        let (count, per_second) = (queue.len() as u32, shared.rate.per_second());
        let relay = shared.relay.clone();
        let wait = self.ledger.reserve(relay, count, per_second).await;
        let Some(wait) = wait.map_err(Ended::Ledger)? else {
            return Ok(());
        };
        let first = self.began.elapsed() + wait;
        let turns = (0_u32..).map(|n| first + Duration::from_secs_f64(f64::from(n) / per_second));
        self.turns = queue
            .iter()
            .map(|delivery| delivery.number)
            .zip(turns)
            .collect();
        Ok(())
    }

    /// A delivery leaves the queue when its outcome is known: whatever is in it has certainly not been sent.
    async fn each(&mut self, queue: &mut VecDeque<Leased>) -> Result<(), Ended> {
        loop {
            self.go_on()?;
            self.pass_list().await?;
            self.leave_out_departed(queue).await?;
            if queue.is_empty() {
                return Ok(());
            }
            self.make_room()?;
            if self.run.window > 1 {
                if !self.open_session(queue).await? {
                    return Ok(());
                }
                if self.session.as_ref().is_some_and(Session::takes_bursts) {
                    self.burst(queue).await?;
                    continue;
                }
            }
            let Some(delivery) = queue.front() else {
                return Ok(());
            };
            let prepared = match self.prepared.take() {
                Some(prepared) if prepared.number == delivery.number => Ok(prepared),
                _ => self.prepare(delivery),
            };
            let prepared = match prepared {
                Ok(prepared) => prepared,
                Err(why) => {
                    self.refuse_unwritable(delivery, &why)?;
                    queue.pop_front();
                    continue;
                }
            };
            // Where its envelope is out already, it is being tried.
            let has_begun = self.session.as_ref().is_some_and(Session::has_begun);
            if !has_begun && let Some(until) = self.rest(&prepared).await? {
                self.postpone(delivery, &prepared, until)?;
                queue.pop_front();
                continue;
            }
            self.wait_for(prepared.turn).await?;
            if !self.open_session(queue).await? {
                return Ok(());
            }
            // The next letter is written before it is needed: its envelope goes behind this one's last dot.
            let next = queue.get(1).and_then(|next| self.prepare(next).ok());
            self.prepared = next;
            let outcome = self.hand_over(&prepared).await?;
            if let Some(delivery) = queue.pop_front() {
                self.settle(&delivery, &prepared.reader, outcome).await?;
            }
        }
    }

    /// Waits until the list is whole, where it has changed.
    async fn pass_list(&self) -> Result<(), Ended> {
        match &self.run.list {
            Some(list) => list.pass(&self.ledger, || self.go_on().is_err()).await,
            None => Ok(()),
        }
    }

    /// Excludes deliveries in hand whose recipients have left since they were taken.
    async fn leave_out_departed(&mut self, queue: &mut VecDeque<Leased>) -> Result<(), Ended> {
        let standings = self.run.list.as_ref().and_then(ListWatch::standings);
        let Some(standings) = standings else {
            return Ok(());
        };
        let mut is_begun = false;
        let mut kept = VecDeque::with_capacity(queue.len());
        for delivery in queue.drain(..) {
            let Some(why) = reason(&standings, &delivery) else {
                kept.push_back(delivery);
                continue;
            };
            is_begun |= self
                .prepared
                .as_ref()
                .is_some_and(|next| next.number == delivery.number);
            let (number, why, at) = (delivery.number, why.to_owned(), now());
            self.ledger
                .record(Change::Excluded { number, why, at })
                .map_err(Ended::Ledger)?;
        }
        *queue = kept;
        // Its envelope may be out, and the message of another must not follow it.
        if is_begun && let Some(session) = self.session.take() {
            self.prepared = None;
            session.quit().await;
        }
        Ok(())
    }

    /// Fewer connections, where the relay wants fewer.
    fn make_room(&mut self) -> Result<(), Ended> {
        if self.lane.crowd.leave_if_crowded() {
            self.has_left = true;
            return Err(Ended::Done);
        }
        Ok(())
    }

    /// Until when the letter has to wait, if its domain is left alone.
    async fn rest(&self, prepared: &Prepared) -> Result<Option<i64>, Ended> {
        let domain = prepared.reader.address.domain();
        match self.run.domains.turn(&domain, now()) {
            Turn::Go => Ok(None),
            Turn::Rest(until) => Ok(Some(until)),
            Turn::First { until, known } => {
                let step = Step::Hold {
                    name: domain,
                    until,
                    known,
                };
                self.ledger.step(step).await.map_err(Ended::Ledger)?;
                Ok(None)
            }
        }
    }

    fn postpone(&self, delivery: &Leased, prepared: &Prepared, until: i64) -> Result<(), Ended> {
        self.change(Change::Postponed {
            number: delivery.number,
            why: format!("{} is left alone", prepared.reader.address.domain()),
            next_try: until,
            at: now(),
        })
    }

    /// Several letters in one write: a letter costs a part of a round trip, and as many are in doubt if the
    /// connection is lost. Their intents share a flush, for the last one waits for those before it.
    async fn burst(&mut self, queue: &mut VecDeque<Leased>) -> Result<(), Ended> {
        let mut batch = self.gather(queue).await?;
        if let Some(too_large) = self.leave_out_the_large(&mut batch) {
            let delivery = queue.pop_front().expect("it is at the head");
            return self
                .settle(&delivery, &too_large.0.reader, too_large.1)
                .await;
        }
        let Some((last, others)) = batch.split_last() else {
            return Ok(());
        };
        for prepared in others {
            self.change(self.intent(prepared))?;
        }
        let committed = self.ledger.commit(self.intent(last)).await;
        committed.map_err(Ended::Ledger)?;
        self.ledger.may_send().map_err(Ended::Ledger)?;
        let letters: Vec<&Message> = batch.iter().map(|prepared| &prepared.letter).collect();
        let session = self.session.as_mut().expect("it has just been asked");
        let may_send = || self.ledger.may_send().is_ok();
        let outcomes = session.deliver_all(&letters, may_send).await;
        // Every outcome is written down, whatever the others were.
        let mut ended = Ok(());
        for (prepared, outcome) in batch.iter().zip(outcomes) {
            let delivery = queue
                .pop_front()
                .expect("what was gathered is in the queue");
            let settled = self.settle(&delivery, &prepared.reader, outcome).await;
            ended = ended.and(settled);
        }
        ended
    }

    /// Leaves out the letters from the first on that the relay has said it will not take; that one with its
    /// outcome where it is at the head.
    fn leave_out_the_large(&self, batch: &mut Vec<Prepared>) -> Option<(Prepared, Outcome)> {
        let session = self.session.as_ref()?;
        let found = batch.iter().enumerate().find_map(|(at, prepared)| {
            let outcome = session.too_large(&prepared.letter)?;
            Some((at, outcome))
        });
        let (at, outcome) = found?;
        let large = batch.drain(at..).next()?;
        (at == 0).then_some((large, outcome))
    }

    /// The letters at the head of the queue whose turn it is, the first of them waited for. What cannot be
    /// written leaves the queue.
    async fn gather(&mut self, queue: &mut VecDeque<Leased>) -> Result<Vec<Prepared>, Ended> {
        let mut batch = Vec::new();
        while batch.len() < self.run.window
            && let Some(delivery) = queue.get(batch.len())
        {
            let kept = self.prepared.take();
            let kept = kept.filter(|kept| kept.number == delivery.number);
            let prepared = match kept.map_or_else(|| self.prepare(delivery), Ok) {
                Ok(prepared) => prepared,
                Err(why) => {
                    self.refuse_unwritable(delivery, &why)?;
                    queue.remove(batch.len());
                    continue;
                }
            };
            if let Some(until) = self.rest(&prepared).await? {
                self.postpone(delivery, &prepared, until)?;
                queue.remove(batch.len());
                continue;
            }
            if batch.is_empty() {
                self.wait_for(prepared.turn).await?;
            } else if prepared.turn > self.began.elapsed() {
                self.prepared = Some(prepared);
                break;
            }
            batch.push(prepared);
        }
        Ok(batch)
    }

    fn go_on(&self) -> Result<(), Ended> {
        let is_over = *self.stop.borrow() || *self.halted.borrow() || *self.is_shut.borrow();
        // Before the others hear of it: not one reader more than was on the way.
        let is_over = is_over || self.ledger.halt().is_some();
        if is_over || self.run.guard.lock().has_tripped {
            return Err(Ended::Interrupted);
        }
        Ok(())
    }

    /// Writes a letter, and asks when its turn is.
    fn prepare(&self, delivery: &Leased) -> Result<Prepared, String> {
        let reader: Subscriber =
            serde_json::from_str(&delivery.reader).map_err(|error| error.to_string())?;
        let press = self.run.presses.get(&delivery.edition);
        let press = press.ok_or("its edition is unknown")?;
        let letter = press.write(&reader);
        let letter = letter.map_err(|error| error.to_string())?;
        let now = self.began.elapsed();
        let pace = self.run.pace.lock();
        let mut pace = pace.unwrap_or_else(std::sync::PoisonError::into_inner);
        let wait = pace.take(&reader.address.domain(), now).domain;
        let turn = now + wait.max(self.lane.wait(now));
        let turn = self
            .turns
            .get(&delivery.number)
            .map_or(turn, |shared| turn.max(*shared));
        Ok(Prepared {
            number: delivery.number,
            edition: delivery.edition,
            reader,
            letter,
            turn,
        })
    }

    /// A letter that we cannot write is our fault, and no reason to hold up the others.
    fn refuse_unwritable(&self, delivery: &Leased, why: &str) -> Result<(), Ended> {
        let why = format!("no letter can be written: {why}");
        self.change(Change::Refused {
            number: delivery.number,
            why,
            refusal: RejectReason::Other,
            at: now(),
        })
    }

    async fn wait_for(&mut self, turn: Duration) -> Result<(), Ended> {
        let wait = turn.saturating_sub(self.began.elapsed());
        if wait.is_zero() {
            return Ok(());
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => Ok(()),
            _ = self.stop.wait_for(|stop| *stop) => Err(Ended::Interrupted),
            // What it has in hand is for the other lanes.
            _ = self.is_shut.wait_for(|is_shut| *is_shut) => Err(Ended::Interrupted),
        }
    }

    async fn hand_over(&mut self, prepared: &Prepared) -> Result<Outcome, Ended> {
        let (ledger, number) = (self.ledger.clone(), prepared.number);
        let intent = self.intent(prepared);
        let intend = async move { ledger.commit(intent).await };
        match &self.lane.way {
            Transport::File(outbox) => {
                let outbox = outbox.clone();
                intend.await.map_err(Ended::Ledger)?;
                put(&outbox, number, &prepared.letter)
            }
            Transport::Smtp(_) => {
                let next = self.prepared.as_ref();
                let next = next.filter(|next| next.turn <= self.began.elapsed());
                let next = next.filter(|_| self.go_on().is_ok());
                let next = next.filter(|next| {
                    let domain = next.reader.address.domain();
                    self.run.domains.is_free(&domain, now())
                });
                let session = self
                    .session
                    .as_mut()
                    .expect("`open_session` has just made it");
                let may_send = || self.ledger.may_send();
                let next = next.map(|next| &next.letter);
                let delivered = session.deliver(&prepared.letter, intend, may_send, next);
                delivered.await.map_err(Ended::Ledger)
            }
        }
    }

    /// Opens a session, unless there is one; whether what is in the queue is still in hand. Deliveries wait for a
    /// session for a limited time: then they go back, so that other connections send them.
    async fn open_session(&mut self, queue: &mut VecDeque<Leased>) -> Result<bool, Ended> {
        let lane = Arc::clone(&self.lane);
        let Transport::Smtp(relay) = &lane.way else {
            return Ok(true);
        };
        self.session = self.session.take().filter(Session::is_good);
        if self.session.is_some() {
            return Ok(true);
        }
        let (run, hands) = (Arc::clone(&self.run), Arc::clone(&self.hands));
        let entrance = Arc::clone(&self.entrance);
        let mut opening = pin!(open(relay, &run, &lane, &entrance));
        let mut patience = pin!(tokio::time::sleep(relay.limits.patience));
        let mut held = Some(hands.hold());
        let opened = loop {
            tokio::select! {
                opened = &mut opening => break opened,
                () = &mut patience, if held.is_some() => {
                    let name = &lane.name;
                    if entrance.hangs_first() {
                        (run.tell)(&format!("no session with {name} yet; still trying"));
                    }
                    self.give_back(queue)?;
                    held = None;
                }
                // A relay that fails is waited for, so that its failure is reported.
                () = hands.until_nothing_is_left(), if held.is_none() && entrance.hangs() => {
                    return Err(Ended::Done);
                }
                () = self.until_ended() => return Err(Ended::Interrupted),
            }
        };
        self.has_left = matches!(opened, Err(Ended::Done));
        self.session = Some(opened?);
        Ok(held.is_some())
    }

    fn intent(&self, prepared: &Prepared) -> Change {
        Change::Intent {
            number: prepared.number,
            relay: Arc::clone(&self.lane.name),
            edition: prepared.edition,
            at: now(),
        }
    }

    pub(super) fn change(&self, change: Change) -> Result<(), Ended> {
        self.ledger.record(change).map_err(Ended::Ledger)
    }
}

/// Why the recipient of a delivery gets nothing more.
fn reason(standings: &StatusIndex, delivery: &Leased) -> Option<&'static str> {
    let reader: Subscriber = serde_json::from_str(&delivery.reader).ok()?;
    standings.reason(&reader.address.key())
}

/// Waits until the value is true; for ever where its owner is gone and it never will be.
async fn turned(value: &mut watch::Receiver<bool>) {
    if value.wait_for(|value| *value).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Opens a session. Where the first try fails, the further ones are those of one connection at a time, with the waits
/// of `run` between them. Where the relay lets no more connections in, those that it has let in go on without this one:
/// [`Ended::Done`].
async fn open(
    relay: &SmtpTransport,
    run: &Run,
    lane: &Route,
    entrance: &SessionGate,
) -> Result<Session, Ended> {
    let mut turn = None;
    let mut waits = run.retry.reconnect.iter();
    loop {
        let why = match relay.connect(entrance).await {
            Ok(session) => return Ok(session),
            Err(TransportError::Refused(why)) => return Err(Ended::Refused(why)),
            Err(TransportError::Busy(why)) => {
                if entrance.is_open() && leave_to_others(run, lane, &why) {
                    return Err(Ended::Done);
                }
                why
            }
            Err(TransportError::Unreachable(why)) => why,
        };
        if turn.is_none() {
            turn = Some(entrance.turn_to_retry().await);
            // Another connection has been let in meanwhile.
            if entrance.is_open() {
                continue;
            }
        }
        let Some(seconds) = waits.next() else {
            return Err(Ended::Unreachable(why));
        };
        tokio::time::sleep(Duration::from_secs(*seconds)).await;
    }
}

fn leave_to_others(run: &Run, lane: &Route, why: &str) -> bool {
    let left = lane.crowd.leave_to_others();
    if let Some(left) = left {
        (run.tell)(&format!(
            "{why}; going on with {}",
            counted(left, "connection")
        ));
    }
    left.is_some()
}

fn put(outbox: &FileTransport, number: i64, letter: &Message) -> Result<Outcome, Ended> {
    match outbox.put(number, letter) {
        Ok(path) => Ok(Outcome::Accepted(Reply::new(
            250,
            [format!("written to {}", path.display()).as_str()],
        ))),
        Err(error) => Err(Ended::Unreachable(format!(
            "the outbox `{}` cannot be written: {}",
            outbox.folder.display(),
            system::words(&error)
        ))),
    }
}

/// Sends one message over a relay, outside of any ledger: a test.
///
/// # Errors
/// When there is no connection.
pub async fn send_one(relay: &SmtpTransport, letter: &Message) -> Result<Outcome, TransportError> {
    let mut session = relay.connect(&SessionGate::new()).await?;
    let intend = async { Ok::<(), std::convert::Infallible>(()) };
    let outcome = match session.deliver(letter, intend, || Ok(()), None).await {
        Ok(outcome) => outcome,
        Err(never) => match never {},
    };
    session.quit().await;
    Ok(outcome)
}

/// Unix seconds. Whether `FRANKING_NOW` can be read was checked when the command began.
pub(super) fn now() -> i64 {
    clock::now()
        .map(jiff::Timestamp::as_second)
        .unwrap_or_default()
}
