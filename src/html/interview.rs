//! An interview: who answers, then question and answer in turn.

use maud::{Markup, html};

use super::{heading_of, image, mso, prose};
use crate::issue::{Guest, Interview};
use crate::material::Material;

/// The width at which a portrait is shown, in CSS pixels.
const PORTRAIT: u32 = 128;

/// The section.
pub(super) fn section(
    material: &Material<'_>,
    heading: Option<&str>,
    interview: &Interview,
) -> Markup {
    html! {
        p class="kicker" { (material.labels.interview) }
        (heading_of(heading))
        (guest(material, &interview.guest))
        (prose::blocks(&interview.intro, 3))
        @for exchange in &interview.exchanges {
            h3 class="question" { (exchange.question) }
            (prose::blocks(&exchange.answer, 4))
        }
    }
}

fn guest(material: &Material<'_>, guest: &Guest) -> Markup {
    let about = html! {
        div class="about" {
            p class="guest-name" { strong { (guest.name) } }
            @let role = [guest.role.as_deref(), guest.organisation.as_deref()];
            @let role: Vec<&str> = role.into_iter().flatten().collect();
            @if !role.is_empty() { p class="role" { (role.join(", ")) } }
            (prose::blocks(&guest.bio, 4))
        }
    };
    html! {
        div class="guest" {
            @match &guest.portrait {
                Some(picture) => {
                    (mso::beside(PORTRAIT, &image::portrait(material, picture, PORTRAIT), &about))
                    div class="clear" {}
                },
                None => (about),
            }
        }
    }
}
