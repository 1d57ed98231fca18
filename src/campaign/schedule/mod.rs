//! The schedule: which issues are due, and the status of campaigns. The current time is a parameter.

use std::collections::HashMap;

mod begun;
mod copies;
mod reports;
mod survey;

pub use begun::automatic_brake;
pub use copies::{Copy, CopyKind, EarlierSend, of_campaigns, of_files};
pub use reports::{Problem, Reports, Stage};
pub use survey::{ScheduleView, Survey, settings_problem};

use jiff::{SignedDuration, Timestamp};

use crate::diag::Findings;
use crate::newsletter::issue::{ZonedTime, path_of};
use crate::store::{Brake, Braked, LastStop, Send, StopKind, Store, StoreError, Totals};

/// How late an issue may begin by default.
pub const MAX_LATE: SignedDuration = SignedDuration::from_hours(6);

/// An issue with a `send_at`, or one whose campaign is unfinished.
#[derive(Debug, Clone)]
pub struct ScheduledIssue {
    /// The issue's name.
    pub issue: String,
    /// Its `send_at`; `None` for a campaign that was begun by hand.
    pub at: Option<ZonedTime>,
    /// Its status.
    pub status: ScheduleStatus,
    /// Whether its campaign was begun for one recipient only, and waits for the operator.
    pub is_for_one: bool,
    /// Why its campaign cannot continue.
    pub obstacle: Option<Obstacle>,
    /// The brake of its campaign.
    pub brake: Option<Braked>,
    /// How the last run of its campaign ended, if it ended early.
    pub last_stop: Option<LastStop>,
    /// The errors that prevent it from being sent.
    pub findings: Findings,
}

impl ScheduledIssue {
    /// Why its campaign cannot continue; `None` if it can.
    pub fn reason(&self) -> Option<String> {
        Some(match self.obstacle? {
            Obstacle::NoFile => format!("begun, and `{}` is gone", path_of(&self.issue)),
            Obstacle::NoRelay => "begun, and newsletter.toml has no [smtp]".to_owned(),
            Obstacle::BrokenSettings => "begun, and newsletter.toml has errors".to_owned(),
            Obstacle::BrokenList => "begun, and the list has errors".to_owned(),
        })
    }
}

/// Why a campaign that has begun cannot continue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// The issue's file does not exist any more.
    NoFile,
    /// `newsletter.toml` has no `[smtp]` any more.
    NoRelay,
    /// `newsletter.toml` has errors.
    BrokenSettings,
    /// The list has errors, so it is unknown who has left since the campaign began.
    BrokenList,
}

/// The status of a scheduled issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleStatus {
    /// Its file cannot be read, or its `send_at` is not a valid time.
    Unclear,
    /// Its `send_at` is in the future.
    Waiting,
    /// It is due now.
    Due,
    /// Its `send_at` is too long ago; the operator has to decide.
    Missed,
    /// Its files have errors.
    Broken,
    /// It is a copy of another issue.
    Copy,
    /// It was begun for one recipient only, or no run has worked on it for too long; the operator has to decide.
    Held,
    /// It has begun and is paused.
    Paused,
    /// It was cancelled.
    Cancelled,
    /// It has begun and cannot continue; see [`Obstacle`].
    Stopped,
    /// It has begun, and deliveries remain.
    Begun,
    /// It has been sent.
    Sent,
}

impl ScheduleStatus {
    /// The word that lists show.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unclear => "unclear",
            Self::Waiting => "waiting",
            Self::Due => "due",
            Self::Missed => "missed",
            Self::Broken => "broken",
            Self::Copy => "copy",
            Self::Held => "held",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
            Self::Stopped => "stopped",
            Self::Begun => "begun",
            Self::Sent => "sent",
        }
    }
}

/// The status of an issue with the `send_at` `at` and, if it has begun, the campaign `send`.
///
/// A campaign that has begun is resumed however late it is, because some recipients have the message already.
pub fn status(
    at: Option<Timestamp>,
    send: Option<&Send>,
    now: Timestamp,
    max_late: SignedDuration,
) -> ScheduleStatus {
    match (send, at) {
        (Some(send), _) if send.is_cancelled() => ScheduleStatus::Cancelled,
        (Some(send), _) if send.finished_at.is_some() => ScheduleStatus::Sent,
        (Some(send), _) if send.has(Brake::Paused) => ScheduleStatus::Paused,
        (Some(send), _) if send.is_held || send.has(Brake::Held) => ScheduleStatus::Held,
        (Some(_), _) => ScheduleStatus::Begun,
        (None, None) => ScheduleStatus::Unclear,
        (None, Some(at)) if now < at => ScheduleStatus::Waiting,
        (None, Some(at)) if now.duration_since(at) > max_late => ScheduleStatus::Missed,
        (None, Some(_)) => ScheduleStatus::Due,
    }
}

