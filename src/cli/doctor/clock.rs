//! The clock, as far as this machine alone can know.

use jiff::Timestamp;

use super::report::Check;
use crate::cli::context::{Context, moment};
use crate::newsletter::config::Newsletter;

/// 2024-01-01T00:00:00Z: a clock before it has lost its battery.
const LONG_AGO: i64 = 1_704_067_200;

/// Nobody else is asked what time it is; what the ledger has written down cannot be still to come.
pub(super) fn check(context: &Context, publication: &Newsletter) -> Check {
    let now = context.now.as_second();
    let shown = moment(now);
    let hint =
        "what is due, and when somebody is tried again, goes by the clock; set it right first";
    if now < LONG_AGO {
        let words = format!("it is said to be {shown}, which is long past");
        return Check::warn("clock", words).hint(hint);
    }
    match latest(context, publication) {
        Some(latest) if latest > now => {
            let words = format!(
                "it is said to be {shown}, and the ledger knows of a send at {}",
                moment(latest)
            );
            Check::warn("clock", words).hint(hint)
        }
        _ => Check::ok("clock", format!("{shown}; nobody else was asked")),
    }
}

/// The latest moment at which a send began or ended; a ledger that cannot be read has a line of its own.
fn latest(context: &Context, publication: &Newsletter) -> Option<i64> {
    let store = context.existing_store_at(&publication.store).ok()??;
    let sends = store.sends().ok()?;
    let moments = sends
        .iter()
        .flat_map(|send| [Some(send.started_at), send.finished_at]);
    let real = moments
        .flatten()
        .filter(|at| Timestamp::from_second(*at).is_ok());
    real.max()
}
