//! Calls, each with a deadline that one cannot miss.

use maud::{Markup, html};

use super::{heading_of, item_link, prose};
use crate::issue::Call;
use crate::material::Material;

/// The section.
pub(super) fn section(material: &Material<'_>, heading: Option<&str>, items: &[Call]) -> Markup {
    html! {
        (heading_of(heading))
        @for item in items { (call(material, item)) }
    }
}

/// The deadline stands in a sentence of its own, not in a column: Alpine writes a table's cells under
/// each other, and a screen reader reads them without their heads.
fn call(material: &Material<'_>, call: &Call) -> Markup {
    let labels = &material.labels;
    html! {
        h3 { (call.title) }
        (prose::blocks(&call.body, 4))
        @if let Some(deadline) = &call.deadline {
            p class="deadline" { strong { (labels.deadline) ":" } " " (material.timepoint(deadline)) }
        }
        @let facts = [(&labels.organiser, &call.organiser), (&labels.place, &call.place)];
        @for (label, value) in facts {
            @if let Some(value) = value { p class="fact" { (label) ": " (value) } }
        }
        (item_link(material, call.link.as_ref(), &call.title))
    }
}
