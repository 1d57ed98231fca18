//! Signals: the first Ctrl-C, SIGTERM or SIGHUP stops a run normally, the second ends the process.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::cli::exit::Exit;
use crate::cli::terminal;

/// Watches the signals and turns `stop` to true at the first.
pub(super) async fn watch(stop: watch::Sender<bool>) {
    // Each stream is created once: one that is created in the loop would miss a signal in between.
    let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hang_up)) = (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
    ) else {
        return;
    };
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
        if stop.send_replace(true) {
            std::process::exit(i32::from(Exit::Interrupted as u8));
        }
        terminal::say("stopping after the messages in flight; press Ctrl-C again to stop at once");
    }
}
