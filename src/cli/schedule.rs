//! `franking schedule`

use clap::Args;

use crate::campaign::schedule::{
    MAX_LATE, Problem, ScheduleStatus, ScheduleView, ScheduledIssue, Survey,
};
use crate::cli::exit::Exit;
use crate::cli::terminal;
use crate::diag;
use crate::newsletter::config;
use crate::workspace::{Failure, Sources, Workspace};

/// How the schedule is shown.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn execute(arguments: &Arguments, workspace: &Workspace) -> Result<Exit, Failure> {
    let sources = workspace.load()?;
    tell_settings(&sources);
    let store = terminal::warned(workspace.ledger_to_read(&sources)?);
    let view = ScheduleView {
        path: &workspace.directory,
        sources: &sources,
        store: store.as_ref(),
        now: workspace.now,
        max_late: MAX_LATE,
    };
    let survey = view.survey()?;
    let rows = if arguments.json {
        format!("{}\n", json(&survey))
    } else {
        if survey.issues.is_empty() {
            terminal::say("no issue has a `send_at`, and no send is unfinished");
        }
        survey.issues.iter().map(line).collect()
    };
    let problems = view.problems(survey);
    // The findings of the settings were shown before.
    let is_shown = |problem: &&Problem| problem.about != config::FILE;
    problems.iter().filter(is_shown).for_each(print_problem);
    super::print(&rows);
    Ok(if problems.is_empty() {
        Exit::Done
    } else {
        Exit::Findings
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

fn json(survey: &Survey) -> serde_json::Value {
    let issues = survey.issues.iter().map(|scheduled| {
        let mut row = serde_json::json!({
            "issue": scheduled.issue,
            "status": scheduled.status.as_str(),
            "at": scheduled.at.as_ref().map(|at| at.instant.to_string()),
            "local": scheduled.at.as_ref().map(|at| at.local.to_string()),
        });
        if let Some(why) = scheduled.reason() {
            row["reason"] = why.into();
        }
        if !scheduled.findings.is_empty() {
            row["findings"] = diag::json(&scheduled.findings)["findings"].take();
        }
        row
    });
    issues.collect()
}
