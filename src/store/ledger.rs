//! The ledger of a running send: one thread writes, and what waits for it is written together.
//!
//! A commit costs one flush to the disk, whatever is in it. Connections ask side by side, so the writer
//! takes everything that has been asked, does it in one transaction, and answers all when that is durable.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::oneshot;

use super::connection::Connection;
use super::day::Days;
use super::{
    Change, Departed, Halt, Next, Refused, Send, Step, Stepped, Store, StoreError, Taken, Wanted,
    bounces, departures, domains,
};

/// The most requests of one transaction.
const LARGEST_GROUP: usize = 1024;
/// How long an outcome waits for company on its way to the disk.
const LONGEST_WAIT: Duration = Duration::from_millis(20);

/// A handle on the writer; clones ask the same one.
#[derive(Clone, Debug)]
pub struct Ledger {
    requests: Sender<Request>,
    standing: Arc<Standing>,
}

/// The writer's thread, which gives the store back when every handle is gone.
#[derive(Debug)]
pub struct Writer(JoinHandle<Store>);

/// Whether this sender may send.
#[derive(Debug, Default)]
struct Standing {
    /// The first fault. From then on nothing is promised, so nothing may be sent.
    fault: OnceLock<Arc<StoreError>>,
    /// Until when others leave its deliveries alone; `None` where there are no others.
    ///
    /// By two clocks: the one stands still while the machine is suspended, the other can be set back.
    until: Mutex<Option<(Instant, SystemTime)>>,
    /// Why nothing more is taken, since that was seen first.
    halt: OnceLock<Halt>,
}

enum Request {
    Next {
        now: i64,
        answer: oneshot::Sender<Next>,
    },
    Lease {
        wanted: Wanted,
        answer: oneshot::Sender<Taken>,
    },
    Reserve {
        relay: String,
        count: u32,
        per_second: f64,
        answer: oneshot::Sender<Option<Duration>>,
    },
    Change {
        change: Change,
        answer: Option<oneshot::Sender<()>>,
    },
    Step {
        step: Step,
        answer: oneshot::Sender<Stepped>,
    },
    TakeBack {
        refusals: Vec<Refused>,
        at: i64,
        answer: oneshot::Sender<()>,
    },
    /// Looks whether the campaign is halted, and changes nothing.
    Look { answer: oneshot::Sender<()> },
    Depart {
        reason: Arc<Reason>,
        at: i64,
        answer: oneshot::Sender<Departed>,
    },
}

/// Why a mailbox gets nothing more, by its key.
pub type Reason = dyn Fn(&str) -> Option<&'static str> + std::marker::Send + Sync;

/// What has become of a request; it is told when the transaction is durable.
enum Done {
    Next(Next),
    Leased(Taken),
    Reserved(Option<Duration>),
    Changed,
    Stepped(Stepped),
    Departed(Departed),
}

impl Ledger {
    /// Hands `store` to a writer for `send`.
    pub fn start(store: Store, send: &Send) -> (Self, Writer) {
        let (requests, inbox) = channel();
        let standing = Arc::new(Standing::default());
        let (campaign, shown) = ((send.id, send.edition), Arc::clone(&standing));
        let thread = std::thread::spawn(move || write(store, campaign, &inbox, &shown));
        (Self { requests, standing }, Writer(thread))
    }

