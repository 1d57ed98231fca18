//! News.

use maud::{Markup, html};

use super::{heading_of, image, item_link, item_title, prose};
use crate::issue::{News, Section};
use crate::material::Material;

/// The section.
pub(super) fn section(material: &Material<'_>, section: &Section, items: &[News]) -> Markup {
    html! {
        (heading_of(section))
        @for item in items {
            (item_title(section, &item.title))
            @if let Some(picture) = &item.image { (image::figure(material, picture)) }
            (prose::blocks(&item.body, 4))
            (item_link(material, item.link.as_ref(), &item.title))
        }
    }
}
