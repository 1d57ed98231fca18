//! The HTML part: the issue as mail clients can show it.
//!
//! Fluid `div`s for everybody and, inside conditional comments, tables for Outlook on Windows, which
//! lays out with Word. Headings, paragraphs and lists are real ones: several webmails strip `role` and
//! `aria-*`, so what is not in the element's name is lost. One component a section kind, one file each.

mod article;
mod button;
mod calls;
mod classes;
mod contents;
mod events;
mod frame;
mod head;
mod image;
mod inline;
mod interview;
mod lines;
mod masthead;
mod mso;
mod news;
mod preheader;
mod prose;
mod publications;
mod quote;

pub use classes::CLASSES;

use maud::{Markup, html};

use crate::issue::{Content, Section};
use crate::material::Material;
use crate::slots;

/// The finished document, its rules inlined, the marks of its slots still in it.
pub fn document(material: &Material<'_>) -> String {
    let sheet = &material.template.sheet;
    let page = frame::page(material).into_string();
    let inlined = inline::inline(&page, sheet);
    lines::broken(&inlined)
}

/// A section, in the marks of its rule if it has one.
fn section(material: &Material<'_>, number: usize, section: &Section) -> Markup {
    let (begin, end) = match section.when {
        Some(rule) => (slots::when(rule), slots::end()),
        None => Default::default(),
    };
    let mark = slots::section(number);
    html! {
        (begin) (mark) div class=(class(&section.content)) { (content(material, section)) } (end)
    }
}

fn class(content: &Content) -> &'static str {
    match content {
        Content::Divider => "divider",
        Content::Button(_) => "section action",
        Content::Contents => "section contents",
        Content::Quote(_) => "section quotation",
        _ => "section",
    }
}

fn content(material: &Material<'_>, section: &Section) -> Markup {
    let heading = section.heading.as_deref();
    match &section.content {
        Content::Text(body) => html! { (heading_of(heading)) (prose::blocks(body, 3)) },
        Content::Interview(interview) => interview::section(material, heading, interview),
        Content::Article(article) => article::section(material, heading, article),
        Content::Publications(items) => publications::section(material, heading, items),
        Content::Calls(items) => calls::section(material, heading, items),
        Content::News(items) => news::section(material, heading, items),
        Content::Events(items) => events::section(material, heading, items),
        Content::Image(picture) => {
            html! { (heading_of(heading)) (image::figure(material, picture)) }
        }
        Content::Button(link) => html! { (heading_of(heading)) (button::button(link)) },
        Content::Quote(quote) => quote::section(heading, quote),
        Content::Divider => html! { hr class="rule"; },
        Content::Contents => contents::section(material, heading),
    }
}

/// The heading of a section, if it has one.
fn heading_of(heading: Option<&str>) -> Markup {
    html! { @if let Some(heading) = heading { h2 { (heading) } } }
}

/// A link of an item: its own words, or words made from the item's title.
fn item_link(material: &Material<'_>, link: Option<&crate::issue::Link>, title: &str) -> Markup {
    html! {
        @if let Some(link) = link {
            p class="more" { a href=(link.url) { (material.link_words(link.text.as_deref(), title)) } }
        }
    }
}
