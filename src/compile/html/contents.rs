//! The contents: the headings of the issue.
//!
//! They lead to the web version or nowhere: a link to a place in the mail itself does nothing in Yahoo,
//! in Gmail on iOS, in Samsung's mail and at T-Online. What only some readers see is not on the web.

use maud::{Markup, html};

use super::lang_attrs::LangAttrs;
use crate::compile::context::RenderContext;
use crate::newsletter::issue::Section;
use crate::placeholder;

/// The section; it has a heading even where the file gives it none.
pub(super) fn section(context: &RenderContext<'_>, section: &Section) -> Markup {
    let heading = section.heading.as_deref();
    html! {
        h2 { (heading.unwrap_or(&context.labels.contents)) }
        ul {
            @for (section, heading) in context.listed() { (entry(context, section, heading)) }
        }
    }
}

/// A heading, what the section is before it where its kicker says so.
fn entry(context: &RenderContext<'_>, section: &Section, heading: &str) -> Markup {
    let (begin, end) = match section.when {
        Some(rule) => (placeholder::when(rule), placeholder::end()),
        None => Default::default(),
    };
    html! {
        (begin)
        li {
            @if let Some(kicker) = context.kicker(section) { (kicker) ": " }
            @let attrs = LangAttrs::of(context, section.language.as_ref());
            @let LangAttrs { lang, dir } = &attrs;
            @match (&context.web_url, &section.id) {
                (Some(url), Some(id)) if section.when.is_none() => {
                    a href=(format!("{url}#{id}")) lang=[lang] dir=[dir] { (heading) }
                }
                _ if attrs.is_said() => span lang=[lang] dir=[dir] { (heading) },
                _ => (heading),
            }
        }
        (end)
    }
}
