//! Coordinates the connections of a route until their sessions are open.
//!
//! They open concurrently, so that a slow one does not delay the others. Only one connection at a time tries the first
//! login, because relays lock accounts after wrong passwords, and only one at a time tries again after a failure.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::sync::{MutexGuard, Semaphore, SemaphorePermit, watch};

/// The gate of one route, for a round of a run.
#[derive(Debug)]
pub(in crate::delivery) struct SessionGate {
    /// Whether the relay has opened a session.
    is_open: AtomicBool,
    /// Whether a connection has failed.
    has_failed: AtomicBool,
    /// Whether the delay of a connection was reported.
    is_reported: AtomicBool,
    first_login: Semaphore,
    login: Mutex<LoginState>,
    retry: tokio::sync::Mutex<()>,
}

/// What is known about the login.
#[derive(Debug, Clone, Default)]
enum LoginState {
    #[default]
    Unknown,
    Accepted,
    Refused(String),
}

/// The right to log in.
#[derive(Debug)]
pub(in crate::delivery) enum LoginTurn<'a> {
    /// No login is known to work. While the permit lives, no other connection tries one.
    First { _permit: SemaphorePermit<'a> },
    /// The relay has accepted the same login before.
    Known,
}

impl SessionGate {
    pub(in crate::delivery) fn new() -> Self {
        Self {
            is_open: AtomicBool::new(false),
            has_failed: AtomicBool::new(false),
            is_reported: AtomicBool::new(false),
            first_login: Semaphore::new(1),
            login: Mutex::default(),
            retry: tokio::sync::Mutex::new(()),
        }
    }

    /// Waits until this connection may log in. An error is the refusal of the same login on another connection.
    pub(in crate::delivery) async fn login(&self) -> Result<LoginTurn<'_>, String> {
        if let LoginState::Accepted = self.login_state() {
            return Ok(LoginTurn::Known);
        }
        let permit = self.first_login.acquire().await;
        let permit = permit.expect("the semaphore is never closed");
        match self.login_state() {
            LoginState::Unknown => Ok(LoginTurn::First { _permit: permit }),
            LoginState::Accepted => Ok(LoginTurn::Known),
            LoginState::Refused(why) => Err(why),
        }
    }

    pub(in crate::delivery) fn login_refused(&self, why: &str) {
        self.set(LoginState::Refused(why.to_owned()));
    }

    /// The relay has opened a session.
    pub(in crate::delivery) fn opened(&self) {
        self.set(LoginState::Accepted);
        self.is_open.store(true, Ordering::SeqCst);
    }

    pub(in crate::delivery) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::SeqCst)
    }

    /// Registers the failure of a connection, and waits until no other connection tries again.
    pub(in crate::delivery) async fn turn_to_retry(&self) -> MutexGuard<'_, ()> {
        self.has_failed.store(true, Ordering::SeqCst);
        self.retry.lock().await
    }

    /// Whether a connection has failed. Its failure will be reported.
    pub(in crate::delivery) fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::SeqCst)
    }

    /// Whether the delay of a connection is to be reported: it is the first, and no connection has failed.
    pub(in crate::delivery) fn is_first_delay(&self) -> bool {
        !self.has_failed() && !self.is_reported.swap(true, Ordering::SeqCst)
    }

    fn login_state(&self) -> LoginState {
        let login = self.login.lock();
        login.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, login_state: LoginState) {
        let login = self.login.lock();
        *login.unwrap_or_else(PoisonError::into_inner) = login_state;
    }
}

/// The connections of a round that have leased deliveries and wait for a session.
#[derive(Debug)]
pub(in crate::delivery) struct WaitingConnections {
    /// The number of these connections.
    waiting: watch::Sender<usize>,
    /// How often a connection has found nothing left to lease.
    empty: watch::Sender<usize>,
}

impl WaitingConnections {
    pub(in crate::delivery) fn new() -> Self {
        Self {
            waiting: watch::Sender::new(0),
            empty: watch::Sender::new(0),
        }
    }

    /// Counts a connection until the returned value is dropped.
    pub(in crate::delivery) fn register(&self) -> Waiting<'_> {
        self.waiting.send_modify(|count| *count += 1);
        Waiting(self)
    }

    /// Waits until a waiting connection gets a session or releases its deliveries. Returns whether there was one.
    pub(in crate::delivery) async fn wait_for_others(&self) -> bool {
        let mut waiting = self.waiting.subscribe();
        let before = *waiting.borrow_and_update();
        if before == 0 {
            return false;
        }
        let fewer = waiting.wait_for(|count| *count < before).await;
        fewer.is_ok()
    }

    /// A connection has found nothing left to lease.
    pub(in crate::delivery) fn found_nothing(&self) {
        self.empty.send_modify(|count| *count += 1);
    }

    /// Waits until a connection finds nothing left to lease: then the caller would find nothing either.
    pub(in crate::delivery) async fn until_nothing_is_left(&self) {
        let mut empty = self.empty.subscribe();
        let before = *empty.borrow_and_update();
        if empty.wait_for(|count| *count > before).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// See [`WaitingConnections::register`].
#[derive(Debug)]
pub(in crate::delivery) struct Waiting<'a>(&'a WaitingConnections);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.send_modify(|count| *count -= 1);
    }
}
