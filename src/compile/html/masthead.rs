//! The masthead: logo, name, tagline, number and date.

use maud::{Markup, html};

use super::mso;
use crate::compile::context::RenderContext;
use crate::newsletter::template::Logo;

/// The head of the sheet; the publication's name is the letter's one `h1`.
pub(super) fn masthead(context: &RenderContext<'_>) -> Markup {
    let publication = context.publication;
    html! {
        div class="masthead" {
            @if let (Some(logo), Some(url)) = (&context.template.logo, &context.logo_url) {
                (logos(context, logo, url))
            }
            div class="name" {
                h1 { (publication.name) }
                @if let Some(tagline) = &publication.tagline { p class="tagline" { (tagline) } }
            }
            p class="issue-line" { (context.issue_line()) }
        }
    }
}

/// Gmail's page for phones knows no `display: none` (caniemail, css-display-none).
const HIDDEN: &str = "display:none;height:0";

/// The logo, or two of which the dark rules exchange one for the other.
///
/// The second is hidden by its own element, for most clients read no dark rules, and kept from Word, which
/// hides no picture.
fn logos(context: &RenderContext<'_>, logo: &Logo, url: &str) -> Markup {
    html! {
        @if let Some(dark) = &context.dark_logo_url {
            (logo_image(logo, url, "logo light-logo", None))
            (mso::elsewhere(&logo_image(logo, dark, "logo dark-logo", Some(HIDDEN))))
        } @else {
            (logo_image(logo, url, "logo", None))
        }
    }
}

fn logo_image(logo: &Logo, url: &str, class: &str, style: Option<&str>) -> Markup {
    html! {
        img class=(class) src=(url) alt=(logo.alt) width=(logo.width) height=(logo.height()) style=[style];
    }
}
