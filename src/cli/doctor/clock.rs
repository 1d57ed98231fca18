//! The clock, as far as this machine alone can know.

use jiff::Timestamp;

use super::report::Check;
use crate::newsletter::config::Newsletter;
use crate::workspace::{Workspace, format_timestamp};

/// 2024-01-01T00:00:00Z: a clock before it has lost its battery.
const LONG_AGO: i64 = 1_704_067_200;

/// Nobody else is asked what time it is; what the ledger has written down cannot be still to come.
pub(super) fn check(workspace: &Workspace, newsletter: &Newsletter) -> Check {
    let now = workspace.now.as_second();
    let shown = format_timestamp(now);
    let hint =
        "what is due, and when somebody is tried again, goes by the clock; set it right first";
    if now < LONG_AGO {
        let words = format!("it is said to be {shown}, which is long past");
        return Check::warn("clock", words).hint(hint);
    }
    match latest(workspace, newsletter) {
        Some(latest) if latest > now => {
            let words = format!(
                "it is said to be {shown}, and the ledger knows of a send at {}",
                format_timestamp(latest)
            );
            Check::warn("clock", words).hint(hint)
        }
        _ => Check::ok("clock", format!("{shown}; nobody else was asked")),
    }
}

/// The latest moment at which a send began or ended; a ledger that cannot be read has a line of its own.
fn latest(workspace: &Workspace, newsletter: &Newsletter) -> Option<i64> {
    let store = workspace.existing_store_at(&newsletter.store).ok()??;
    let sends = store.sends().ok()?;
    let moments = sends
        .iter()
        .flat_map(|send| [Some(send.started_at), send.finished_at]);
    let real = moments
        .flatten()
        .filter(|at| Timestamp::from_second(*at).is_ok());
    real.max()
}
