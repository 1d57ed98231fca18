//! The problems that `send --due` has reported. A problem is reported when it is new, when it changes and when the `send_at`
//! of its issue approaches; in between, it does not fail a run. A problem whose time is unknown is reported every 24
//! hours.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::compile::edition;
use crate::diag::Findings;
use crate::util::fs;

/// How soon an issue is to be sent. A problem is reported once in each stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// More than a day away, or unknown.
    Far,
    /// Less than a day away.
    Day,
    /// Less than an hour away.
    Hour,
    /// Now.
    Due,
    /// Longer ago than an issue may be late.
    Missed,
}

impl Stage {
    /// The stage of an issue with the `send_at` `at`.
    pub fn of(at: Option<Timestamp>, now: Timestamp, max_late: SignedDuration) -> Self {
        let Some(left) = at.map(|at| at.duration_since(now)) else {
            return Self::Far;
        };
        match left {
            left if -left > max_late => Self::Missed,
            left if !left.is_positive() => Self::Due,
            left if left <= SignedDuration::from_hours(1) => Self::Hour,
            left if left <= SignedDuration::from_hours(24) => Self::Day,
            _ => Self::Far,
        }
    }
}

/// What is stored about a reported problem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Reported {
    stage: Stage,
    /// The digest of the problem's text.
    said: String,
    /// When it was reported last, in Unix seconds, if it is reported daily.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reported_at: Option<i64>,
}

impl Reported {
    /// Whether a problem that is reported daily was reported a day ago or more.
    fn is_a_day_old(&self, now: Timestamp) -> bool {
        let day = SignedDuration::from_hours(24).as_secs();
        self.reported_at
            .is_none_or(|reported_at| now.as_second() - reported_at >= day)
    }
}

/// A problem that the operator has to solve, found by a run of `send --due`.
#[derive(Debug, Serialize)]
pub struct Problem {
    /// The name of the issue, or the file.
    pub about: String,
    /// How soon the issue is due.
    #[serde(skip)]
    pub stage: Stage,
    /// The effect on the schedule.
    pub message: String,
    /// How to solve it.
    pub hint: Option<String>,
    /// The findings about the files.
    #[serde(skip)]
    pub findings: Findings,
    /// Whether it is reported every 24 hours, because the `send_at` of its issue is unknown.
    #[serde(skip)]
    pub is_daily: bool,
}

impl Problem {
    /// The digest of its text, without the lines of the findings: a finding that only moves is not new.
    fn digest(&self) -> String {
        let findings = self.findings.iter();
        let said = findings.map(|finding| format!("\n{} {}", finding.code, finding.message));
        let said = self.message.clone() + &said.collect::<String>();
        edition::digest_of(said.as_bytes())[..16].to_owned()
    }
}

/// The problems that were reported, by [`Problem::about`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reports(BTreeMap<String, Reported>);

impl Reports {
    /// Reads the file at `path`. If it is missing or damaged, all problems are reported again.
    pub fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Stores `problems` instead of the earlier ones, and returns which of them are to be reported now. A problem that was
    /// solved and occurs again is new.
    pub fn note(&mut self, problems: &[Problem], now: Timestamp) -> Vec<bool> {
        let before = std::mem::take(&mut self.0);
        let each = problems.iter().map(|problem| {
            let said = problem.digest();
            let known = before.get(&problem.about);
            let is_new = known.is_none_or(|known| {
                known.said != said
                    || known.stage < problem.stage
                    || (problem.is_daily && known.is_a_day_old(now))
            });
            let reported_at = match is_new {
                true => Some(now.as_second()),
                false => known.and_then(|known| known.reported_at),
            };
            let reported = Reported {
                stage: problem.stage,
                said,
                reported_at: reported_at.filter(|_| problem.is_daily),
            };
            self.0.insert(problem.about.clone(), reported);
            is_new
        });
        each.collect()
    }

    /// Records a problem that has been reported elsewhere.
    pub fn add(&mut self, problem: &Problem) {
        let reported = Reported {
            stage: problem.stage,
            said: problem.digest(),
            reported_at: None,
        };
        self.0.insert(problem.about.clone(), reported);
    }

    /// Writes the problems to the file at `path`.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let bytes = serde_json::to_vec(self).expect("reports can be serialized");
        fs::write_secret(path, &bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(stage: Stage, said: &str) -> [Problem; 1] {
        [Problem {
            about: "a".to_owned(),
            stage,
            message: said.to_owned(),
            hint: None,
            findings: Findings::new(),
            is_daily: false,
        }]
    }

    #[test]
    fn a_problem_is_reported_when_it_is_new_changes_or_comes_near() {
        let now = Timestamp::UNIX_EPOCH;
        let mut reports = Reports::default();
        let steps = [
            (Stage::Far, "x", true),
            (Stage::Far, "x", false),
            (Stage::Far, "y", true),
            (Stage::Day, "y", true),
            (Stage::Day, "y", false),
            (Stage::Hour, "y", true),
            (Stage::Due, "y", true),
            (Stage::Due, "y", false),
            (Stage::Missed, "y", true),
            (Stage::Missed, "y", false),
        ];
        for (stage, said, expected) in steps {
            assert_eq!(
                reports.note(&problem(stage, said), now),
                [expected],
                "{stage:?} {said}"
            );
        }
        assert!(reports.note(&[], now).is_empty());
        assert_eq!(reports.note(&problem(Stage::Missed, "y"), now), [true]);
    }

    #[test]
    fn a_stage_begins_a_day_and_an_hour_before_the_moment() {
        let at: Timestamp = "2026-11-30T08:00:00Z".parse().unwrap();
        let late = SignedDuration::from_hours(6);
        let stage = |hours: i64, seconds: i64| {
            let now = at + SignedDuration::from_hours(hours) + SignedDuration::from_secs(seconds);
            Stage::of(Some(at), now, late)
        };
        assert_eq!(stage(-24, -1), Stage::Far);
        assert_eq!(stage(-24, 0), Stage::Day);
        assert_eq!(stage(-1, 0), Stage::Hour);
        assert_eq!(stage(0, 0), Stage::Due);
        assert_eq!(stage(6, 0), Stage::Due);
        assert_eq!(stage(6, 1), Stage::Missed);
        assert_eq!(Stage::of(None, at, late), Stage::Far);
    }
}
