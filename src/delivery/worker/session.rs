//! Opens the session of a worker.

use std::collections::VecDeque;
use std::ops::ControlFlow::{Break, Continue};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use super::Worker;
use crate::delivery::end::{Flow, StopReason};
use crate::delivery::settings::Run;
use crate::delivery::transport::{Session, SessionGate, SmtpTransport, TransportError};
use crate::delivery::{Route, Transport};
use crate::diag::counted;
use crate::store::Leased;

impl Worker {
    /// Opens a session unless there is one, and returns whether the queue is still leased. Deliveries wait for a
    /// session for a limited time; then they are released, so that other connections send them.
    pub(super) async fn open_session(&mut self, queue: &mut VecDeque<Leased>) -> Flow<bool> {
        let route = Arc::clone(&self.route);
        let Transport::Smtp(relay) = &route.transport else {
            return Continue(true);
        };
        self.session = self.session.take().filter(Session::is_good);
        if self.session.is_some() {
            return Continue(true);
        }
        let (opened, is_leased) = self.await_session(relay, &route, queue).await?;
        self.has_left = matches!(opened, Break(StopReason::Done));
        self.session = Some(opened?);
        Continue(is_leased)
    }

    /// Waits until a session was opened or cannot be opened. Returns also whether the queue is still leased.
    async fn await_session(
        &mut self,
        relay: &SmtpTransport,
        route: &Route,
        queue: &mut VecDeque<Leased>,
    ) -> Flow<(Flow<Session>, bool)> {
        let (run, waiting) = (Arc::clone(&self.run), Arc::clone(&self.waiting));
        let gate = Arc::clone(&self.gate);
        let mut opening = pin!(open(relay, &run, route, &gate));
        let mut patience = pin!(tokio::time::sleep(relay.timeouts.patience));
        let mut lease = Some(waiting.register());
        loop {
            tokio::select! {
                opened = &mut opening => return Continue((opened, lease.is_some())),
                () = &mut patience, if lease.is_some() => {
                    if gate.is_first_delay() {
                        (run.on_notice)(&format!("no session with {} yet; still trying", route.name));
                    }
                    self.release(queue)?;
                    lease = None;
                }
                // After a failure the connection waits for its end, so that the failure is reported.
                () = waiting.until_nothing_is_left(), if lease.is_none() && !gate.has_failed() => {
                    return Break(StopReason::Done);
                }
                () = self.signals.until_over() => return Break(StopReason::Interrupted),
            }
        }
    }
}

/// Opens a session. After a failure, one connection at a time tries again, with the waits of the run's retry schedule.
/// If the relay accepts no more connections, those that are open continue without this one: [`StopReason::Done`].
async fn open(
    relay: &SmtpTransport,
    run: &Run,
    route: &Route,
    gate: &SessionGate,
) -> Flow<Session> {
    let mut turn = None;
    let mut waits = run.retry.reconnect.iter();
    loop {
        let why = match try_to_open(relay, run, route, gate).await? {
            Ok(session) => return Continue(session),
            Err(why) => why,
        };
        if turn.is_none() {
            turn = Some(gate.turn_to_retry().await);
            // Another connection was accepted meanwhile.
            if gate.is_open() {
                continue;
            }
        }
        let Some(seconds) = waits.next() else {
            return Break(StopReason::Unreachable(why));
        };
        tokio::time::sleep(Duration::from_secs(*seconds)).await;
    }
}

/// Tries once to open a session. The inner error is why there is none, if another try may succeed.
async fn try_to_open(
    relay: &SmtpTransport,
    run: &Run,
    route: &Route,
    gate: &SessionGate,
) -> Flow<Result<Session, String>> {
    match relay.connect(gate).await {
        Ok(session) => Continue(Ok(session)),
        Err(TransportError::Refused(why)) => Break(StopReason::Refused(why)),
        Err(TransportError::Busy(why)) if gate.is_open() && leave_to_others(run, route, &why) => {
            Break(StopReason::Done)
        }
        Err(TransportError::Busy(why) | TransportError::Unreachable(why)) => Continue(Err(why)),
    }
}

fn leave_to_others(run: &Run, route: &Route, why: &str) -> bool {
    let left = route.connections.leave_to_others();
    if let Some(left) = left {
        (run.on_notice)(&format!(
            "{why}; continuing with {}",
            counted(left, "connection")
        ));
    }
    left.is_some()
}
