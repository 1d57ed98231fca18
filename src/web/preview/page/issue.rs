//! The page of one issue: its outline, its letter, and what is beside it.

use maud::{Markup, html};

use super::super::desk::{Good, IssueState, Project};
use super::super::readers::{self, Chosen};
use super::super::view::View;
use super::{bar, inbox, outline, panel, shell, strip, toolbar};
use crate::diag::{Severity, counted};
use crate::newsletter::issue;
use crate::util::escape;

/// What the parts of the page are made from.
pub(super) struct Scene<'a> {
    pub(super) desk: &'a Project,
    pub(super) sheet: &'a IssueState,
    pub(super) view: &'a View,
    pub(super) base: &'a str,
    /// The letter and its reader, if there is one to show.
    pub(super) letter: Option<(&'a Good, Chosen)>,
}

/// The page of an issue in one view of it.
pub(in super::super) fn issue(
    desk: &Project,
    sheet: &IssueState,
    view: &View,
    base: &str,
) -> Markup {
    let letter = sheet.good.as_deref();
    let scene = Scene {
        desk,
        sheet,
        view,
        base,
        letter: letter.map(|good| (good, readers::choose(good, &view.reader))),
    };
    shell(&title(sheet), base, sheet.version, &body(&scene))
}

fn title(sheet: &IssueState) -> String {
    let faults = count(sheet, Severity::Error);
    match faults {
        0 => format!("{} – preview", sheet.name),
        _ => format!("✕ {} – preview", sheet.name),
    }
}

fn body(scene: &Scene<'_>) -> Markup {
    let sheet = scene.sheet;
    let heading = html! {
        h1 { (subject(scene)) }
        span.file { (issue::path_of(&sheet.name)) }
        p #state role="status" data-live { "Up to date" }
        button.quiet #keys type="button" hidden { "Keys " kbd { "?" } }
    };
    html! {
        a.skip href="#letter" { "Skip to the letter" }
        (bar(sheet, scene.base, &heading))
        main.desk {
            (outline::outline(scene))
            section.centre #letter tabindex="-1" aria-label="The letter" {
                (inbox::inbox(scene))
                (toolbar::toolbar(scene))
                (notice(scene))
                (stage(scene))
                (toolbar::variants(scene))
            }
            (panel::panel(scene))
        }
        (strip::strip(scene))
        (toolbar::keys())
    }
}

/// The subject as the reader gets it.
pub(super) fn subject(scene: &Scene<'_>) -> String {
    match &scene.letter {
        Some((good, chosen)) => good.parts(&chosen.reader).subject,
        None => scene.sheet.name.clone(),
    }
}

/// What a screen reader hears when it changes: whether the letter is this version's, and what is wrong.
fn notice(scene: &Scene<'_>) -> Markup {
    let sheet = scene.sheet;
    let errors = count(sheet, Severity::Error);
    let warnings = count(sheet, Severity::Warning);
    let class = match (errors, warnings) {
        (0, 0) => "notice good",
        (0, _) => "notice warning",
        _ => "notice error",
    };
    let chosen = scene.letter.as_ref().map(|(_, chosen)| chosen);
    html! {
        div class=(class) #notice role="status" aria-live="polite" {
            p {
                @if sheet.is_stale && scene.letter.is_some() {
                    strong { "This is the last letter that could be composed." } " "
                } @else if sheet.is_stale {
                    strong { "No letter can be composed yet." } " "
                }
                (verdict(sheet)) "."
            }
            @if errors > 0 {
                ul {
                    @for finding in sheet.findings.iter().filter(|f| f.severity == Severity::Error).take(5) {
                        li {
                            @if let Some(place) = &finding.place { code { (place) } " " }
                            (finding.message)
                        }
                    }
                }
            }
            @if let Some(warning) = chosen.and_then(|chosen| chosen.warning.as_ref()) { p { (warning) } }
            @if let Some(badge) = scene.view.light.badge() { p.badge { (badge) } }
        }
    }
}

/// `2 errors, 1 warning`
pub(super) fn verdict(sheet: &IssueState) -> String {
    let errors = count(sheet, Severity::Error);
    let warnings = count(sheet, Severity::Warning);
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

/// The letter in its frame. The frame runs no script; our own reads where it is scrolled to.
fn stage(scene: &Scene<'_>) -> Markup {
    let sheet = scene.sheet;
    let class = if sheet.is_stale {
        "stage stale"
    } else {
        "stage"
    };
    let width = scene.view.width.pixels();
    html! {
        div class=(class) #stage {
            @if let Some((_, chosen)) = &scene.letter {
                iframe #mail sandbox="allow-same-origin" title={ "The letter as " (chosen.label) " reads it" }
                    width=[width] data-width=(scene.view.width.word()) src=(frame(scene)) {}
            } @else {
                p.empty { "The letter appears here as soon as the file can be read." }
            }
        }
    }
}

/// Where the frame's document is: the version is in it, so that it is asked for again.
fn frame(scene: &Scene<'_>) -> String {
    let query = scene.view.query();
    let separator = if query.is_empty() { '?' } else { '&' };
    format!(
        "{}/mail/{}{query}{separator}version={}",
        scene.base,
        escape::url_segment(&scene.sheet.name),
        scene.sheet.version
    )
}

pub(super) fn count(sheet: &IssueState, severity: Severity) -> usize {
    let findings = sheet.findings.iter();
    findings.filter(|f| f.severity == severity).count()
}
