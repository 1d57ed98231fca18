//! The signals that end the workers of a run.

use tokio::sync::watch;

/// What ends a worker from outside.
pub(super) struct Signals {
    /// The run is to stop.
    pub(super) stop: watch::Receiver<bool>,
    /// Another connection has ended the run.
    pub(super) halted: watch::Receiver<bool>,
    /// The route was closed.
    pub(super) is_shut: watch::Receiver<bool>,
}

impl Signals {
    /// Whether the run, or this route, is over.
    pub(super) fn is_over(&self) -> bool {
        *self.stop.borrow() || *self.halted.borrow() || *self.is_shut.borrow()
    }

    /// Waits until the run, or this route, is over.
    pub(super) async fn until_over(&mut self) {
        tokio::select! {
            () = turned(&mut self.stop) => {}
            () = turned(&mut self.halted) => {}
            () = turned(&mut self.is_shut) => {}
        }
    }
}

/// Waits until the value is true; for ever if its sender is dropped before.
pub(super) async fn turned(value: &mut watch::Receiver<bool>) {
    if value.wait_for(|value| *value).await.is_err() {
        std::future::pending::<()>().await;
    }
}