    /// Takes deliveries that are ready or due, as far as the relay's day has room for them.
    ///
    /// # Errors
    /// The first fault of the store.
    pub async fn lease(&self, wanted: Wanted) -> Result<Taken, Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Lease { wanted, answer })?;
        answered.await.map_err(|_| self.first_fault())
    }

    /// Keeps the next `count` moments at which letters may go to `relay`, which takes `per_second` from all
    /// senders together; how long it is until the first. `None` where this is the only sender.
    ///
    /// # Errors
    /// The first fault of the store.
    pub async fn reserve(
        &self,
        relay: String,
        count: u32,
        per_second: f64,
    ) -> Result<Option<Duration>, Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Reserve {
            relay,
            count,
            per_second,
            answer,
        })?;
        answered.await.map_err(|_| self.first_fault())
    }

    /// Makes a change and returns when it is on the disk.
    ///
    /// # Errors
    /// The first fault of the store: the change is not to be relied on.
    pub async fn commit(&self, change: Change) -> Result<(), Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Change {
            change,
            answer: Some(answer),
        })?;
        answered.await.map_err(|_| self.first_fault())
    }

    /// Makes a change with the next group. An outcome need not be waited for: until it is on the disk
    /// the delivery is `in_data`, which is never sent again by itself.
    ///
    /// # Errors
    /// The first fault of the store, of this change or of an earlier one.
    pub fn record(&self, change: Change) -> Result<(), Arc<StoreError>> {
        let request = Request::Change {
            change,
            answer: None,
        };
        match self.fault() {
            Some(fault) if !fault.is_replaced() => Err(fault),
            // Who has been given up still says what became of its messages.
            fault => {
                let sent = self.requests.send(request);
                fault.map_or(sent.map_err(|_| self.first_fault()), Err)
            }
        }
    }

    /// Takes down what a domain has said of us; what is known of it then.
    ///
    /// # Errors
    /// The first fault of the store.
    pub async fn step(&self, step: Step) -> Result<Stepped, Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Step { step, answer })?;
        answered.await.map_err(|_| self.first_fault())
    }

    /// Takes back refusals that were recorded before it was known that they were meant for us: they are ready
    /// again, nobody is suppressed for them, and no domain has blocked anybody.
    ///
    /// # Errors
    /// The first fault of the store.
    pub async fn take_back(&self, refusals: Vec<Refused>, at: i64) -> Result<(), Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::TakeBack {
            refusals,
            at,
            answer,
        })?;
        answered.await.map_err(|_| self.first_fault())
    }

    /// Why nothing more is taken of the campaign, as far as this run has seen.
    pub fn halt(&self) -> Option<Halt> {
        self.standing.halt.get().copied()
    }

    /// Takes nothing more, because a delivery wants an edition that this run does not know.
    pub fn halt_corrected(&self) {
        self.standing.halt.get_or_init(|| Halt::Corrected);
    }

    /// Looks into the ledger whether the campaign is halted.
    ///
    /// # Errors
    /// The first fault of the store.
    pub async fn look(&self) -> Result<Option<Halt>, Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Look { answer })?;
        answered.await.map_err(|_| self.first_fault())?;
        Ok(self.halt())
    }

    /// Excludes the recipients that `reason` names, or pauses the campaign; see [`Store::exclude_departed`].
    ///
    /// # Errors
    /// The first fault of the store.
    pub async fn depart(&self, reason: Arc<Reason>, at: i64) -> Result<Departed, Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Depart { reason, at, answer })?;
        answered.await.map_err(|_| self.first_fault())
    }

    /// What is left for a sender that has found nothing to take at `now` (Unix seconds).
    ///
    /// # Errors
    /// The first fault of the store.
    pub async fn next(&self, now: i64) -> Result<Next, Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Next { now, answer })?;
        answered.await.map_err(|_| self.first_fault())
    }

    /// Whether a letter whose intent is on the disk may still leave: what was this sender's then may since
    /// have been taken up by another, if it took long.
    ///
    /// # Errors
    /// The first fault of the store, and [`StoreError::Replaced`] when it took too long.
    pub fn may_send(&self) -> Result<(), Arc<StoreError>> {
        let fault = &self.standing.fault;
        if self.standing.is_late() {
            return Err(Arc::clone(
                fault.get_or_init(|| Arc::new(StoreError::Replaced)),
            ));
        }
        fault.get().cloned().map_or(Ok(()), Err)
    }

    fn ask(&self, request: Request) -> Result<(), Arc<StoreError>> {
        if let Some(fault) = self.standing.fault.get() {
            return Err(Arc::clone(fault));
        }
        self.requests.send(request).map_err(|_| self.first_fault())
    }

    fn first_fault(&self) -> Arc<StoreError> {
        let gone = || {
            Arc::new(StoreError::Transition(
                "the ledger's writer is gone".to_owned(),
            ))
        };
        self.fault().unwrap_or_else(gone)
    }

    /// The first fault, if there has been one.
    pub fn fault(&self) -> Option<Arc<StoreError>> {
        self.standing.fault.get().cloned()
    }
}

