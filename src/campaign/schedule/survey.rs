//! Everything that a timer has to know of a newsletter: what is due, what cannot be sent, what nothing reads.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::reports::{Problem, Stage};
use super::{Copy, Obstacle, ScheduleStatus, ScheduledIssue, copies, status};
use crate::diag::{Finding, Findings, Place, Severity, Source, nearest};
use crate::newsletter::config::{self, Newsletter};
use crate::newsletter::issue::{self, Issue, IssueIdentity};
use crate::store::{Send, Store, StoreError};
use crate::util::escape;
use crate::workspace::{self, Compiled, Sources};

/// The schedule of a newsletter, and what is wrong with it.
#[derive(Debug)]
pub struct Survey {
    /// Every issue that says when it is to be sent, and every unfinished campaign, the earliest first.
    pub issues: Vec<ScheduledIssue>,
    /// Files that look like an issue and are not read as one.
    pub strays: Findings,
    /// What is wrong with the list; nothing can be sent until it is corrected.
    pub list: Findings,
}

/// Where the newsletter is, and when it is looked at.
#[derive(Debug, Clone, Copy)]
pub struct ScheduleView<'a> {
    /// The newsletter's directory.
    pub path: &'a Path,
    /// Its files.
    pub sources: &'a Sources,
    /// Its ledger, if a campaign has made one.
    pub store: Option<&'a Store>,
    /// The moment.
    pub now: Timestamp,
    /// How late an issue may begin.
    pub max_late: SignedDuration,
}

