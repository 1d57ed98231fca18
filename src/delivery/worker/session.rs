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
        let (run, waiting) = (Arc::clone(&self.run), Arc::clone(&self.waiting));
        let gate = Arc::clone(&self.gate);
        let mut opening = pin!(open(relay, &run, &route, &gate));
        let mut patience = pin!(tokio::time::sleep(relay.timeouts.patience));
        let mut held = Some(waiting.register());
        let opened = loop {
            tokio::select! {
                opened = &mut opening => break opened,
                () = &mut patience, if held.is_some() => {
                    if gate.hangs_first() {
                        (run.on_notice)(&format!("no session with {} yet; still trying", route.name));
                    }
                    self.release(queue)?;
                    held = None;
                }
                // The failure of a relay is waited for, so that it is reported.
                () = waiting.until_nothing_is_left(), if held.is_none() && gate.hangs() => {
                    return Break(StopReason::Done);
                }
                () = self.signals.until_over() => return Break(StopReason::Interrupted),
            }
        };
        self.has_left = matches!(opened, Break(StopReason::Done));
        self.session = Some(opened?);
        Continue(held.is_some())
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
        let why = match relay.connect(gate).await {
            Ok(session) => return Continue(session),
            Err(TransportError::Refused(why)) => return Break(StopReason::Refused(why)),
            Err(TransportError::Busy(why)) => {
                if gate.is_open() && leave_to_others(run, route, &why) {
                    return Break(StopReason::Done);
                }
                why
            }
            Err(TransportError::Unreachable(why)) => why,
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
