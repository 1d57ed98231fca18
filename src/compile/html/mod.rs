//! The HTML part of a message.
//!
//! The layout consists of fluid `div` elements and, in conditional comments, of tables for Outlook on Windows, which
//! renders with Word. Semantics come from element names, because several webmail clients strip `role` and `aria-*`. Each
//! section kind has a component in a file of its own.

mod article;
mod button;
mod calls;
mod classes;
mod contents;
mod direction;
mod events;
mod head;
mod inline;
mod interview;
mod lang_attrs;
mod layout;
mod lines;
mod masthead;
mod minify;
mod mso;
mod news;
mod pictures;
mod preheader;
mod prose;
mod publications;
mod quote;
mod rtl;
mod styles;
mod used_selectors;

pub use classes::CLASSES;

use lang_attrs::LangAttrs;
use maud::{Markup, html};

use crate::compile::context::RenderContext;
use crate::language::{Direction, Language};
use crate::newsletter::issue::{Content, Link, Section};
use crate::newsletter::template::StyleSheet;
use crate::placeholder;

/// The finished document with inlined styles, before placeholders are filled in.
pub fn document(context: &RenderContext<'_>) -> String {
    let page = layout::page(context).into_string();
    let page = direction::turned(&page, context.direction());
    lines::broken(&styled(&page, &context.template.sheet, context.direction()))
}

/// The page with the style sheet, mirrored for text from right to left.
fn styled(page: &str, sheet: &StyleSheet, direction: Direction) -> String {
    match direction {
        Direction::LeftToRight => inline::inline(page, sheet),
        Direction::RightToLeft => inline::inline(page, &rtl::mirrored(sheet)),
    }
}

/// A section, between the marks of its audience rule if it has one. The table of contents links to its anchor in the web
/// version.
fn section(context: &RenderContext<'_>, number: usize, section: &Section) -> Markup {
    let (begin, end) = match section.when {
        Some(rule) => (placeholder::when(rule), placeholder::end()),
        None => Default::default(),
    };
    html! {
        (begin)
        (placeholder::section(number))
        @let attrs = LangAttrs::of(context, section.language.as_ref());
        div class=(class(&section.content)) id=[&section.id] lang=[attrs.lang] dir=[attrs.dir] {
            (content(context, section))
        }
        (end)
    }
}

fn class(content: &Content) -> &'static str {
    match content {
        Content::Interview(_) | Content::Article(_) => "section feature",
        Content::Divider => "divider",
        Content::Button(_) => "action",
        Content::Contents => "section contents",
        Content::Quote(_) | Content::Image(_) => "plate",
        _ => "section",
    }
}

fn content(context: &RenderContext<'_>, section: &Section) -> Markup {
    match &section.content {
        Content::Text(body) => {
            html! { (heading_of(section)) (prose::blocks(body, prose::below(section))) }
        }
        Content::Interview(interview) => interview::section(context, section, interview),
        Content::Article(article) => article::section(context, section, article),
        Content::Publications(items) => publications::section(context, section, items),
        Content::Calls(items) => calls::section(context, section, items),
        Content::News(items) => news::section(context, section, items),
        Content::Events(items) => events::section(context, section, items),
        Content::Image(picture) => {
            html! { (heading_of(section)) (pictures::figure(context, picture)) }
        }
        Content::Button(link) => html! { (heading_of(section)) (button::button(context, link)) },
        Content::Quote(quote) => quote::section(section, quote),
        Content::Divider => html! { hr class="rule"; },
        Content::Contents => contents::section(context, section),
    }
}

/// The heading of a section, if it has one.
fn heading_of(section: &Section) -> Markup {
    html! { @if let Some(heading) = &section.heading { h2 { (heading) } } }
}

/// The kicker above the heading, if the section has one.
fn kicker_of(context: &RenderContext<'_>, section: &Section) -> Markup {
    html! { @if let Some(kicker) = context.kicker(section) { p class="kicker" { (kicker) } } }
}

/// The title of an item. If the item's link has no text of its own, the title is the link: a second link with the same
/// text would be another stop for keyboards and screen readers.
fn item_title(context: &RenderContext<'_>, section: &Section, title: &Title<'_>) -> Markup {
    let attrs = LangAttrs::of(context, title.language);
    let level = prose::below(section);
    prose::heading(level, Some("item"), &attrs, &linked_title(title))
}

/// The words of a title. They are the link if the link has no text of its own.
fn linked_title(title: &Title<'_>) -> Markup {
    html! {
        @match title.link {
            Some(Link { url, text: None }) => a href=(url) { (title.words) },
            _ => (title.words),
        }
    }
}

/// The title of an item, with its language if it differs, and its link.
struct Title<'a> {
    words: &'a str,
    language: Option<&'a Language>,
    link: Option<&'a Link>,
}

/// The link of an item with a text of its own. Without one, [`item_title`] is the link.
fn item_link(link: Option<&Link>) -> Markup {
    html! {
        @if let Some(Link { url, text: Some(words) }) = link {
            p class="more" { a href=(url) { (words) } }
        }
    }
}
