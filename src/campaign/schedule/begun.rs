//! Campaigns that have begun and do not continue without a person: the program has stopped them, or every run fails.

use jiff::Timestamp;

use super::reports::{Problem, Stage};
use crate::diag::Findings;
use crate::store::{Braked, LastStop, Send, StopKind};
use crate::util::{escape, timestamp};

/// For how long every run may end early before it is reported, in seconds. A relay that restarts is not a problem.
const STUCK: i64 = 3_600;

/// The problem of a campaign that the program has paused or held.
pub fn automatic_brake(send: &Send) -> Option<Problem> {
    let braked = send.brake.as_ref().filter(|braked| braked.is_automatic)?;
    let is_open = send.finished_at.is_none() && !send.is_cancelled();
    is_open.then(|| {
        let (message, hint) = stopped_by_program(&send.issue, braked);
        Problem {
            about: send.issue.clone(),
            stage: Stage::Due,
            message,
            hint: Some(hint),
            findings: Findings::new(),
            is_daily: false,
        }
    })
}

/// The message and hint for a campaign that the program has paused or held.
pub(super) fn stopped_by_program(issue: &str, braked: &Braked) -> (String, String) {
    let word = escape::shell(issue);
    (
        format!(
            "`{issue}` has been {} since {}: {}",
            braked.brake.as_str(),
            timestamp::format(braked.at),
            braked.why
        ),
        format!("`franking resume {word}` continues; `franking cancel {word}` ends it"),
    )
}

/// The message and hint for a campaign whose runs have ended early for an hour for the same cause. The reason is in the
/// hint, because it may differ from run to run, and a problem with another message is reported again.
pub(super) fn stuck(issue: &str, stop: &LastStop, now: Timestamp) -> Option<(String, String)> {
    let what = match stop.kind {
        StopKind::Unreachable => "no relay has been reachable",
        StopKind::List => "the list could not be read",
        // A refusal has an exit code of its own; a quota and an interruption are intended.
        StopKind::Refused | StopKind::Quota | StopKind::Interrupted => return None,
    };
    if now.as_second() - stop.since < STUCK {
        return None;
    }
    let since = timestamp::format(stop.since);
    Some((
        format!("`{issue}` has begun and does not continue: {what} since {since}"),
        format!(
            "{}; `franking doctor` checks the relay and the list; each run tries again",
            stop.why
        ),
    ))
}
