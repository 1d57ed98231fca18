//! A signed article.

use maud::{Markup, html};

use super::{heading_of, image, item_link, prose};
use crate::issue::{Article, Author};
use crate::material::Material;

/// The section.
pub(super) fn section(material: &Material<'_>, heading: Option<&str>, article: &Article) -> Markup {
    html! {
        @if let Some(kicker) = &article.kicker { p class="kicker" { (kicker) } }
        (heading_of(heading))
        @if let Some(picture) = &article.image { (image::figure(material, picture)) }
        (prose::blocks(&article.body, 3))
        @for author in &article.authors { (byline(author)) }
        (item_link(material, article.link.as_ref(), heading.unwrap_or(material.title())))
    }
}

fn byline(author: &Author) -> Markup {
    html! {
        p class="byline" {
            strong { (author.name) }
            @for part in [&author.role, &author.organisation].into_iter().flatten() { ", " (part) }
        }
    }
}
