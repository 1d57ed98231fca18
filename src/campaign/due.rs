//! Send every issue that is due, once. A cron job or a systemd timer calls this.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;

use super::begin::begin;
use super::continuation::continue_frozen;
use super::event::{Events, warned};
use super::report::RunReport;
use super::request::{SendOptions, SendRequest};
use super::retention::{remove_old_addresses, run_and_remove};
use super::run::Campaign;
use super::schedule::{self, Problem, Reports, ScheduleStatus, ScheduleView, ScheduledIssue};
use crate::diag::Findings;
use crate::store::{Lock, Send, StopKind, Store};
use crate::workspace::{
    self, Failure, FailureKind, Sources, Workspace, create_private_directory, display_path,
};
use jiff::SignedDuration;

/// The issues that are due, and the problems of the schedule. The value has the lock.
pub struct Due<'a> {
    workspace: &'a Workspace,
    options: &'a SendOptions,
    events: &'a Arc<dyn Events>,
    /// The sources and the lock; `None` if the settings have errors.
    open: Option<(Sources, Lock)>,
    issues: VecDeque<ScheduledIssue>,
    problems: Vec<Problem>,
    reports: ReportFile,
}

/// The file that remembers which problems were reported.
struct ReportFile {
    path: PathBuf,
    reports: Reports,
    is_changed: bool,
}

impl<'a> Due<'a> {
    /// Takes the lock and finds what is due. An issue may begin at most `max_late` after its `send_at`.
    ///
    /// # Errors
    /// If another process has the lock, or the ledger cannot be used.
    pub fn open(
        workspace: &'a Workspace,
        options: &'a SendOptions,
        max_late: SignedDuration,
        events: &'a Arc<dyn Events>,
    ) -> Result<Self, Failure> {
        let mut due = Self {
            workspace,
            options,
            events,
            open: None,
            issues: VecDeque::new(),
            problems: Vec::new(),
            reports: ReportFile::read(workspace),
        };
        let sources = match workspace::read(workspace.require_newsletter()?) {
            Ok(sources) => sources,
            Err(gaps) => {
                due.note_settings(&gaps.findings)?;
                return Ok(due);
            }
        };
        let lock = workspace.lock("send --due")?;
        due.find(&sources, max_late)?;
        due.open = Some((sources, lock));
        Ok(due)
    }

    fn find(&mut self, sources: &Sources, max_late: SignedDuration) -> Result<(), Failure> {
        let found = self
            .workspace
            .ledger_to_resume(sources, self.options.ledger)?;
        let mut store = warned(found, &**self.events);
        let view = ScheduleView {
            path: &self.workspace.directory,
            sources,
            store: store.as_ref(),
            now: self.workspace.now,
            max_late,
        };
        let survey = view.survey()?;
        let is_due = |scheduled: &&ScheduledIssue| {
            matches!(
                scheduled.status,
                ScheduleStatus::Due | ScheduleStatus::Begun
            )
        };
        self.issues = survey.issues.iter().filter(is_due).cloned().collect();
        self.note(view.problems(survey));
        if self.issues.is_empty()
            && let Some(store) = &mut store
        {
            // Otherwise each run does it at its end.
            remove_old_addresses(store, sources, self.workspace)?;
        }
        Ok(())
    }

    /// Notes a `newsletter.toml` with errors. The other problems are unknown then, so that they are reported again
    /// afterwards.
    fn note_settings(&mut self, findings: &Findings) -> Result<(), Failure> {
        create_private_directory(&self.workspace.state())?;
        self.note(schedule::settings_problem(findings).into_iter().collect());
        Ok(())
    }

    /// Keeps the problems to report: those that are new, have changed, become urgent or are reported daily.
    fn note(&mut self, problems: Vec<Problem>) {
        let before = self.reports.reports.clone();
        let is_new = self.reports.reports.note(&problems, self.workspace.now);
        self.reports.is_changed = self.reports.reports != before;
        let problems = problems.into_iter().zip(is_new);
        let new = problems.filter_map(|(problem, is_new)| is_new.then_some(problem));
        self.problems = new.collect();
    }

