//! One file to hand to a reviewer: the letter, its text, its checks, and nothing that has to be fetched.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::super::desk::{Good, IssueState, Project};
use super::super::mail;
use super::super::readers::{self, Chosen};
use super::super::view::{Shade, View, Width};
use super::issue::{Scene, verdict};
use super::{checks, inbox, size, strip};
use crate::diag::counted;

/// What the file may do in a browser: show itself.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// The letters that are shown: in whose light, how wide, and what they are called.
const LETTERS: [(Shade, Width, &str); 2] = [
    (Shade::Light, Width::Tablet, "At a desk"),
    (
        Shade::Dark,
        Width::LargePhone,
        "On a telephone, in the dark",
    ),
];

/// The page for one issue as one reader gets it.
pub(in super::super) fn share(desk: &Project, sheet: &IssueState, reader: &str) -> Markup {
    let view = View {
        reader: reader.to_owned(),
        ..View::default()
    };
    let good = sheet.good.as_deref();
    let scene = Scene {
        desk,
        sheet,
        view: &view,
        base: "",
        letter: good.map(|good| (good, readers::choose(good, reader))),
    };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="content-security-policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (sheet.name) " – for review" }
                style { (PreEscaped(include_str!("../desk.css"))) }
            }
            body { (body(&scene)) }
        }
    }
}

fn body(scene: &Scene<'_>) -> Markup {
    let sheet = scene.sheet;
    html! {
        header.bar {
            p { strong { (sheet.folder.newsletter.name) } }
            h1 { (super::issue::subject(scene)) }
            span.file { (sheet.name) }
        }
        main.shared {
            h2 { "In the inbox" }
            (inbox::inbox(scene))
            @if let Some((good, chosen)) = &scene.letter {
                h2 { "The letter as " (chosen.label) " reads it" }
                (letters(good, chosen))
                h2 { "Plain text" }
                pre.plain-text tabindex="0" { (good.parts(&chosen.reader).text) }
                h2 { "Size" }
                (size::size(good, &chosen.reader))
                h2 { "The send" }
                (strip::facts(scene, good))
            }
            h2 { "Checks: " (verdict(sheet)) }
            (checks::checks(sheet))
            p.quiet { (counted(sheet.findings.len(), "finding")) ". The codes of links are specimens; nobody accepts them." }
        }
    }
}

fn letters(good: &Good, chosen: &Chosen) -> Markup {
    html! {
        div.letters {
            @for (light, width, label) in LETTERS {
                @let view = View { light, width, ..View::default() };
                @let letter = mail::framed(&good.compiled.edition, &chosen.reader, &good.stamp(), &view);
                figure {
                    figcaption { (label) }
                    iframe sandbox="" title=(label) width=[width.pixels()] height="760" srcdoc=(letter) {}
                }
            }
        }
    }
}
