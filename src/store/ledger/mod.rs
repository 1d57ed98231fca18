//! The ledger of a running send: one thread writes, and what waits for it is written together.
//!
//! A commit costs one flush to the disk, whatever is in it. Connections ask side by side, so the writer
//! takes everything that has been asked, does it in one transaction, and answers all when that is durable.

mod request;
mod standing;
mod writer;

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use super::{
    Change, Departures, DomainChange, DomainStatus, Halt, LeaseRequest, LeaseResult, NextDue,
    RecordedRefusal, Send, Store, StoreError,
};
use request::Request;
use standing::Standing;
use writer::write;

pub use request::DepartureReason;

/// A handle on the writer; clones ask the same one.
#[derive(Clone, Debug)]
pub struct Ledger {
    requests: Sender<Request>,
    standing: Arc<Standing>,
}

/// The writer's thread, which gives the store back when every handle is gone.
#[derive(Debug)]
pub struct Writer(JoinHandle<Store>);

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
    pub async fn lease(&self, wanted: LeaseRequest) -> Result<LeaseResult, Arc<StoreError>> {
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
    pub async fn change_domain(
        &self,
        change: DomainChange,
    ) -> Result<DomainStatus, Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::DomainChange { change, answer })?;
        answered.await.map_err(|_| self.first_fault())
    }

    /// Takes back refusals that were recorded before it was known that they were meant for us: they are ready
    /// again, nobody is suppressed for them, and no domain has blocked anybody.
    ///
    /// # Errors
    /// The first fault of the store.
    pub async fn take_back(
        &self,
        refusals: Vec<RecordedRefusal>,
        at: i64,
    ) -> Result<(), Arc<StoreError>> {
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
    pub async fn check_halt(&self) -> Result<Option<Halt>, Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::CheckHalt { answer })?;
        answered.await.map_err(|_| self.first_fault())?;
        Ok(self.halt())
    }

    /// Excludes the recipients that `reason` names, or pauses the campaign; see [`Store::exclude_departed`].
    ///
    /// # Errors
    /// The first fault of the store.
    pub async fn exclude_departed(
        &self,
        reason: Arc<DepartureReason>,
        at: i64,
    ) -> Result<Departures, Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Depart { reason, at, answer })?;
        answered.await.map_err(|_| self.first_fault())
    }

    /// What is left for a sender that has found nothing to take at `now` (Unix seconds).
    ///
    /// # Errors
    /// The first fault of the store.
    pub async fn next(&self, now: i64) -> Result<NextDue, Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::NextDue { now, answer })?;
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

impl Writer {
    /// Waits until everything that was asked is written; every handle must have been dropped.
    pub fn join(self) -> Store {
        match self.0.join() {
            Ok(store) => store,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}
