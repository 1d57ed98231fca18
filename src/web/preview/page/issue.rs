//! The page of one issue: outline, message and details.

use maud::{Markup, html};

use super::super::project::{PreviewState, Project};
use super::super::subscribers;
use super::super::view::View;
use super::scene::{Scene, count, subject, verdict};
use super::{bar, inbox, outline, panel, send_summary, shell, thumbnails, toolbar};
use crate::diag::{Finding, Severity};
use crate::newsletter::issue;
use crate::util::escape;

/// The most errors above the message; the tab lists all.
const MAX_ERRORS: usize = 5;

/// The page of an issue with the options in its URL.
pub(in super::super) fn issue(
    project: &Project,
    issue: &PreviewState,
    view: &View,
    base: &str,
) -> Markup {
    let message = issue.good.as_deref();
    let scene = Scene {
        project,
        issue,
        view,
        base,
        message: message.map(|good| (good, subscribers::choose(good, &view.recipient))),
    };
    shell(&title(issue), base, issue.version, &body(&scene))
}

fn title(issue: &PreviewState) -> String {
    match count(issue, Severity::Error) {
        0 => format!("{} – preview", issue.name),
        _ => format!("✕ {} – preview", issue.name),
    }
}

fn body(scene: &Scene<'_>) -> Markup {
    let issue = scene.issue;
    let heading = html! {
        h1 { (subject(scene)) }
        span.file { (issue::path_of(&issue.name)) }
        (state(scene))
        button.quiet #keys type="button" hidden { "Keys " kbd { "?" } }
    };
    html! {
        a.skip href="#message" { "Skip to the message" }
        (bar(issue, scene.base, &heading))
        main.issue {
            (outline::outline(scene))
            section.centre #message tabindex="-1" aria-label="Message" {
                (inbox::inbox(scene))
                (toolbar::toolbar(scene))
                (notice(scene))
                (stage(scene))
                (thumbnails::thumbnails(scene))
            }
            (panel::panel(scene))
        }
        (send_summary::send_summary(scene))
        (toolbar::keys())
    }
}

/// Whether the message is that of the files.
fn state(scene: &Scene<'_>) -> Markup {
    let (word, text) = match (scene.issue.is_stale, scene.message.is_some()) {
        (false, _) => (None, "Up to date"),
        (true, true) => (Some("stale"), "Not up to date: the file has errors"),
        (true, false) => (Some("stale"), "The file has errors"),
    };
    html! { p #state role="status" data-live data-state=[word] { (text) } }
}

/// The status of the issue, announced by screen readers: whether the message is up to date, the errors, and remarks on the
/// view.
fn notice(scene: &Scene<'_>) -> Markup {
    let issue = scene.issue;
    let errors = count(issue, Severity::Error);
    let warnings = count(issue, Severity::Warning);
    let class = match (errors, warnings) {
        (0, 0) => "notice good",
        (0, _) => "notice warning",
        _ => "notice error",
    };
    let chosen = scene.message.as_ref().map(|(_, chosen)| chosen);
    html! {
        div class=(class) #notice role="status" aria-live="polite" {
            p {
                @if issue.is_stale && scene.message.is_some() {
                    strong { "The file has errors. This is the last version that compiled." } " "
                } @else if issue.is_stale {
                    strong { "The issue has not compiled yet." } " "
                }
                (verdict(issue)) "."
            }
            (first_errors(issue))
            @if let Some(warning) = chosen.and_then(|chosen| chosen.warning.as_ref()) { p { (warning) } }
            @if let Some(badge) = scene.view.light.badge() { p.badge { (badge) } }
        }
    }
}

fn first_errors(issue: &PreviewState) -> Markup {
    let findings = issue.findings.iter();
    let errors = findings.filter(|finding| finding.severity == Severity::Error);
    let errors: Vec<&Finding> = errors.take(MAX_ERRORS).collect();
    html! {
        @if !errors.is_empty() {
            ul {
                @for finding in errors {
                    li {
                        @if let Some(place) = &finding.place { code { (place) } " " }
                        (finding.message)
                    }
                }
            }
        }
    }
}

/// The message in its frame. The frame runs no scripts; the script of the page reads its scroll position.
fn stage(scene: &Scene<'_>) -> Markup {
    let issue = scene.issue;
    let class = if issue.is_stale {
        "stage stale"
    } else {
        "stage"
    };
    let width = scene.view.width.pixels();
    html! {
        div class=(class) #stage {
            @if let Some((_, chosen)) = &scene.message {
                iframe #mail sandbox="allow-same-origin" title={ "Message for " (chosen.label) }
                    width=[width] data-width=(scene.view.width.word()) src=(frame(scene)) {}
            } @else {
                p.empty { "The message will appear here when the file has no errors." }
            }
        }
    }
}

/// The URL of the framed message. It contains the version, so that the frame reloads after a change.
fn frame(scene: &Scene<'_>) -> String {
    let query = scene.view.query();
    let separator = if query.is_empty() { '?' } else { '&' };
    format!(
        "{}/mail/{}{query}{separator}version={}",
        scene.base,
        escape::url_segment(&scene.issue.name),
        scene.issue.version
    )
}
