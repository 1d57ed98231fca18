//! The data of an issue's page, from which all its parts are built.

use super::super::project::{Good, PreviewState, Project};
use super::super::subscribers::Chosen;
use super::super::view::View;
use crate::diag::{Severity, counted};

/// The issue, the options in the URL, and the message to show.
pub(super) struct Scene<'a> {
    pub(super) project: &'a Project,
    pub(super) issue: &'a PreviewState,
    pub(super) view: &'a View,
    pub(super) base: &'a str,
    /// The last good version of the issue and the chosen recipient, if it has ever compiled.
    pub(super) message: Option<(&'a Good, Chosen)>,
}

/// The subject of the recipient's message; the issue's name if there is no message.
pub(super) fn subject(scene: &Scene<'_>) -> String {
    match &scene.message {
        Some((good, chosen)) => good.parts(&chosen.subscriber).subject,
        None => scene.issue.name.clone(),
    }
}

/// `2 errors, 1 warning`
pub(super) fn verdict(issue: &PreviewState) -> String {
    let errors = count(issue, Severity::Error);
    let warnings = count(issue, Severity::Warning);
    match (errors, warnings) {
        (0, 0) => "no errors and no warnings".to_owned(),
        (0, _) => counted(warnings, "warning"),
        (_, 0) => counted(errors, "error"),
        _ => format!(
            "{}, {}",
            counted(errors, "error"),
            counted(warnings, "warning")
        ),
    }
}

pub(super) fn count(issue: &PreviewState, severity: Severity) -> usize {
    let findings = issue.findings.iter();
    findings.filter(|f| f.severity == severity).count()
}
