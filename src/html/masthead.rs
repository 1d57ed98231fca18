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
            h1 { (publication.name) }
            @if let Some(tagline) = &publication.tagline { p class="tagline" { (tagline) } }
            p class="issue-line" { (issue_line(material)) }
        }
    }
}

fn logo_image(logo: &Logo, url: &str) -> Markup {
    html! {
        img class="logo" src=(url) alt=(logo.alt) width=(logo.width) height=(logo.height());
    }
}

/// `No. 41 · November 2026 · 30 November 2026`
fn issue_line(material: &Material<'_>) -> String {
    let issue = material.issue;
    let number = issue
        .number
        .map(|number| format!("{} {number}", material.labels.number));
    let parts = [number, issue.title.clone(), Some(material.issue_date())];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
