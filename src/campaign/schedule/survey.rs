//! The survey of a newsletter for the schedule: which issues are due, which cannot be sent, and which files are ignored.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::begun::{stopped_by_program, stuck};
use super::reports::{Problem, Stage};
use super::{Copy, CopyKind, Obstacle, ScheduleStatus, ScheduledIssue, copies, status};
use crate::diag::{Finding, Findings, Place, Severity, Source, nearest};
use crate::newsletter::config::{self, Newsletter};
use crate::newsletter::issue::{self, Issue, IssueIdentity};
use crate::store::{Send, Store, StoreError};
use crate::util::escape;
use crate::workspace::{self, Compiled, Sources};

/// The schedule of a newsletter, with its errors.
#[derive(Debug)]
pub struct Survey {
    /// The issues with a `send_at` and the unfinished campaigns, the earliest first.
    pub issues: Vec<ScheduledIssue>,
    /// Files that look like issues but are not read as such.
    pub strays: Findings,
    /// The errors of the list. Nothing can be sent until they are corrected.
    pub list: Findings,
}

/// What a survey needs: the newsletter, its ledger, and the time.
#[derive(Debug, Clone, Copy)]
pub struct ScheduleView<'a> {
    /// The newsletter's directory.
    pub path: &'a Path,
    /// Its files.
    pub sources: &'a Sources,
    /// Its ledger, if it has one.
    pub store: Option<&'a Store>,
    /// The current time.
    pub now: Timestamp,
    /// How late an issue may begin.
    pub max_late: SignedDuration,
}

impl ScheduleView<'_> {
    /// Surveys all issues and campaigns.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn survey(&self) -> Result<Survey, StoreError> {
        let sends = self.store.map(Store::sends).transpose()?;
        let sends = sends.unwrap_or_default();
        let mut strays = Findings::new();
        issue::report_strays(self.path, &mut strays);
        let copies = copies::of_files(self.path, self.sources, &issue::names(self.path));
        let mut issues: Vec<ScheduledIssue> = names(self.path, &sends)
            .into_iter()
            .filter_map(|name| self.scheduled(name, &sends))
            .collect();
        let list = self.examine(&mut issues, &copies)?;
        issues.sort_by_key(|scheduled| scheduled.at.as_ref().map(|at| at.instant));
        Ok(Survey {
            issues,
            strays,
            list,
        })
    }

    /// `None` for a draft without `send_at`, and for an issue that was sent by hand.
    fn scheduled(&self, issue: String, sends: &[Send]) -> Option<ScheduledIssue> {
        let send = sends.iter().find(|send| send.issue == issue);
        let mut findings = Findings::new();
        let newsletter = &self.sources.newsletter;
        let read = issue::read(self.path, &issue, newsletter, &mut findings);
        let is_draft =
            send.is_none() && read.as_ref().is_some_and(|read| is_draft(read, &findings));
        let is_sent = send.is_some_and(|send| send.finished_at.is_some());
        let at = read.and_then(|issue| issue.send_at);
        if at.is_none() && (is_draft || is_sent) {
            return None;
        }
        let instant = at.as_ref().map(|at| at.instant);
        let mut status = status(instant, send, self.now, self.max_late);
        let is_open = send.is_some_and(|send| send.finished_at.is_none() && !send.is_cancelled());
        let obstacle = self.obstacle(&issue).filter(|_| is_open);
        if status == ScheduleStatus::Begun && obstacle.is_some() {
            status = ScheduleStatus::Stopped;
        }
        findings.retain(|finding| {
            status == ScheduleStatus::Unclear && finding.severity == Severity::Error
        });
        Some(ScheduledIssue {
            issue,
            at,
            status,
            is_for_one: send.is_some_and(|send| send.is_held && send.brake.is_none()),
            obstacle,
            brake: send.and_then(|send| send.brake.clone()),
            last_stop: send.and_then(|send| send.last_stop.clone()),
            findings,
        })
    }

    /// Why a campaign of `issue` cannot continue.
    fn obstacle(&self, issue: &str) -> Option<Obstacle> {
        if !self.path.join(issue::path_of(issue)).exists() {
            return Some(Obstacle::NoFile);
        }
        if self.sources.findings.has_errors() {
            return Some(Obstacle::BrokenSettings);
        }
        let has_relay = self.sources.newsletter.smtp.is_some();
        (!has_relay).then_some(Obstacle::NoRelay)
    }

    /// Compiles and checks the issues that are still to be sent, and returns the errors of the list. These stop the campaigns
    /// that have begun, too.
    fn examine(
        &self,
        issues: &mut [ScheduledIssue],
        copies: &[Copy],
    ) -> Result<Findings, StoreError> {
        let names = issues.iter().filter(|issue| issue.is_ahead());
        let names: Vec<String> = names.map(|scheduled| scheduled.issue.clone()).collect();
        let has_begun = issues.iter().any(ScheduledIssue::has_begun);
        let mut list = Findings::new();
        if names.is_empty() && !has_begun {
            return Ok(list);
        }
        let (each, _) = workspace::each_issue(self.path, self.sources, &names, &mut list);
        list.retain(is_error);
        if list.has_errors() {
            stop_begun(issues);
        }
        let is_blocked = list.has_errors() || self.sources.findings.has_errors();
        let ahead = issues.iter_mut().filter(|issue| issue.is_ahead());
        for (scheduled, (compiled, mut findings)) in ahead.zip(each) {
            findings.retain(is_error);
            let copied = self.copied(compiled.as_ref(), scheduled, copies)?;
            scheduled.status = match scheduled.status {
                _ if copied.is_some() => ScheduleStatus::Copy,
                ScheduleStatus::Missed => ScheduleStatus::Missed,
                _ if is_blocked || findings.has_errors() => ScheduleStatus::Broken,
                other => other,
            };
            findings.extend_some(copied);
            scheduled.findings = findings;
        }
        Ok(list)
    }

    fn copied(
        &self,
        compiled: Option<&Compiled>,
        scheduled: &ScheduledIssue,
        copies: &[Copy],
    ) -> Result<Option<Finding>, StoreError> {
        let mut copies = copies.iter();
        let copy = copies.find(|copy| copy.head.name == scheduled.issue);
        // If the same content was sent before, a finding about the campaign is more useful than one about the files.
        if let Some(copy) = copy.filter(|copy| copy.kind != CopyKind::Content) {
            return Ok(Some(copy.finding()));
        }
        let earlier = match (self.store, compiled) {
            (Some(store), Some(compiled)) => {
                let newsletter = &self.sources.newsletter;
                let earlier = copies::of_campaigns(self.path, store, compiled, newsletter)?;
                earlier.map(|earlier| earlier.finding(&IssueIdentity::of(&compiled.issue)))
            }
            _ => None,
        };
        Ok(earlier.or_else(|| copy.map(Copy::finding)))
    }

    /// The problems that the operator has to solve.
    pub fn problems(&self, survey: Survey) -> Vec<Problem> {
        let mut problems = Vec::new();
        problems.extend(settings_problem(&self.sources.findings));
        problems.extend(list_problem(survey.list));
        let newsletter = &self.sources.newsletter;
        for scheduled in survey.issues {
            let at = scheduled.at.as_ref().map(|at| at.instant);
            let stage = match scheduled.status {
                // A campaign that has begun cannot be late.
                ScheduleStatus::Stopped | ScheduleStatus::Paused | ScheduleStatus::Begun => {
                    Stage::Due
                }
                ScheduleStatus::Held if !scheduled.is_for_one => Stage::Due,
                _ => Stage::of(at, self.now, self.max_late),
            };
            problems.extend(issue_problem(scheduled, stage, newsletter, self.now));
        }
        problems.extend(stray_problems(&survey.strays));
        problems
    }
}

