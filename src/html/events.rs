//! Events, with their time and place.

use maud::{Markup, html};

use super::{heading_of, item_link, prose};
use crate::issue::Event;
use crate::material::Material;

/// The section.
pub(super) fn section(material: &Material<'_>, heading: Option<&str>, items: &[Event]) -> Markup {
    html! {
        (heading_of(heading))
        @for item in items { (event(material, item)) }
    }
}

fn event(material: &Material<'_>, event: &Event) -> Markup {
    html! {
        h3 { (event.title) }
        p class="when" { strong { (material.period(&event.start, event.end.as_ref())) } }
        @if let Some(place) = &event.place { p class="fact" { (place) } }
        (prose::blocks(&event.body, 4))
        (item_link(material, event.link.as_ref(), &event.title))
    }
}