/// The progress of a campaign, as `status` shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// A process is sending it.
    Running,
    /// It waits for `franking resume`.
    Paused,
    /// The operator has to decide: no run has worked on it for too long, or it was sent to one recipient only.
    Held,
    /// It waits for retries or a quota, and no process is sending it.
    Waiting,
    /// Work is left, and no process is sending.
    Stopped,
    /// Nothing is left to do.
    Sent,
    /// It was cancelled.
    Cancelled,
}

impl Progress {
    /// The progress of `send`. `is_running` is whether a process is sending it.
    pub fn of(send: &Send, totals: &Totals, is_running: bool) -> Self {
        match &send.brake {
            Some(braked) if braked.brake == Brake::Cancelled => Self::Cancelled,
            _ if send.finished_at.is_some() => Self::Sent,
            Some(braked) if braked.brake == Brake::Paused => Self::Paused,
            Some(_) => Self::Held,
            None if is_running => Self::Running,
            None if send.is_held => Self::Held,
            None if waits(send, totals) => Self::Waiting,
            None => Self::Stopped,
        }
    }

    /// The word that `status` shows.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Held => "held",
            Self::Waiting => "waiting",
            Self::Stopped => "stopped",
            Self::Sent => "sent",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Whether the last run tried all deliveries that were due, so that only retries are left, or used up a quota.
fn waits(send: &Send, totals: &Totals) -> bool {
    match &send.last_stop {
        Some(stop) => stop.kind == StopKind::Quota,
        None => totals.untried == 0 && totals.deferred > 0,
    }
}

/// Since when deliveries of a campaign have been due without a run, in Unix seconds, if that is more than `max_gap` seconds
/// ago. Deliveries that wait for a retry, a suspended domain or a quota are not due.
///
/// # Errors
/// If the store cannot be read.
pub fn gap(store: &Store, send: &Send, now: i64, max_gap: i64) -> Result<Option<i64>, StoreError> {
    let waited = send.waits_until.max(send.touched_at);
    if waited.is_some_and(|waited| now - waited <= max_gap) {
        return Ok(None);
    }
    let worked = waited
        .max(Some(store.last_worked_on(send)?))
        .unwrap_or_default();
    if now - worked <= max_gap {
        return Ok(None);
    }
    let suspended: HashMap<String, i64> = store
        .domains(send)?
        .into_iter()
        .map(|domain| (domain.name, domain.until))
        .collect();
    let mut due = None;
    store.each_remaining(send, |left| {
        let key = left.address_key.as_str();
        let domain = key.rsplit_once('@').map_or(key, |(_, domain)| domain);
        let at = left
            .next_try
            .max(suspended.get(domain).copied())
            .unwrap_or_default();
        due = Some(due.map_or(at, |earliest: i64| earliest.min(at)));
    })?;
    let since = due.map(|due| due.max(worked));
    Ok(since.filter(|since| now - since > max_gap))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::newsletter::issue::OnUncertain;

    #[test]
    fn a_scheduled_issue_is_due_once_and_not_too_late() {
        let at: Timestamp = "2026-11-30T08:00:00Z".parse().unwrap();
        let late = SignedDuration::from_hours(6);
        let after = |hours| at + SignedDuration::from_hours(hours);
        assert_eq!(
            status(Some(at), None, after(-1), late),
            ScheduleStatus::Waiting
        );
        assert_eq!(status(Some(at), None, at, late), ScheduleStatus::Due);
        assert_eq!(status(Some(at), None, after(6), late), ScheduleStatus::Due);
        assert_eq!(
            status(Some(at), None, after(7), late),
            ScheduleStatus::Missed
        );
        let mut send = Send {
            id: 1,
            issue: "a".to_owned(),
            digest: String::new(),
            subject: String::new(),
            started_at: 0,
            finished_at: None,
            on_uncertain: OnUncertain::Hold,
            is_held: true,
            brake: None,
            edition: 1,
            touched_at: None,
            waits_until: None,
            is_rehearsal: false,
            last_stop: None,
        };
        assert_eq!(
            status(Some(at), Some(&send), after(0), late),
            ScheduleStatus::Held
        );
        send.is_held = false;
        assert_eq!(
            status(Some(at), Some(&send), after(99), late),
            ScheduleStatus::Begun
        );
        send.finished_at = Some(1);
        assert_eq!(
            status(Some(at), Some(&send), after(99), late),
            ScheduleStatus::Sent
        );
    }
}
