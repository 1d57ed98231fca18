//! What is beside the letter: one of eight views of what is sent.

use maud::{Markup, html};

use super::super::desk::Good;
use super::super::view::{Choice, Tab};
use super::issue::{Scene, count};
use super::{address, changes, checks, size, thousands};
use crate::diag::Severity;
use crate::message::{self, Message, MessageOptions, Parts};
use crate::newsletter::config::Dkim;
use crate::subscriber::Subscriber;
use crate::util::escape;

/// The most of a message that is shown in the page, in octets; the file has all of it.
const MOST_SHOWN: usize = 256 << 10;

/// The message for `reader`, as it will leave: signed, where there is a key.
pub(in super::super) fn letter_for(good: &Good, reader: &Subscriber) -> Result<Message, String> {
    let publication = &good.folder.newsletter;
    let stamp = MessageOptions {
        signer: publication.dkim.as_ref().and_then(Dkim::signer),
        ..good.stamp()
    };
    message::write(&good.compiled.edition, reader, &stamp).map_err(|error| error.to_string())
}

pub(super) fn panel(scene: &Scene<'_>) -> Markup {
    let current = scene.view.tab;
    html! {
        section.panel #panel aria-label=(Tab::LABEL) {
            nav.tabs aria-label=(Tab::LABEL) {
                ul {
                    @for (tab, _, label, key) in Tab::ALL {
                        @let to = scene.view.with(|view| view.tab = *tab);
                        li {
                            a href=(address(scene.base, &scene.sheet.name, &to)) data-key=(key) title={ "Key " (key) }
                                aria-current=[(*tab == current).then_some("page")] {
                                (label)
                                @if *tab == Tab::Checks { (badge(scene)) }
                            }
                        }
                    }
                }
            }
            div.tab tabindex="0" role="region" aria-label=(label(current)) { (tab(scene)) }
        }
    }
}

fn label(tab: Tab) -> &'static str {
    let found = Tab::ALL.iter().find(|one| one.0 == tab);
    found.map_or("", |one| one.2)
}

/// How many faults there are, beside the word.
fn badge(scene: &Scene<'_>) -> Markup {
    let faults = count(scene.sheet, Severity::Error) + count(scene.sheet, Severity::Warning);
    html! { @if faults > 0 { " " span.badge { (faults) } } }
}

fn tab(scene: &Scene<'_>) -> Markup {
    if scene.view.tab == Tab::Checks {
        return checks::checks(scene.sheet);
    }
    let Some((good, chosen)) = &scene.letter else {
        return html! { p.empty { "There is no letter yet." } };
    };
    match scene.view.tab {
        Tab::Size => size::size(good, &chosen.reader),
        Tab::Changes => changes::changes(scene, good, &chosen.reader),
        Tab::Text => text(&good.parts(&chosen.reader)),
        Tab::Html => html! { pre.code { (good.parts(&chosen.reader).html) } },
        tab => match letter_for(good, &chosen.reader) {
            Ok(letter) => message(scene, tab, &letter),
            Err(why) => html! { p.notice.error { (why) } },
        },
    }
}

fn text(parts: &Parts) -> Markup {
    html! {
        p.quiet { "Subject: " (parts.subject) }
        pre.plain-text { (parts.text) }
    }
}

fn message(scene: &Scene<'_>, tab: Tab, letter: &Message) -> Markup {
    let bytes = letter.bytes();
    // Everything that we write is ASCII; what is not would be seen.
    let message = String::from_utf8_lossy(&bytes);
    match tab {
        Tab::Headers => headers(&message),
        Tab::Raw => raw(scene, letter),
        _ => source(scene, &message),
    }
}

fn source(scene: &Scene<'_>, message: &str) -> Markup {
    let shown = &message[..message.floor_char_boundary(MOST_SHOWN)];
    html! {
        pre.code { (shown) }
        @if shown.len() < message.len() {
            p { (thousands(message.len() - shown.len())) " bytes more are in " (download(scene)) "." }
        }
    }
}

/// The header fields, each as it is folded on its way.
fn headers(message: &str) -> Markup {
    let head = message.split("\r\n\r\n").next().unwrap_or_default();
    let mut fields: Vec<(&str, String)> = Vec::new();
    for line in head.split("\r\n") {
        match (line.starts_with([' ', '\t']), fields.last_mut()) {
            (true, Some((_, value))) => {
                value.push('\n');
                value.push_str(line);
            }
            _ => {
                let (name, value) = line.split_once(':').unwrap_or((line, ""));
                fields.push((name, value.trim_start().to_owned()));
            }
        }
    }
    html! {
        table.fields {
            caption.unseen { "Header fields" }
            tbody { @for (name, value) in &fields { tr { th scope="row" { (name) } td { (value) } } } }
        }
    }
}

fn raw(scene: &Scene<'_>, letter: &Message) -> Markup {
    html! {
        dl.facts {
            div { dt { "MAIL FROM" } dd { code { "<" (letter.sender) ">" } } }
            div { dt { "RCPT TO" } dd { code { "<" (letter.recipient) ">" } } }
            div { dt { "Size" } dd { (thousands(letter.size())) " bytes" } }
        }
        p { (download(scene)) }
        p.quiet {
            "These are the bytes that are sent at the issue's moment, but for the codes of links and identities: \
             here they begin with “specimen”, and nobody accepts them."
        }
    }
}

fn download(scene: &Scene<'_>) -> Markup {
    let name = escape::url_segment(&scene.sheet.name);
    let query = scene.view.query();
    html! {
        a.download href={ (scene.base) "/raw/" (name) (query) } download={ (scene.sheet.name) ".eml" } {
            (scene.sheet.name) ".eml"
        }
    }
}
