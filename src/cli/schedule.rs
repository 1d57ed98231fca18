//! `franking schedule`

use clap::Args;

use crate::campaign::schedule::{MAX_LATE, Problem, ScheduleStatus, ScheduleView, ScheduledIssue};
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::diag;
use crate::newsletter::config;
use crate::workspace::{Failure, Sources, Workspace};

/// How the schedule is shown.
#[derive(Debug, Args)]
pub(super) struct ScheduleArguments {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(
    arguments: &ScheduleArguments,
    workspace: &Workspace,
) -> Result<Exit, Failure> {
    let sources = workspace.load()?;
    tell_settings(&sources);
    let found = workspace.ledger_to_read(&sources)?;
    let is_last_ledger = found.warnings.is_empty();
    let store = terminal::warned(found);
    let view = ScheduleView {
        path: &workspace.directory,
        sources: &sources,
        store: store.as_ref(),
        now: workspace.now,
        max_late: MAX_LATE,
    };
    let survey = view.survey()?;
    let issues = survey.issues.clone();
    let problems = view.problems(survey);
    let rows = if arguments.json {
        format!("{}\n", json(&issues, &problems))
    } else {
        if issues.is_empty() {
            terminal::say("no issue has a `send_at`, and no send is unfinished");
        }
        issues.iter().map(line).collect()
    };
    // The findings of the settings were shown before.
    let is_shown = |problem: &&Problem| problem.about != config::FILE;
    problems.iter().filter(is_shown).for_each(print_problem);
    super::print(&rows);
    Ok(match problems.is_empty() && is_last_ledger {
        true => Exit::Done,
        false => Exit::Findings,
    })
}

/// Shows the findings of the settings, as `check` does.
fn tell_settings(sources: &Sources) {
    let mut findings = sources.findings.clone();
    findings.allow(|code| sources.newsletter.allow.contains_key(code));
    terminal::findings(&findings);
}

/// Prints a problem: its findings, and what they mean for the schedule.
pub(super) fn print_problem(problem: &Problem) {
    terminal::findings(&problem.findings);
    terminal::failure(&problem.message, &[], problem.hint.as_deref());
}

/// `waiting  2026-11  2026-11-30T09:00:00 CET  2026-11-30T08:00:00Z`
fn line(scheduled: &ScheduledIssue) -> String {
    let at = match &scheduled.at {
        _ if scheduled.obstacle.is_some() => scheduled.reason().unwrap_or_default(),
        Some(at) => format!("{} {}  {}", at.local, at.zone, at.instant),
        None if scheduled.status == ScheduleStatus::Unclear => {
            format!("`franking check {}` shows why", scheduled.issue)
        }
        None if scheduled.is_for_one => "begun for one recipient only".to_owned(),
        None => "begun by hand".to_owned(),
    };
    format!(
        "{:<8} {}  {at}\n",
        scheduled.status.as_str(),
        scheduled.issue
    )
}

/// Why the issue is not sent: what its campaign lacks, its problem, or its brake.
fn reason(scheduled: &ScheduledIssue, problems: &[Problem]) -> Option<String> {
    let mut problems = problems.iter();
    let problem = problems.find(|problem| problem.about == scheduled.issue);
    let brake = scheduled.brake.as_ref().map(|braked| braked.why.clone());
    scheduled
        .reason()
        .or_else(|| problem.map(|problem| problem.message.clone()))
        .or(brake)
}

fn json(issues: &[ScheduledIssue], problems: &[Problem]) -> serde_json::Value {
    let issues = issues.iter().map(|scheduled| {
        let mut row = serde_json::json!({
            "issue": scheduled.issue,
            "status": scheduled.status.as_str(),
            "at": scheduled.at.as_ref().map(|at| at.instant.to_string()),
            "local": scheduled.at.as_ref().map(|at| at.local.to_string()),
        });
        if let Some(why) = reason(scheduled, problems) {
            row["reason"] = why.into();
        }
        if !scheduled.findings.is_empty() {
            row["findings"] = diag::json(&scheduled.findings)["findings"].take();
        }
        row
    });
    issues.collect()
}
