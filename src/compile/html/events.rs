//! Events, with their time and place.

use maud::{Markup, html};

use super::{Title, heading_of, item_link, item_title, prose};
use crate::compile::context::RenderContext;
use crate::newsletter::issue::{Event, Section};

/// The section.
pub(super) fn section(context: &RenderContext<'_>, section: &Section, items: &[Event]) -> Markup {
    html! {
        (heading_of(section))
        @for item in items { (event(context, section, item)) }
    }
}

fn event(context: &RenderContext<'_>, section: &Section, event: &Event) -> Markup {
    html! {
        (item_title(context, section, &title(event)))
        p class="when" {
            strong { (context.period(&event.start, event.end.as_ref())) }
            @if let Some(place) = &event.place { br; (place) }
        }
        (prose::blocks(&event.body, prose::below_item(section)))
        (item_link(event.link.as_ref()))
    }
}

fn title(event: &Event) -> Title<'_> {
    Title {
        words: &event.title,
        language: event.language.as_ref(),
        link: event.link.as_ref(),
    }
}
