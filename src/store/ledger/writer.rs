//! The thread that writes: it commits all pending requests in one transaction.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant, SystemTime};

use super::request::{Done, Request};
use super::sender_status::SenderStatus;
use crate::store::connection::Connection;
use crate::store::daily_quota::DailyQuotas;
use crate::store::{Halt, LeaseResult, NextDue, Store, StoreError, bounces, departures, domains};

/// The most requests of one transaction.
const LARGEST_GROUP: usize = 1024;

/// How long an outcome waits for other requests before it is committed.
const LONGEST_WAIT: Duration = Duration::from_millis(20);

pub(super) fn write(
    mut store: Store,
    (send, edition): (i64, i64),
    inbox: &Receiver<Request>,
    status: &SenderStatus,
) -> Store {
    let fault = &status.fault;
    let term = store.connection.register(send).unwrap_or_else(|error| {
        drop(fault.set(Arc::new(error)));
        None
    });
    let mut quotas = DailyQuotas::default();
    while let Some(group) = next_group(inbox, term.map(|term| term.heartbeat)) {
        // DeliveryUpdate an error the answers are dropped, which wakes all that wait.
        if let Some(fault) = fault.get() {
            if fault.is_replaced() {
                record_late(&store, send, &group);
            }
            continue;
        }
        let until = term.map(|term| (Instant::now() + term.valid, SystemTime::now() + term.valid));
        let is_renewing = group.is_empty() || group.iter().any(Request::is_new_work);
        let done = store.lasting_transaction(
            |connection| {
                let signal = if is_renewing {
                    Some(connection.heartbeat(send)?)
                } else {
                    connection.number_transaction()?;
                    None
                };
                let halt = signal.and_then(|signal| signal.halts(edition));
                let mut known = quotas.clone();
                let answers = together(connection, send, halt, &mut known, &group)?;
                Ok((answers, halt, known))
            },
            || status.is_late(),
        );
        match done {
            Ok((answers, halt, known)) => {
                quotas = known;
                halt.map(|halt| status.halt.get_or_init(|| halt));
                until
                    .filter(|_| is_renewing)
                    .inspect(|until| status.set_until(*until));
                let requests = group.into_iter().zip(answers);
                requests.for_each(|(request, done)| request.answer(done));
            }
            Err(error) => {
                if error.is_replaced() {
                    record_late(&store, send, &group);
                }
                // Before the requests are dropped, which wakes those that wait for an answer.
                drop(fault.set(Arc::new(error)));
            }
        }
    }
    if fault.get().is_none() {
        // On an error, the others notice when the heartbeats stop.
        let _ = store.connection.deregister();
    }
    store
}

/// Records the outcomes of messages that were sent before this sender lost its lease, unless another sender has taken the
/// delivery over.
fn record_late(store: &Store, send: i64, group: &[Request]) {
    let outcomes = group.iter().filter_map(|request| match request {
        Request::Change { change, .. } if !request.is_new_work() => Some(change),
        _ => None,
    });
    for outcome in outcomes {
        let _ = store.transaction(|connection| connection.apply(send, &[outcome]));
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

/// Handles the requests in their order; consecutive changes are applied together. No delivery of a halted campaign is
/// leased; those in progress continue.
fn together(
    connection: &dyn Connection,
    send: i64,
    halt: Option<Halt>,
    quotas: &mut DailyQuotas,
    group: &[Request],
) -> Result<Vec<Done>, StoreError> {
    let relays: Vec<&str> = group.iter().filter_map(Request::relay).collect();
    if !relays.is_empty() {
        connection.lock_relays(&relays)?;
    }
    let mut done = Vec::with_capacity(group.len());
    let mut changes = Vec::new();
    for request in group {
        done.push(match request {
            Request::Change { change, .. } => {
                changes.push(change);
                Done::Changed
            }
            Request::CheckHalt { .. } => Done::Changed,
            Request::NextDue { .. } if halt.is_some() => Done::NextDue(NextDue::Nothing),
            Request::NextDue { now, .. } => {
                connection.apply(send, &std::mem::take(&mut changes))?;
                Done::NextDue(connection.next(send, *now)?)
            }
            Request::Reserve {
                relay,
                count,
                per_second,
                ..
            } => Done::Reserved(connection.reserve(relay, *count, *per_second)?),
            Request::DomainChange { change, .. } => {
                Done::DomainStatus(domains::apply(connection, send, change)?)
            }
            Request::TakeBack { refusals, at, .. } => {
                connection.apply(send, &std::mem::take(&mut changes))?;
                bounces::take_back(connection, send, refusals, *at)?;
                domains::unblock(connection, send)?;
                Done::Changed
            }
            Request::Lease { wanted, .. } => {
                connection.apply(send, &std::mem::take(&mut changes))?;
                Done::Leased(match halt {
                    Some(halt) => LeaseResult::Halted(halt),
                    None => quotas.lease(connection, send, wanted)?,
                })
            }
            Request::Depart { reason, at, .. } => {
                connection.apply(send, &std::mem::take(&mut changes))?;
                let reason = |key: &str| reason(key);
                Done::Departures(departures::exclude(connection, send, reason, false, *at)?)
            }
        });
    }
    connection.apply(send, &changes)?;
    Ok(done)
}
