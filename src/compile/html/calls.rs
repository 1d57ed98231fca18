//! Calls with prominent deadlines.

use maud::{Markup, html};

use super::{Title, heading_of, item_link, item_title, prose};
use crate::compile::context::{POINT, RenderContext};
use crate::newsletter::issue::{Call, Section};

/// The section.
pub(super) fn section(context: &RenderContext<'_>, section: &Section, items: &[Call]) -> Markup {
    html! {
        (heading_of(section))
        @for item in items { (call(context, section, item)) }
    }
}

/// A call. The deadline is a paragraph below the title instead of a table cell: Alpine prints the cells of a table one
/// below the other, and screen readers may read them without their headers.
fn call(context: &RenderContext<'_>, section: &Section, call: &Call) -> Markup {
    html! {
        (item_title(context, section, &title(call)))
        @if let Some(deadline) = &call.deadline {
            p class="deadline" { (context.labelled(&context.labels.deadline)) " " (context.timepoint(deadline)) }
        }
        (prose::blocks(&call.body, prose::below_item(section)))
        (facts(context, call))
        (item_link(call.link.as_ref()))
    }
}

/// `Organised by: A · Place: B`
fn facts(context: &RenderContext<'_>, call: &Call) -> Markup {
    let labels = &context.labels;
    let facts = [
        (&labels.organiser, &call.organiser),
        (&labels.place, &call.place),
    ];
    let facts = facts.into_iter().filter_map(|(label, value)| {
        let value = value.as_ref()?;
        Some(format!("{} {value}", context.labelled(label)))
    });
    let facts: Vec<String> = facts.collect();
    html! { @if !facts.is_empty() { p class="fact" { (facts.join(POINT)) } } }
}

fn title(call: &Call) -> Title<'_> {
    Title {
        words: &call.title,
        language: call.language.as_ref(),
        link: call.link.as_ref(),
    }
}
