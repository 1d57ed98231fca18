//! The ledger of a running campaign. One thread writes, and commits all pending requests together.
//!
//! A commit costs one flush to the disk, however many changes it contains. Connections send requests concurrently, so
//! the writer handles all that are pending in one transaction, and answers them when it is durable.

mod batch;
mod request;
mod sender_status;
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
use sender_status::SenderStatus;
use writer::write;

pub use request::DepartureReason;

/// A handle to the writer; clones share it.
#[derive(Clone, Debug)]
pub struct Ledger {
    requests: Sender<Request>,
    status: Arc<SenderStatus>,
}

/// The writer's thread, which returns the store when all handles are dropped.
#[derive(Debug)]
pub struct Writer(JoinHandle<Store>);

impl Ledger {
    /// Starts a writer that owns `store`, for one campaign.
    pub fn start(store: Store, send: &Send) -> (Self, Writer) {
        let (requests, inbox) = channel();
        let status = Arc::new(SenderStatus::default());
        let (campaign, shown) = ((send.id, send.edition), Arc::clone(&status));
        let thread = std::thread::spawn(move || write(store, campaign, &inbox, &shown));
        (Self { requests, status }, Writer(thread))
    }

    /// Leases deliveries that are ready or due, within the relay's quota.
    ///
    /// # Errors
    /// The first error of the store.
    pub async fn lease(&self, wanted: LeaseRequest) -> Result<LeaseResult, Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.request(Request::Lease { wanted, answer })?;
        answered.await.map_err(|_| self.first_error())
    }

    /// Reserves `count` messages of the rate limit of `relay`, which is `per_second` for all senders together; returns how
    /// long to wait. `None` if this is the only sender.
    ///
    /// # Errors
    /// The first error of the store.
    pub async fn reserve(
        &self,
        relay: String,
        count: u32,
        per_second: f64,
    ) -> Result<Option<Duration>, Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.request(Request::Reserve {
            relay,
            count,
            per_second,
            answer,
        })?;
        answered.await.map_err(|_| self.first_error())
    }

    /// Why leased deliveries are excluded whose recipients have left since they were leased, by their numbers: a suppression,
    /// or, with `follows_list`, the list in the store.
    ///
    /// # Errors
    /// The first error of the store.
    pub async fn reasons(
        &self,
        numbers: Vec<i64>,
        follows_list: bool,
    ) -> Result<Vec<(i64, String)>, Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.request(Request::Reasons {
            numbers,
            follows_list,
            answer,
        })?;
        answered.await.map_err(|_| self.first_error())
    }

    /// Applies a change and returns when it is durable.
    ///
    /// # Errors
    /// The first error of the store: the change may not be durable.
    pub async fn commit(&self, change: Change) -> Result<(), Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.request(Request::Change {
            change,
            answer: Some(answer),
        })?;
        answered.await.map_err(|_| self.first_error())
    }

    /// Applies a change with the next transaction, without waiting for it. Until an outcome is durable the delivery is
    /// `in_data`, which is never sent again automatically.
    ///
    /// # Errors
    /// The first error of the store, of this change or of an earlier one.
    pub fn record(&self, change: Change) -> Result<(), Arc<StoreError>> {
        let request = Request::Change {
            change,
            answer: None,
        };
        match self.error() {
            Some(error) if !error.is_replaced() => Err(error),
            // A sender that lost its lease still records the outcomes of its messages.
            error => {
                let sent = self.requests.send(request);
                error.map_or(sent.map_err(|_| self.first_error()), Err)
            }
        }
    }

    /// Records a change of a domain, and returns the domain after it.
    ///
    /// # Errors
    /// The first error of the store.
    pub async fn change_domain(
        &self,
        change: DomainChange,
    ) -> Result<DomainStatus, Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.request(Request::DomainChange { change, answer })?;
        answered.await.map_err(|_| self.first_error())
    }

    /// Takes back refusals that turned out to be about the sender: the deliveries are ready again, and the suppressions and
    /// the counts of their domains are removed.
    ///
    /// # Errors
    /// The first error of the store.
    pub async fn take_back(
        &self,
        refusals: Vec<RecordedRefusal>,
        at: i64,
    ) -> Result<(), Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.request(Request::TakeBack {
            refusals,
            at,
            answer,
        })?;
        answered.await.map_err(|_| self.first_error())
    }

    /// Why no more deliveries are leased, as far as this run knows.
    pub fn halt(&self) -> Option<Halt> {
        self.status.halt.get().copied()
    }

    /// Leases no more deliveries, because one is bound to an edition that this run does not have.
    pub fn halt_corrected(&self) {
        self.status.halt.get_or_init(|| Halt::Corrected);
    }

    /// Checks in the ledger whether the campaign is halted.
    ///
    /// # Errors
    /// The first error of the store.
    pub async fn check_halt(&self) -> Result<Option<Halt>, Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.request(Request::CheckHalt { answer })?;
        answered.await.map_err(|_| self.first_error())?;
        Ok(self.halt())
    }

    /// Excludes the recipients that `reason` names, or pauses the campaign; see [`Store::exclude_departed`].
    ///
    /// # Errors
    /// The first error of the store.
    pub async fn exclude_departed(
        &self,
        reason: Arc<DepartureReason>,
        at: i64,
    ) -> Result<Departures, Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.request(Request::Depart { reason, at, answer })?;
        answered.await.map_err(|_| self.first_error())
    }

    /// The next delivery after `now` (Unix seconds), for a sender that has leased none.
    ///
    /// # Errors
    /// The first error of the store.
    pub async fn next(&self, now: i64) -> Result<NextDue, Arc<StoreError>> {
        let (answer, answered) = oneshot::channel();
        self.request(Request::NextDue { now, answer })?;
        answered.await.map_err(|_| self.first_error())
    }

    /// Whether a message with a durable intent may still be sent: if that took long, another sender may have taken the
    /// delivery over.
    ///
    /// # Errors
    /// The first error of the store, and [`StoreError::Replaced`] when the lease expired.
    pub fn may_send(&self) -> Result<(), Arc<StoreError>> {
        let error = &self.status.error;
        if self.status.is_late() {
            return Err(Arc::clone(
                error.get_or_init(|| Arc::new(StoreError::Replaced)),
            ));
        }
        error.get().cloned().map_or(Ok(()), Err)
    }

    fn request(&self, request: Request) -> Result<(), Arc<StoreError>> {
        if let Some(error) = self.status.error.get() {
            return Err(Arc::clone(error));
        }
        self.requests.send(request).map_err(|_| self.first_error())
    }

    fn first_error(&self) -> Arc<StoreError> {
        let gone = || {
            Arc::new(StoreError::Transition(
                "the writer of the ledger has ended".to_owned(),
            ))
        };
        self.error().unwrap_or_else(gone)
    }

    /// The first error, if there was one.
    pub fn error(&self) -> Option<Arc<StoreError>> {
        self.status.error.get().cloned()
    }
}

impl Writer {
    /// Waits until all requests are written. All handles must have been dropped.
    pub fn join(self) -> Store {
        match self.0.join() {
            Ok(store) => store,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}
