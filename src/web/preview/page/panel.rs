//! The tabs beside the message.

use maud::{Markup, html};

use super::super::project::Good;
use super::super::view::{Choice, Tab};
use super::scene::{Scene, count};
use super::{address, changes, checks, size, thousands};
use crate::diag::Severity;
use crate::message::{self, Message, MessageOptions, Parts};
use crate::newsletter::config::Dkim;
use crate::subscriber::Subscriber;
use crate::util::escape;

/// The most octets of a message on the page; the download has all of them.
const MAX_SHOWN: usize = 256 << 10;

/// The message for a subscriber as it would be sent: signed, if there is a DKIM key.
pub(in super::super) fn message_for(
    good: &Good,
    subscriber: &Subscriber,
) -> Result<Message, String> {
    let newsletter = &good.sources.newsletter;
    let options = MessageOptions {
        signer: newsletter.dkim.as_ref().and_then(Dkim::signer),
        ..good.options()
    };
    message::write(&good.compiled.edition, subscriber, &options).map_err(|error| error.to_string())
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
                            a href=(address(scene.base, &scene.issue.name, &to)) data-key=(key) title={ "Key " (key) }
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

/// The number of errors and warnings.
fn badge(scene: &Scene<'_>) -> Markup {
    let findings = count(scene.issue, Severity::Error) + count(scene.issue, Severity::Warning);
    html! { @if findings > 0 { " " span.badge { (findings) } } }
}

fn tab(scene: &Scene<'_>) -> Markup {
    if scene.view.tab == Tab::Checks {
        return checks::checks(scene.issue);
    }
    let Some((good, chosen)) = &scene.message else {
        return html! { p.empty { "The message will appear when the file has no errors." } };
    };
    match scene.view.tab {
        Tab::Size => size::size(good, &chosen.subscriber),
        Tab::Changes => changes::changes(scene, good, &chosen.subscriber),
        Tab::Text => text(&good.parts(&chosen.subscriber)),
        Tab::Html => html! { pre.code { (good.parts(&chosen.subscriber).html) } },
        tab => match message_for(good, &chosen.subscriber) {
            Ok(message) => message_tab(scene, tab, &message),
            Err(reason) => html! { p.notice.error { (reason) } },
        },
    }
}

fn text(parts: &Parts) -> Markup {
    html! {
        p.quiet { "Subject: " (parts.subject) }
        pre.plain-text { (parts.text) }
    }
}

fn message_tab(scene: &Scene<'_>, tab: Tab, message: &Message) -> Markup {
    let bytes = message.bytes();
    // Every message is ASCII; an octet outside of it would show as U+FFFD.
    let text = String::from_utf8_lossy(&bytes);
    match tab {
        Tab::Headers => headers(&text),
        Tab::Raw => raw(scene, message),
        _ => source(scene, &text),
    }
}

fn source(scene: &Scene<'_>, message: &str) -> Markup {
    let shown = &message[..message.floor_char_boundary(MAX_SHOWN)];
    html! {
        pre.code { (shown) }
        @if shown.len() < message.len() {
            p { (thousands(message.len() - shown.len())) " more bytes are in " (download(scene)) "." }
        }
    }
}

fn headers(message: &str) -> Markup {
    html! {
        table.fields {
            caption.unseen { "Header fields" }
            tbody { @for (name, value) in header_fields(message) { tr { th scope="row" { (name) } td { (value) } } } }
        }
    }
}

/// The header fields with their values, folded as in the message.
fn header_fields(message: &str) -> Vec<(&str, String)> {
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
    fields
}

fn raw(scene: &Scene<'_>, message: &Message) -> Markup {
    html! {
        dl.facts {
            div { dt { "MAIL FROM" } dd { code { "<" (message.sender) ">" } } }
            div { dt { "RCPT TO" } dd { code { "<" (message.recipient) ">" } } }
            div { dt { "Size" } dd { (thousands(message.size())) " bytes" } }
        }
        p { (download(scene)) }
        p.quiet {
            "A send writes the same bytes, except for the tokens in links and identifiers: \
             here they start with “specimen” and are not valid."
        }
    }
}

fn download(scene: &Scene<'_>) -> Markup {
    let name = escape::url_segment(&scene.issue.name);
    let query = scene.view.query();
    html! {
        a.download href={ (scene.base) "/raw/" (name) (query) } download={ (scene.issue.name) ".eml" } {
            (scene.issue.name) ".eml"
        }
    }
}
