//! The report for a reviewer: one file with the message, its text and its findings, which makes no requests.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::super::message_frame;
use super::super::project::{Good, PreviewState, Project};
use super::super::subscribers::{self, Chosen};
use super::super::view::{Shade, View, Width};
use super::scene::{Scene, verdict};
use super::{checks, inbox, send_summary, size};
use crate::diag::counted;

/// The policy of the file: no scripts and no requests.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// The views of the message: colour scheme, width and caption.
const FRAMES: [(Shade, Width, &str); 2] = [
    (Shade::Light, Width::Tablet, "On a desktop"),
    (Shade::Dark, Width::LargePhone, "On a phone, in dark mode"),
];

/// The report about an issue with one subscriber's message.
pub(in super::super) fn share(project: &Project, issue: &PreviewState, subscriber: &str) -> Markup {
    let view = View {
        recipient: subscriber.to_owned(),
        ..View::default()
    };
    let good = issue.good.as_deref();
    let scene = Scene {
        project,
        issue,
        view: &view,
        base: "",
        message: good.map(|good| (good, subscribers::choose(good, subscriber))),
    };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="content-security-policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (issue.name) " – for review" }
                style { (PreEscaped(include_str!("../preview.css"))) }
            }
            body { (body(&scene)) }
        }
    }
}

fn body(scene: &Scene<'_>) -> Markup {
    let issue = scene.issue;
    html! {
        header.bar {
            p { strong { (issue.sources.newsletter.name) } }
            h1 { (super::scene::subject(scene)) }
            span.file { (issue.name) }
        }
        main.shared {
            h2 { "In the inbox" }
            (inbox::inbox(scene))
            @if let Some((good, chosen)) = &scene.message {
                h2 { "Message for " (chosen.label) }
                (messages(good, chosen))
                h2 { "Plain text" }
                pre.plain-text tabindex="0" { (good.parts(&chosen.subscriber).text) }
                h2 { "Size" }
                (size::size(good, &chosen.subscriber))
                h2 { "Send" }
                (send_summary::facts(scene, good))
            }
            h2 { "Checks: " (verdict(issue)) }
            (checks::checks(issue))
            p.quiet { (counted(issue.findings.len(), "finding")) ". The tokens in links are specimens and are not valid." }
        }
    }
}

fn messages(good: &Good, chosen: &Chosen) -> Markup {
    html! {
        div.messages {
            @for (light, width, label) in FRAMES {
                @let view = View { light, width, ..View::default() };
                @let message = message_frame::framed(&good.compiled.edition, &chosen.subscriber, &good.options(), &view);
                figure {
                    figcaption { (label) }
                    iframe sandbox="" title=(label) width=[width.pixels()] height="760" srcdoc=(message) {}
                }
            }
        }
    }
}
