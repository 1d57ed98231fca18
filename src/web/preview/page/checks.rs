//! The tab with the findings of `franking check`.

use std::path::Path;

use maud::{Markup, html};

use super::super::project::PreviewState;
use super::weight;
use crate::diag::{Finding, counted, draw, explain};

pub(super) fn checks(issue: &PreviewState) -> Markup {
    html! {
        @if issue.findings.is_empty() { p.empty { "No findings. The issue can be sent." } }
        ol.findings {
            @for finding in &issue.findings { li { (one(finding)) } }
        }
        @if issue.allowed > 0 {
            p.quiet { (counted(issue.allowed, "finding")) " allowed in newsletter.toml." }
        }
    }
}

fn one(finding: &Finding) -> Markup {
    html! {
        h3 { (weight(finding.severity)) " " (finding.message) }
        p.place {
            @if let Some(place) = &finding.place { code { (place) } " " }
            code.quiet { (finding.code) }
        }
        @if finding.place.is_some() { pre.drawn tabindex="0" { (drawn(finding)) } }
        @if let Some(hint) = &finding.hint { p { "→ " (hint) } }
        @if let Some(contributor) = &finding.contributor { p.quiet { "Delivered by " (contributor) "." } }
        @if let Some(explanation) = explain(finding.code) {
            details {
                summary { "Why" }
                p { (explanation.means) }
                p { (explanation.fix) }
            }
        }
    }
}

/// The source lines with the location marked; without message, location and hint, which the page shows itself.
fn drawn(finding: &Finding) -> String {
    let drawn = draw(finding, Path::new(""), false);
    let lines = drawn.lines().skip(2);
    let lines = lines.filter(|line| !line.starts_with("hint:") && !line.starts_with("note:"));
    lines.collect::<Vec<_>>().join("\n")
}