impl ScheduledIssue {
    /// Whether it has not begun, and is scheduled.
    fn is_ahead(&self) -> bool {
        matches!(
            self.status,
            ScheduleStatus::Waiting | ScheduleStatus::Due | ScheduleStatus::Missed
        )
    }

    fn has_begun(&self) -> bool {
        self.status == ScheduleStatus::Begun
    }
}

fn is_error(finding: &Finding) -> bool {
    finding.severity == Severity::Error
}

/// Stops the campaigns that have begun, because the list has errors.
fn stop_begun(issues: &mut [ScheduledIssue]) {
    for begun in issues.iter_mut().filter(|issue| issue.has_begun()) {
        begun.status = ScheduleStatus::Stopped;
        begun.obstacle = Some(Obstacle::BrokenList);
    }
}

fn names(path: &Path, sends: &[Send]) -> Vec<String> {
    let mut names = issue::names(path);
    let unfinished = sends.iter().filter(|send| send.finished_at.is_none());
    names.extend(unfinished.map(|send| send.issue.clone()));
    names.sort();
    names.dedup();
    names
}

/// Whether an issue without a valid `send_at` is a draft. It is not if the file has a `send_at` that cannot be read or is in
/// a section, or an unknown key that may be a misspelt `send_at`.
fn is_draft(issue: &Issue, findings: &Findings) -> bool {
    let top = Place::new(&Source::new(issue::path_of(&issue.name), ""), 0..0);
    let is_meant = |key: &str| {
        let is_send_at = key == "send_at" || nearest(key, ["send_at"]).is_some();
        is_send_at || findings.is_unread(&top, key)
    };
    let unknown = findings
        .iter()
        .filter(|finding| finding.code == "unknown-key");
    let mut unknown = unknown.filter_map(|finding| finding.place.as_ref());
    let is_misspelt = unknown.any(|place| is_meant(&place.source().text()[place.span()]));
    issue.send_at_place.is_none() && !findings.is_unread(&top, "send_at") && !is_misspelt
}

