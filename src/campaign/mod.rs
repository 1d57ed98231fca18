//! Campaigns: an issue is frozen, sent to its recipients, braked, resumed and resolved.
//!
//! The functions here take values and return typed results. They report progress through [`Events`] and never print.
//!
//! ```text
//! SendRequest ── send, resume, correct ─▶ Campaign ── run ─▶ RunReport
//!             ── dry_run ─▶ Preview       (frozen)     │
//!             ── test_send ─▶ Outcome                  └─▶ Events: outcomes, warnings, questions
//! ```

mod again;
mod announcement;
mod begin;
mod brake;
mod check;
mod continuation;
mod continued;
mod correct;
mod demo;
mod dry_run;
mod due;
mod event;
mod find;
mod frozen;
mod log;
mod overview;
mod plan;
mod plan_json;
mod recipients;
mod report;
mod request;
mod resolve;
mod resume;
mod resume_plan;
mod retention;
mod routes;
mod run;
pub mod schedule;
mod selftest;
mod send;
mod send_plan;
mod status;
mod status_json;
mod summary;
mod test_send;

pub use again::is_resending;
pub use announcement::Announcement;
pub use begin::new_send;
pub use brake::{Cancelled, Paused, braked, cancel, has_file, open_recipients, pause};
pub use check::{CheckedIssues, check_issues, check_links};
pub use continued::Continued;
pub use demo::Demo;
pub use dry_run::{DryRun, DryRunLine, dry_run};
pub use due::Due;
pub use event::{CampaignEvent, Events, Question, Silent, Started};
pub use find::{find, find_or_rehearsal, not_sent, unknown};
pub use frozen::thaw;
pub use log::OutcomeLog;
pub use overview::{IssueOverview, IssueState, overview};
pub use plan::{Planned, plan};
pub use plan_json::finished_plan;
pub use recipients::{candidates, require_recipient};
pub use report::{RunEnd, RunReport, needs_decision};
pub use request::{SendOptions, SendRequest, can_refreeze};
pub use resolve::{Decisions, Resolved, resolve};
pub use resume::resume;
pub use resume_plan::ResumePlan;
pub use routes::{Routes, quota, signer, smtp_transport};
pub use run::{Campaign, run};
pub use selftest::{SELFTEST_SENDS, SelftestOptions, SelftestReport, TrialResult, selftest};
pub use send::{Sent, send};
pub use send_plan::SendPlan;
pub use status::{CampaignList, CampaignStatus, CampaignSummary, campaigns, status};
pub use summary::SendSummary;
pub use test_send::{TestSent, test_send};