impl Standing {
    fn set_until(&self, until: (Instant, SystemTime)) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
    }

    fn is_late(&self) -> bool {
        let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|(instant, time)| Instant::now() >= instant || SystemTime::now() >= time)
    }
}

impl Writer {
    /// Waits until everything that was asked is written; every handle must have been dropped.
    pub fn join(self) -> Store {
        match self.0.join() {
            Ok(store) => store,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

fn write(
    mut store: Store,
    (send, edition): (i64, i64),
    inbox: &Receiver<Request>,
    standing: &Standing,
) -> Store {
    let fault = &standing.fault;
    let term = store.connection.enlist(send).unwrap_or_else(|error| {
        drop(fault.set(Arc::new(error)));
        None
    });
    let mut days = Days::default();
    while let Some(group) = next_group(inbox, term.map(|term| term.beat)) {
        // After a fault the answers are dropped unsent, which tells everybody who waits.
        if let Some(fault) = fault.get() {
            if fault.is_replaced() {
                tell_late(&store, send, &group);
            }
            continue;
        }
        let until = term.map(|term| (Instant::now() + term.valid, SystemTime::now() + term.valid));
        let is_renewing = group.is_empty() || group.iter().any(Request::is_new_work);
        let done = store.lasting_transaction(
            |connection| {
                let signal = if is_renewing {
                    Some(connection.renew(send)?)
                } else {
                    connection.number()?;
                    None
                };
                let halt = signal.and_then(|signal| signal.halts(edition));
                let mut known = days.clone();
                let answers = together(connection, send, halt, &mut known, &group)?;
                Ok((answers, halt, known))
            },
            || standing.is_late(),
        );
        match done {
            Ok((answers, halt, known)) => {
                days = known;
                halt.map(|halt| standing.halt.get_or_init(|| halt));
                until
                    .filter(|_| is_renewing)
                    .inspect(|until| standing.set_until(*until));
                let requests = group.into_iter().zip(answers);
                requests.for_each(|(request, done)| request.answer(done));
            }
            Err(error) => {
                if error.is_replaced() {
                    tell_late(&store, send, &group);
                }
                // Before the requests are dropped, which is how whoever waits learns that there is a fault.
                drop(fault.set(Arc::new(error)));
            }
        }
    }
    if fault.get().is_none() {
        // Otherwise the others find out when nothing more is heard.
        let _ = store.connection.retire();
    }
    store
}

/// What has become of letters that were sent before this sender was given up is told all the same. Where
/// others have taken a delivery up already, it is too late.
fn tell_late(store: &Store, send: i64, group: &[Request]) {
    let outcomes = group.iter().filter_map(|request| match request {
        Request::Change { change, .. } if !request.is_new_work() => Some(change),
        _ => None,
    });
    for outcome in outcomes {
        let _ = store.transaction(|connection| connection.apply(send, &[outcome]));
    }
}

/// Everything that has been asked; nothing when it is time to be heard of, and `None` at the end.
fn next_group(inbox: &Receiver<Request>, beat: Option<Duration>) -> Option<Vec<Request>> {
    let first = match beat {
        None => inbox.recv().ok()?,
        Some(beat) => match inbox.recv_timeout(beat) {
            Ok(first) => first,
            Err(RecvTimeoutError::Timeout) => return Some(Vec::new()),
            Err(RecvTimeoutError::Disconnected) => return None,
        },
    };
    Some(group_of(first, inbox))
}

/// What goes into one transaction. An outcome waits for somebody who waits for the disk: nearly always that is
/// its connection's next letter, whose intent then costs no flush more.
fn group_of(first: Request, inbox: &Receiver<Request>) -> Vec<Request> {
    let mut group = vec![first];
    let end = Instant::now() + LONGEST_WAIT;
    loop {
        group.extend(inbox.try_iter().take(LARGEST_GROUP - group.len()));
        if group.len() >= LARGEST_GROUP || group.iter().any(Request::is_waited_for) {
            return group;
        }
        match inbox.recv_timeout(end.saturating_duration_since(Instant::now())) {
            Ok(request) => group.push(request),
            Err(_) => return group,
        }
    }
}

impl Request {
    fn is_waited_for(&self) -> bool {
        !matches!(self, Self::Change { answer: None, .. })
    }

    /// The relay of which it counts something, together with the other senders.
    fn relay(&self) -> Option<&str> {
        match self {
            Self::Reserve { relay, .. } => Some(relay),
            Self::Lease { wanted, .. } if !wanted.allowance.is_endless() => Some(&wanted.relay),
            _ => None,
        }
    }

    /// Whether it leads to something being sent. An outcome does not: it may come late.
    fn is_new_work(&self) -> bool {
        matches!(
            self,
            Self::Next { .. }
                | Self::Look { .. }
                | Self::Lease { .. }
                | Self::Change {
                    change: Change::Intent { .. },
                    ..
                }
        )
    }
}

/// In the order in which it was asked; changes that follow each other are made together. Of a campaign that is
/// halted nothing is taken, and what is on its way goes on.
fn together(
    connection: &dyn Connection,
    send: i64,
    halt: Option<Halt>,
    days: &mut Days,
    group: &[Request],
) -> Result<Vec<Done>, StoreError> {
    let relays: Vec<&str> = group.iter().filter_map(Request::relay).collect();
    if !relays.is_empty() {
        connection.hold_relays(&relays)?;
    }
    let mut done = Vec::with_capacity(group.len());
    let mut changes = Vec::new();
    for request in group {
        done.push(match request {
            Request::Change { change, .. } => {
                changes.push(change);
                Done::Changed
            }
            Request::Look { .. } => Done::Changed,
            Request::Next { .. } if halt.is_some() => Done::Next(Next::Nothing),
            Request::Next { now, .. } => {
                connection.apply(send, &std::mem::take(&mut changes))?;
                Done::Next(connection.next(send, *now)?)
            }
            Request::Reserve {
                relay,
                count,
                per_second,
                ..
            } => Done::Reserved(connection.reserve(relay, *count, *per_second)?),
            Request::Step { step, .. } => Done::Stepped(domains::step(connection, send, step)?),
            Request::TakeBack { refusals, at, .. } => {
                connection.apply(send, &std::mem::take(&mut changes))?;
                bounces::take_back(connection, send, refusals, *at)?;
                domains::unblock(connection, send)?;
                Done::Changed
            }
            Request::Lease { wanted, .. } => {
                connection.apply(send, &std::mem::take(&mut changes))?;
                Done::Leased(match halt {
                    Some(halt) => Taken::Halted(halt),
                    None => days.lease(connection, send, wanted)?,
                })
            }
            Request::Depart { reason, at, .. } => {
                connection.apply(send, &std::mem::take(&mut changes))?;
                let reason = |key: &str| reason(key);
                Done::Departed(departures::exclude(connection, send, reason, false, *at)?)
            }
        });
    }
    connection.apply(send, &changes)?;
    Ok(done)
}

impl Request {
    /// Whoever has stopped waiting does not need the answer.
    fn answer(self, done: Done) {
        match (self, done) {
            (Self::Next { answer, .. }, Done::Next(next)) => drop(answer.send(next)),
            (Self::Lease { answer, .. }, Done::Leased(taken)) => drop(answer.send(taken)),
            (Self::Reserve { answer, .. }, Done::Reserved(wait)) => drop(answer.send(wait)),
            (Self::Step { answer, .. }, Done::Stepped(stepped)) => drop(answer.send(stepped)),
            (Self::TakeBack { answer, .. } | Self::Look { answer }, _) => drop(answer.send(())),
            (Self::Depart { answer, .. }, Done::Departed(departed)) => drop(answer.send(departed)),
            (Self::Change { answer, .. }, _) => drop(answer.map(|answer| answer.send(()))),
            _ => unreachable!("a request is answered by what was done for it"),
        }
    }
}