    /// The problems to report now. Problems that were reported before are not included, so they do not fail a run.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Remembers that the problems were reported.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn remember_problems(&self) -> Result<(), Failure> {
        self.reports.write()
    }

    /// Sends the next issue, and returns its name with the report of the run, which is `None` if no attempt was due.
    /// Returns `None` after the last issue.
    pub fn send_next(&mut self) -> Option<(String, Result<Option<RunReport>, Failure>)> {
        let scheduled = self.issues.pop_front()?;
        let (sources, lock) = self.open.as_mut()?;
        // An error is ignored: it would also occur when the run writes to the ledger, and be reported then.
        let _ = lock.set_issue(&scheduled.issue);
        let request = SendRequest {
            workspace: self.workspace,
            sources,
            issue: &scheduled.issue,
            options: self.options,
            events: self.events,
        };
        let is_begun = |sent: &Option<RunReport>| sent.as_ref().is_none_or(RunReport::has_run);
        let sent = request.or_former_ledger(|| send(&request, &scheduled), is_begun);
        let sent = note_end(&request, &mut self.reports, sent);
        Some((scheduled.issue, sent))
    }
}

impl ReportFile {
    fn read(workspace: &Workspace) -> Self {
        let path = workspace.state().join("reported.json");
        Self {
            reports: Reports::read(&path),
            path,
            is_changed: false,
        }
    }

    fn write(&self) -> Result<(), Failure> {
        if !self.is_changed {
            return Ok(());
        }
        self.reports.write(&self.path).map_err(|error| {
            let message = format!("`{}` cannot be written", display_path(&self.path));
            Failure::new(FailureKind::LedgerUnavailable, message).caused_by(&error)
        })
    }
}

/// If the run has paused or held the campaign, a person is needed: it fails with the code of a problem, which the next
/// runs do not report again.
fn note_end(
    request: &SendRequest<'_>,
    reports: &mut ReportFile,
    mut sent: Result<Option<RunReport>, Failure>,
) -> Result<Option<RunReport>, Failure> {
    let problem = match &sent {
        Ok(report) => report
            .as_ref()
            .and_then(|report| schedule::automatic_brake(&report.send)),
        Err(failure) if failure.kind == FailureKind::WorkLeft => not_run(request, failure)?,
        Err(_) => None,
    };
    if let Some(problem) = problem {
        reports.reports.add(&problem);
        reports.is_changed = true;
        match &mut sent {
            Err(failure) => failure.kind = FailureKind::NeedsAttention,
            Ok(Some(report)) => report.need_attention(),
            Ok(None) => {}
        }
    }
    sent
}

/// Records in the ledger why a campaign could not be run, or returns the problem of its brake.
fn not_run(request: &SendRequest<'_>, failure: &Failure) -> Result<Option<Problem>, Failure> {
    let place = &request.sources.newsletter.store;
    let Some(mut store) = request.workspace.existing_store_at(place)? else {
        return Ok(None);
    };
    let Some(send) = store.send_of(request.issue)? else {
        return Ok(None);
    };
    let problem = schedule::automatic_brake(&send);
    if problem.is_none() && send.brake.is_none() {
        let stop = (StopKind::List, failure.message());
        store.record_stop(&send, Some(stop), request.now())?;
    }
    Ok(problem)
}

fn send(
    request: &SendRequest<'_>,
    scheduled: &ScheduledIssue,
) -> Result<Option<RunReport>, Failure> {
    let mut store = request.ledger_to_send()?;
    let Some(send) = store.send_of(request.issue)? else {
        if request.is_rehearsal() {
            return rehearse(request, scheduled, store);
        }
        return run_now(request, begin(request, store, None)?);
    };
    // Before anything is read again, because cron may call this every minute.
    if !is_due(&store, &send, request.now())? {
        return Ok(None);
    }
    request.require_no_gap(&mut store, &send)?;
    if request.can_refreeze(&store, &send)? {
        return run_now(request, begin(request, store, Some(&send))?);
    }
    let send = request.with_present_policy(send)?;
    run_now(request, continue_frozen(request, store, send, false)?)
}

fn run_now(request: &SendRequest<'_>, campaign: Campaign) -> Result<Option<RunReport>, Failure> {
    run_and_remove(request, campaign).map(Some)
}

/// Runs a rehearsal, once for each `send_at`: without a relay, the messages are written to files.
fn rehearse(
    request: &SendRequest<'_>,
    scheduled: &ScheduledIssue,
    store: Store,
) -> Result<Option<RunReport>, Failure> {
    let since = scheduled.at.as_ref().map(|at| at.instant.as_second());
    let rehearsal = store.rehearsal_of(request.issue)?;
    let is_whole = |send: &Send| send.finished_at.is_some() && Some(send.started_at) >= since;
    if rehearsal.as_ref().is_some_and(is_whole) {
        return Ok(None);
    }
    run_now(request, begin(request, store, None)?)
}

fn is_due(store: &Store, send: &Send, now: i64) -> Result<bool, Failure> {
    let totals = store.totals(send)?;
    let next = store.next_due(send)?;
    Ok(totals.untried > 0 || next.is_none_or(|next| next <= now))
}
