//! News.

use maud::{Markup, html};

use super::{heading_of, image, item_link, prose};
use crate::issue::News;
use crate::material::Material;

/// The section.
pub(super) fn section(material: &Material<'_>, heading: Option<&str>, items: &[News]) -> Markup {
    html! {
        (heading_of(heading))
        @for item in items {
            h3 { (item.title) }
            @if let Some(picture) = &item.image { (image::figure(material, picture)) }
            (prose::blocks(&item.body, 4))
            (item_link(material, item.link.as_ref(), &item.title))
        }
    }
}
