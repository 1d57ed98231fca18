//! The table of contents: the headings of the issue.
//!
//! Entries link to the web version only: a link to an anchor in the message has no effect in Yahoo Mail, Gmail on iOS,
//! Samsung Email and T-Online. Entries of conditional sections are not linked, because the web version has no such
//! sections.

use maud::{Markup, html};

use super::lang_attrs::LangAttrs;
use crate::compile::context::RenderContext;
use crate::newsletter::issue::Section;
use crate::placeholder;

/// The section. Without a heading of its own, it has the label as its heading.
pub(super) fn section(context: &RenderContext<'_>, section: &Section) -> Markup {
    html! {
        h2 { (section.heading.as_deref().unwrap_or(&context.labels.contents)) }
        ul {
            @for (section, heading) in context.listed() { (entry(context, section, heading)) }
        }
    }
}

/// One heading, after the kicker of its section.
fn entry(context: &RenderContext<'_>, section: &Section, heading: &str) -> Markup {
    let (begin, end) = match section.when {
        Some(rule) => (placeholder::when(rule), placeholder::end()),
        None => Default::default(),
    };
    html! {
        (begin)
        li {
            @if let Some(kicker) = context.kicker(section) { (context.labelled(kicker)) " " }
            @let attrs = LangAttrs::of(context, section.language.as_ref());
            @let LangAttrs { lang, dir } = &attrs;
            @match (&context.web_url, &section.id) {
                (Some(url), Some(id)) if section.when.is_none() => {
                    a href=(format!("{url}#{id}")) lang=[lang] dir=[dir] { (heading) }
                }
                _ if attrs.is_set() => span lang=[lang] dir=[dir] { (heading) },
                _ => (heading),
            }
        }
        (end)
    }
}
