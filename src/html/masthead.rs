//! The masthead: logo, name, tagline, number and date.

use maud::{Markup, html};

use crate::material::Material;
use crate::template::Logo;

/// The head of the sheet; the publication's name is the letter's one `h1`.
pub(super) fn masthead(material: &Material<'_>) -> Markup {
    let publication = material.publication;
    html! {
        div class="masthead" {
            @if let (Some(logo), Some(url)) = (&material.template.logo, &material.logo_url) {
                (logo_image(logo, url))
            }
            div class="name" {
                h1 { (publication.name) }
                @if let Some(tagline) = &publication.tagline { p class="tagline" { (tagline) } }
            }
            p class="issue-line" { (material.issue_line()) }
        }
    }
}

fn logo_image(logo: &Logo, url: &str) -> Markup {
    html! {
        img class="logo" src=(url) alt=(logo.alt) width=(logo.width) height=(logo.height());
    }
}
