//! The page of all issues, each with its state.

use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};

use super::super::project::Project;
use super::super::view::View;
use super::{address, shell};
use crate::campaign::schedule::{MAX_LATE, ScheduleStatus, status};
use crate::diag::{Findings, counted};
use crate::newsletter::issue::{self, Issue};
use crate::placeholder;
use crate::store::{Send, Store, StoreError, Totals};
use crate::util::clock;

/// The page of all issues.
pub(in super::super) fn issues(project: &Project, base: &str) -> Markup {
    let folder = project.sources();
    let version = *project.versions().borrow();
    let now = clock::now().unwrap_or(Timestamp::UNIX_EPOCH);
    let sends = sends(project);
    let issues = latest_first(project);
    let body = html! {
        header.bar {
            h1 { (folder.newsletter.name) }
            p #state role="status" data-live { "Up to date" }
        }
        main.plain #all {
            h2 { (counted(issues.len(), "issue")) }
            @if let Err(error) = &sends { p.notice.warning { (error) } }
            @if issues.is_empty() { p { "Create one with " code { "franking new NAME" } "." } }
            ul.issues {
                @for (name, read) in &issues {
                    @let send = sends.iter().flatten().find(|(send, _)| send.issue == *name);
                    li data-moving[is_under_way(send)] {
                        a href=(address(base, name, &View::default())) {
                            span.name { (name) }
                            span.subject { (subject(read.as_ref())) }
                        }
                        p { (state(read.as_ref(), send, now)) }
                    }
                }
            }
        }
    };
    shell(&folder.newsletter.name, base, version, &body)
}

/// The issues by date, the latest first; before them those that cannot be read, which need attention.
fn latest_first(project: &Project) -> Vec<(String, Option<Issue>)> {
    let newsletter = &project.sources().newsletter;
    let read = |name: String| {
        let mut ignored = Findings::new();
        let issue = issue::read(project.folder(), &name, newsletter, &mut ignored);
        (name, issue)
    };
    let names = issue::names(project.folder()).into_iter();
    let mut issues: Vec<(String, Option<Issue>)> = names.map(read).collect();
    let date = |issue: &Option<Issue>| issue.as_ref().map_or(Date::MAX, |issue| issue.date);
    issues.sort_by(|(a, one), (b, other)| (date(other), b).cmp(&(date(one), a)));
    issues
}

/// Every send with its totals; none without a ledger.
fn sends(project: &Project) -> Result<Vec<(Send, Totals)>, StoreError> {
    let folder = project.sources();
    let Some(store) = Store::existing_to_read(&folder.newsletter.store, project.folder())? else {
        return Ok(Vec::new());
    };
    let sends = store.sends()?.into_iter();
    sends
        .map(|send| store.totals(&send).map(|totals| (send, totals)))
        .collect()
}

/// The subject as the editor wrote it, placeholders and all.
fn subject(issue: Option<&Issue>) -> String {
    let Some(issue) = issue else {
        return "This file has errors; open it to see them.".to_owned();
    };
    let runs = placeholder::runs(&issue.subject).into_iter();
    runs.map(
        |(run, is_placeholder)| match issue.placeholders.at_head(run) {
            Some(placeholder) if is_placeholder => format!("{{{{ {} }}}}", placeholder.name),
            _ => run.to_owned(),
        },
    )
    .collect()
}

fn state(issue: Option<&Issue>, send: Option<&(Send, Totals)>, now: Timestamp) -> Markup {
    let at = issue.and_then(|issue| issue.send_at.as_ref());
    let word = match status(
        at.map(|at| at.instant),
        send.map(|(send, _)| send),
        now,
        MAX_LATE,
    ) {
        ScheduleStatus::Unclear => "draft",
        ScheduleStatus::Waiting => "scheduled",
        ScheduleStatus::Begun => "sending",
        other => other.as_str(),
    };
    html! {
        span.state data-state=(word) { (word) }
        @if let (Some(at), None) = (at, send) { " for " (at.local.strftime("%a %-d %b %Y, %H:%M")) " " (at.zone) }
        @if let Some((_, totals)) = send { ": " (summary(totals)) }
    }
}

/// Whether a send is in progress, so that its totals change without a change of any file.
fn is_under_way(send: Option<&(Send, Totals)>) -> bool {
    send.is_some_and(|(send, _)| send.finished_at.is_none())
}

/// `20 of 25 accepted, 1 refused, 4 excluded`
fn summary(totals: &Totals) -> String {
    let mut text = format!("{} of {} accepted", totals.accepted, totals.recipients());
    for (count, what) in [
        (totals.refused, "refused"),
        (totals.excluded, "excluded"),
        (totals.deferred, "deferred"),
        (totals.uncertain, "uncertain"),
        (totals.untried, "untried"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    text
}