/// The problem of a `newsletter.toml` with errors: nothing can be sent with it.
pub fn settings_problem(findings: &Findings) -> Option<Problem> {
    let mut findings = findings.clone();
    findings.retain(|finding| finding.severity == Severity::Error);
    findings.has_errors().then(|| Problem {
        about: config::FILE.to_owned(),
        stage: Stage::Far,
        message: "nothing can be sent before newsletter.toml is corrected".to_owned(),
        hint: None,
        findings,
        is_daily: false,
    })
}

fn list_problem(findings: Findings) -> Option<Problem> {
    findings.has_errors().then(|| Problem {
        about: "subscribers.toml".to_owned(),
        stage: Stage::Far,
        message: "nothing can be sent before the list is corrected".to_owned(),
        hint: None,
        findings,
        is_daily: false,
    })
}

fn stray_problems(strays: &Findings) -> Vec<Problem> {
    let problems = strays.iter().map(|finding| {
        let mut findings = Findings::new();
        findings.push(finding.clone());
        let place = finding.place.as_ref();
        let about = place.map_or_else(String::new, |place| place.source().path().to_owned());
        Problem {
            message: format!("`{about}` is not sent by the schedule"),
            about,
            stage: Stage::Far,
            hint: None,
            findings,
            is_daily: false,
        }
    });
    problems.collect()
}

fn issue_problem(
    scheduled: ScheduledIssue,
    stage: Stage,
    newsletter: &Newsletter,
    now: Timestamp,
) -> Option<Problem> {
    let (message, hint) = match scheduled.status {
        // The finding has a hint of its own.
        ScheduleStatus::Copy => {
            let message = format!("`{}` is not sent: it is a copy", scheduled.issue);
            (message, None)
        }
        _ => {
            let (message, hint) = explain(&scheduled, stage, newsletter, now)?;
            (message, Some(hint))
        }
    };
    Some(Problem {
        about: scheduled.issue,
        stage,
        message,
        hint,
        findings: scheduled.findings,
        is_daily: scheduled.status == ScheduleStatus::Unclear,
    })
}

/// Why an issue is not sent, and what to do; `None` if it is sent or waits by intention.
fn explain(
    scheduled: &ScheduledIssue,
    stage: Stage,
    newsletter: &Newsletter,
    now: Timestamp,
) -> Option<(String, String)> {
    let issue = &scheduled.issue;
    let word = escape::shell(issue);
    let time = scheduled.at.as_ref().map(|at| at.local.to_string());
    let time = time.unwrap_or_default();
    let zone = newsletter.time_zone.iana_name().unwrap_or("UTC");
    match scheduled.status {
        ScheduleStatus::Missed => Some((
            format!("`{issue}` was due at {time}, which is too long ago; it is not sent"),
            format!("send it now with `franking send {word}`, or give it another `send_at`"),
        )),
        ScheduleStatus::Unclear => Some((
            format!(
                "`send_at` of `{issue}` is not a valid date and time; the issue will not be sent"
            ),
            format!(
                "write `send_at` like `2026-12-31T09:00:00`, above the first section; the time zone is {zone}"
            ),
        )),
        ScheduleStatus::Broken => Some((
            format!("`{issue}` cannot be sent at {time}"),
            format!("`franking check {word}` shows all findings"),
        )),
        ScheduleStatus::Stopped => stopped(issue, scheduled.obstacle?),
        // The campaign was begun by hand for one subscriber, perhaps as a trial, so only the operator may continue it.
        ScheduleStatus::Held if scheduled.is_for_one && stage >= Stage::Due => Some((
            format!("`{issue}` is due, but was begun for one subscriber only"),
            format!("`franking send {word}` sends it to the others"),
        )),
        ScheduleStatus::Paused | ScheduleStatus::Held => {
            let braked = scheduled.brake.as_ref()?;
            braked
                .is_automatic
                .then(|| stopped_by_program(issue, braked))
        }
        ScheduleStatus::Begun => stuck(issue, scheduled.last_stop.as_ref()?, now),
        _ => None,
    }
}

/// Why a campaign cannot continue, and what to do. Errors of the settings and of the list are problems of their own.
fn stopped(issue: &str, obstacle: Obstacle) -> Option<(String, String)> {
    let word = escape::shell(issue);
    let file = issue::path_of(issue);
    match obstacle {
        Obstacle::NoFile => Some((
            format!(
                "`{issue}` has begun, and its file `{file}` is missing; nothing more of it is sent"
            ),
            format!(
                "restore the file or its name; or send the frozen edition with `franking resume {word} --frozen`, or end \
                 the campaign with `franking cancel {word}`"
            ),
        )),
        Obstacle::NoRelay => Some((
            format!(
                "`{issue}` has begun over a relay, and newsletter.toml has no [smtp] now; nothing more of it is sent"
            ),
            format!(
                "restore `[smtp]` in newsletter.toml, or end the campaign with `franking cancel {word}`"
            ),
        )),
        Obstacle::BrokenSettings | Obstacle::BrokenList => None,
    }
}
