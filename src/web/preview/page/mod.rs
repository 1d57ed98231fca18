//! The pages of the preview as HTML. Links and forms work without the script; the script adds live updates and keys.

mod changes;
mod checks;
mod inbox;
mod issue;
mod issues;
mod outline;
mod panel;
mod scene;
mod send_summary;
mod share;
mod size;
mod test_send;
mod thumbnails;
mod toolbar;

pub(super) use issue::issue;
pub(super) use issues::issues;
pub(super) use panel::message_for;
pub(super) use share::share;
pub(super) use test_send::{confirm_test, test_result};
pub(super) use toolbar::suggestions;

use maud::{DOCTYPE, Markup, html};

use super::project::{PreviewState, Project};
use super::view::View;
use crate::diag::Severity;
use crate::util::escape;

/// The document around a page's body. `base` is the path of all routes, with the secret.
fn shell(title: &str, base: &str, version: u64, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                // Without it, a browser requests /favicon.ico.
                link rel="icon" href="data:,";
                link rel="stylesheet" href={ (base) "/preview.css" };
                script defer src={ (base) "/preview.js" } {}
            }
            body data-base=(base) data-version=(version) { (body) }
        }
    }
}

/// The header: a link to all issues, and the content of the page's own.
fn bar(issue: &PreviewState, base: &str, content: &Markup) -> Markup {
    html! {
        header.bar {
            a.home href={ (base) "/" } { (issue.sources.newsletter.name) }
            (content)
        }
    }
}

/// The page for an issue that does not exist.
pub(super) fn not_found(project: &Project, name: &str, base: &str) -> Markup {
    let folder = project.sources();
    let version = *project.versions().borrow();
    let body = html! {
        header.bar { a.home href={ (base) "/" } { (folder.newsletter.name) } }
        main.plain {
            h1 { "There is no issue “" (name) "”" }
            p { "It may have been renamed or removed. " a href={ (base) "/" } { "All issues" } }
        }
    };
    shell("No such issue", base, version, &body)
}

/// The URL of an issue's page with some options.
fn address(base: &str, name: &str, view: &View) -> String {
    format!("{base}/issue/{}{}", escape::url_segment(name), view.query())
}

/// The icon of a severity, with its name for screen readers.
fn weight(severity: Severity) -> Markup {
    html! {
        span class={ "weight " (severity) } {
            span aria-hidden="true" { (sign(severity)) } span.unseen { (severity) }
        }
    }
}

/// The sign that stands for a severity.
fn sign(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "✕",
        Severity::Warning => "!",
        Severity::Note => "i",
    }
}

/// `26,326`
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