impl ScheduleView<'_> {
    /// Looks at all issues and campaigns.
    ///
    /// # Errors
    /// When the store cannot be read.
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

    /// `None` for a draft that says nothing of its moment, and for what was sent by hand.
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
            findings,
        })
    }

    /// What keeps a campaign of `issue` from going on.
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

    /// Checks the issues that are to be sent: a `Broken` one has errors, a `Copy` is one of another issue. What is
    /// wrong with the list is wrong with all of them, and with the campaigns that have begun.
    fn examine(
        &self,
        issues: &mut [ScheduledIssue],
        copies: &[Copy],
    ) -> Result<Findings, StoreError> {
        let is_ahead = |scheduled: &&ScheduledIssue| {
            let ahead = [
                ScheduleStatus::Waiting,
                ScheduleStatus::Due,
                ScheduleStatus::Missed,
            ];
            ahead.contains(&scheduled.status)
        };
        let names = issues.iter().filter(is_ahead);
        let names: Vec<String> = names.map(|scheduled| scheduled.issue.clone()).collect();
        let has_begun = issues
            .iter()
            .any(|scheduled| scheduled.status == ScheduleStatus::Begun);
        let mut list = Findings::new();
        if names.is_empty() && !has_begun {
            return Ok(list);
        }
        let (each, _) = workspace::each_issue(self.path, self.sources, &names, &mut list);
        let is_error = |finding: &Finding| finding.severity == Severity::Error;
        list.retain(is_error);
        let begun = issues.iter_mut();
        for scheduled in
            begun.filter(|scheduled| scheduled.status == ScheduleStatus::Begun && list.has_errors())
        {
            scheduled.status = ScheduleStatus::Stopped;
            scheduled.obstacle = Some(Obstacle::BrokenList);
        }
        let ahead = issues
            .iter_mut()
            .filter(|scheduled| is_ahead(&&**scheduled));
        for (scheduled, (compiled, mut findings)) in ahead.zip(each) {
            findings.retain(is_error);
            let is_broken =
                findings.has_errors() || list.has_errors() || self.sources.findings.has_errors();
            let copied = self.copied(compiled.as_ref(), scheduled, copies)?;
            scheduled.status = match scheduled.status {
                _ if copied.is_some() => ScheduleStatus::Copy,
                ScheduleStatus::Missed => ScheduleStatus::Missed,
                _ if is_broken => ScheduleStatus::Broken,
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
        let mut copies = copies.iter().filter(|copy| copy.is_left_alone());
        if let Some(copy) = copies.find(|copy| copy.head.name == scheduled.issue) {
            return Ok(Some(copy.finding()));
        }
        let (Some(store), Some(compiled)) = (self.store, compiled) else {
            return Ok(None);
        };
        let earlier = copies::of_campaigns(self.path, store, compiled, &self.sources.newsletter)?;
        Ok(earlier.map(|earlier| earlier.finding(&IssueIdentity::of(&compiled.issue))))
    }

    /// What a person has to solve.
    pub fn problems(&self, survey: Survey) -> Vec<Problem> {
        let mut problems = Vec::new();
        problems.extend(settings_problem(&self.sources.findings));
        problems.extend(list_problem(survey.list));
        let newsletter = &self.sources.newsletter;
        for scheduled in survey.issues {
            let at = scheduled.at.as_ref().map(|at| at.instant);
            let stage = match scheduled.status {
                // It is not late by what it waits for.
                ScheduleStatus::Stopped => Stage::Due,
                _ => Stage::of(at, self.now, self.max_late),
            };
            problems.extend(issue_problem(scheduled, stage, newsletter));
        }
        problems.extend(stray_problems(&survey.strays));
        problems
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

/// Whether an issue without a moment was meant to have none. It was not, if the file has a `send_at` that cannot be
/// read or stands in a section, or a key at its head that is unknown and may be one.
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

/// What is wrong with `newsletter.toml`, if nothing can be sent with it.
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
) -> Option<Problem> {
    let word = escape::shell(&scheduled.issue);
    let ScheduledIssue {
        issue,
        at,
        status,
        is_for_one,
        obstacle,
        findings,
    } = scheduled;
    let moment = at.map(|at| at.local.to_string()).unwrap_or_default();
    let zone = newsletter.time_zone.iana_name().unwrap_or("UTC");
    if status == ScheduleStatus::Copy {
        // What to do about it is the hint of its finding.
        return Some(Problem {
            message: format!("`{issue}` is not sent: it is a copy"),
            about: issue,
            stage,
            hint: None,
            findings,
            is_daily: false,
        });
    }
    let (message, hint) = match status {
        ScheduleStatus::Missed => (
            format!("`{issue}` was due at {moment} and is too late now; it is not sent"),
            format!("send it now with `franking send {word}`, or give it another `send_at`"),
        ),
        ScheduleStatus::Unclear => (
            format!("the moment of `{issue}` cannot be read; it is not sent"),
            format!(
                "`send_at` is written like `2026-12-31T09:00:00`, above the first section; the time zone is {zone}"
            ),
        ),
        ScheduleStatus::Broken => (
            format!("`{issue}` cannot be sent at {moment}"),
            format!("`franking check {word}` shows all findings"),
        ),
        ScheduleStatus::Stopped => obstacle.and_then(|obstacle| stopped(&issue, obstacle))?,
        // Sent by hand to one subscriber, perhaps to look at it: whether the others get that edition is not for a
        // timer to decide.
        ScheduleStatus::Held if is_for_one && stage >= Stage::Due => (
            format!("`{issue}` is due, and was begun for one subscriber alone"),
            format!("`franking send {word}` sends it to the others"),
        ),
        _ => return None,
    };
    Some(Problem {
        about: issue,
        stage,
        message,
        hint: Some(hint),
        findings,
        is_daily: status == ScheduleStatus::Unclear,
    })
}

/// What is wrong with a campaign that cannot go on, and what to do. Errors of the settings and of the list are
/// problems of their own.
fn stopped(issue: &str, obstacle: Obstacle) -> Option<(String, String)> {
    let word = escape::shell(issue);
    let file = issue::path_of(issue);
    match obstacle {
        Obstacle::NoFile => Some((
            format!(
                "`{issue}` has begun, and its file `{file}` is gone; nothing more of it is sent"
            ),
            format!(
                "put the file back, or rename it back; or `franking resume {word} --frozen` sends the frozen edition, `franking cancel \
                 {word}` ends it"
            ),
        )),
        Obstacle::NoRelay => Some((
            format!(
                "`{issue}` has begun over a relay, and newsletter.toml has no [smtp] now; nothing more of it is sent"
            ),
            format!("put `[smtp]` back into newsletter.toml; or `franking cancel {word}` ends it"),
        )),
        Obstacle::BrokenSettings | Obstacle::BrokenList => None,
    }
}
