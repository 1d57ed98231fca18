//! The thread that writes: it commits all pending requests in one transaction.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant, SystemTime};

use super::batch::Batch;
use super::request::{Done, Request};
use super::sender_status::SenderStatus;
use crate::store::connection::{Connection, SenderLease};
use crate::store::daily_quota::DailyQuotas;
use crate::store::{Halt, Store, StoreError};

/// The most requests of one transaction.
const LARGEST_GROUP: usize = 1024;

/// How long an outcome waits for other requests before it is committed.
const LONGEST_WAIT: Duration = Duration::from_millis(20);

/// Writes the requests of `inbox` until all handles are dropped, and returns the store.
pub(super) fn write(
    store: Store,
    (send, edition): (i64, i64),
    inbox: &Receiver<Request>,
    status: &SenderStatus,
) -> Store {
    let mut writer = RequestWriter {
        store,
        send,
        edition,
        status,
        lease: None,
        quotas: DailyQuotas::default(),
    };
    writer.register();
    while let Some(group) = next_group(inbox, writer.lease.map(|lease| lease.heartbeat)) {
        // After an error the requests are dropped, which wakes all callers that wait.
        match status.error.get() {
            None => writer.commit(group),
            Some(error) if error.is_replaced() => writer.record_late(&group),
            Some(_) => {}
        }
    }
    writer.end()
}

/// Commits groups of requests for one campaign.
struct RequestWriter<'a> {
    store: Store,
    send: i64,
    /// The number of the edition with which the run began.
    edition: i64,
    status: &'a SenderStatus,
    lease: Option<SenderLease>,
    quotas: DailyQuotas,
}

/// The results of a transaction: one for each request, why the campaign is halted, and the quotas that remain.
type Committed = (Vec<Done>, Option<Halt>, DailyQuotas);

impl RequestWriter<'_> {
    fn register(&mut self) {
        match self.store.connection.register(self.send) {
            Ok(lease) => self.lease = lease,
            Err(error) => drop(self.status.error.set(Arc::new(error))),
        }
    }

    /// Commits a group in one transaction, and answers its requests. An empty group is a heartbeat.
    fn commit(&mut self, group: Vec<Request>) {
        let expiry = self.lease.map(|lease| {
            (
                Instant::now() + lease.valid,
                SystemTime::now() + lease.valid,
            )
        });
        let is_renewing = group.is_empty() || group.iter().any(Request::is_new_work);
        match self.transaction(&group, is_renewing) {
            Ok((results, halt, quotas)) => {
                self.quotas = quotas;
                halt.map(|halt| self.status.halt.get_or_init(|| halt));
                expiry
                    .filter(|_| is_renewing)
                    .inspect(|expiry| self.status.set_until(*expiry));
                let requests = group.into_iter().zip(results);
                requests.for_each(|(request, done)| request.answer(done));
            }
            Err(error) => {
                if error.is_replaced() {
                    self.record_late(&group);
                }
                // Set before the requests are dropped, which wakes the callers.
                drop(self.status.error.set(Arc::new(error)));
            }
        }
    }

    fn transaction(
        &mut self,
        group: &[Request],
        is_renewing: bool,
    ) -> Result<Committed, StoreError> {
        let (send, edition, status) = (self.send, self.edition, self.status);
        let quotas = &self.quotas;
        let suppression_key = self.store.suppression_key.clone();
        self.store.lasting_transaction(
            |connection| {
                let signal = if is_renewing {
                    Some(connection.heartbeat(send)?)
                } else {
                    connection.number_transaction()?;
                    None
                };
                let halt = signal.and_then(|signal| signal.halts(edition));
                // The work may be repeated, so it does not change the quotas in place.
                let mut quotas = quotas.clone();
                let batch = Batch::new(
                    connection,
                    send,
                    halt,
                    &mut quotas,
                    suppression_key.as_ref(),
                );
                Ok((batch.run(group)?, halt, quotas))
            },
            || status.is_late(),
        )
    }

    /// Records the outcomes of messages that were sent before this sender lost its lease, unless another sender has taken
    /// the delivery over.
    fn record_late(&self, group: &[Request]) {
        let outcomes = group.iter().filter_map(|request| match request {
            Request::Change { change, .. } if !request.is_new_work() => Some(change),
            _ => None,
        });
        for outcome in outcomes {
            let apply = |connection: &dyn Connection| connection.apply(self.send, &[outcome]);
            let _ = self.store.transaction(apply);
        }
    }

    fn end(mut self) -> Store {
        if self.status.error.get().is_none() {
            // If this fails, the other senders notice that the heartbeats have stopped.
            let _ = self.store.connection.deregister();
        }
        self.store
    }
}

/// All pending requests; none when a heartbeat is due, and `None` at the end.
fn next_group(inbox: &Receiver<Request>, heartbeat: Option<Duration>) -> Option<Vec<Request>> {
    let first = match heartbeat {
        None => inbox.recv().ok()?,
        Some(heartbeat) => match inbox.recv_timeout(heartbeat) {
            Ok(first) => first,
            Err(RecvTimeoutError::Timeout) => return Some(Vec::new()),
            Err(RecvTimeoutError::Disconnected) => return None,
        },
    };
    Some(group_of(first, inbox))
}

/// The requests of one transaction. An outcome waits for a request that waits for the commit. That is usually the intent
/// of its connection's next message, so both share a flush.
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
