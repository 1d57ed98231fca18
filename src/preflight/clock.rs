//! The clock, as far as this machine can check it.

use super::report::Check;
use crate::newsletter::config::Newsletter;
use crate::util::timestamp;
use crate::workspace::Workspace;

/// 2024-01-01T00:00:00Z. An earlier time is certainly wrong.
const LONG_AGO: i64 = 1_704_067_200;

/// Compares the clock with the ledger. It does not query a time server.
pub(super) fn check(workspace: &Workspace, newsletter: &Newsletter) -> Check {
    let now = workspace.now.as_second();
    let shown = timestamp::format(now);
    let hint = "schedules and retries depend on the clock; set it first";
    if now < LONG_AGO {
        let words = format!("the clock shows {shown}, which is long past");
        return Check::warn("clock", words).hint(hint);
    }
    match latest(workspace, newsletter) {
        Some(latest) if latest > now => {
            let words = format!(
                "the clock shows {shown}, but the ledger has a send at {}",
                timestamp::format(latest)
            );
            Check::warn("clock", words).hint(hint)
        }
        _ => Check::ok("clock", format!("{shown}; not compared with a time server")),
    }
}

/// When the latest campaign began or ended. A ledger that cannot be read has a check of its own.
fn latest(workspace: &Workspace, newsletter: &Newsletter) -> Option<i64> {
    let store = workspace.existing_store_at(&newsletter.store).ok()??;
    store.latest_run().ok()?
}
