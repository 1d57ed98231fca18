//! How a request to send has ended, as JSON.

use std::fmt;

use serde::Serialize;

use super::report::{RunEnd, RunReport};
use super::send::Sent;
use crate::store::{Send, Totals};
use crate::util::timestamp;

/// How a request to send has ended: the campaign as `status --json` shows it, and what the run did.
#[derive(Debug, Clone, Serialize)]
pub struct SendSummary {
    /// The campaign.
    #[serde(rename = "campaign")]
    pub send: Send,
    /// Its totals.
    pub totals: Totals,
    /// Whether every candidate has exactly one state.
    pub adds_up: bool,
    /// When the run began, in Unix seconds; `None` if there was nothing to do.
    #[serde(serialize_with = "timestamp::serialize_option")]
    pub began_at: Option<i64>,
    /// When the run ended, in Unix seconds.
    #[serde(serialize_with = "timestamp::serialize_option")]
    pub ended_at: Option<i64>,
    /// Why it ended: see [`RunEnd::reason`].
    pub stop_reason: &'static str,
    /// When the next attempt of a deferred delivery is due, in Unix seconds.
    #[serde(serialize_with = "timestamp::serialize_option")]
    pub next_try: Option<i64>,
}

impl RunEnd {
    /// The reason in one word, for programs.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
            Self::Waiting(_) => "waiting",
            Self::Resending => "resending",
            Self::OnlyOne(..) => "one_recipient",
            Self::Interrupted => "interrupted",
            Self::Stopped(_) => "stopped",
        }
    }
}

/// `finished: 20 accepted, 1 refused`, in one line for logs.
impl fmt::Display for RunReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let states = self.totals.by_state().into_iter();
        let states = states.filter(|(_, count)| *count > 0);
        let states = states.map(|(state, count)| match state {
            "accepted" if self.send.is_rehearsal => format!("{count} written"),
            _ => format!("{count} {state}"),
        });
        let states: Vec<_> = states.collect();
        let reason = self.end.reason().replace('_', " ");
        write!(f, "{reason}: {}", states.join(", "))
    }
}

impl From<&RunReport> for SendSummary {
    fn from(report: &RunReport) -> Self {
        let (began_at, ended_at) = report.ran;
        Self {
            began_at: Some(began_at),
            ended_at: Some(ended_at),
            stop_reason: report.end.reason(),
            next_try: match report.end {
                RunEnd::Waiting(next) => next,
                _ => None,
            },
            ..Self::before(&report.send, &report.totals)
        }
    }
}

impl From<&Sent> for SendSummary {
    fn from(sent: &Sent) -> Self {
        match sent {
            Sent::Now(report) => Self::from(report),
            Sent::Before(send, totals) => Self::before(send, totals),
        }
    }
}

impl SendSummary {
    /// The summary of a campaign without a run.
    fn before(send: &Send, totals: &Totals) -> Self {
        Self {
            send: send.clone(),
            totals: totals.clone(),
            adds_up: totals.add_up(),
            began_at: None,
            ended_at: None,
            stop_reason: "nothing_to_do",
            next_try: None,
        }
    }
}
