//! The masthead: logo, name, tagline, number and date.

use maud::{Markup, html};

use super::mso;
use crate::compile::context::RenderContext;
use crate::newsletter::template::Logo;

/// The masthead. The newsletter's name is the only `h1` of the message.
pub(super) fn masthead(context: &RenderContext<'_>) -> Markup {
    let newsletter = context.newsletter;
    html! {
        div class="masthead" {
            @if let (Some(logo), Some(url)) = (&context.template.logo, &context.logo_url) {
                (logos(context, logo, url))
            }
            div class="name" {
                h1 { (newsletter.name) }
                @if let Some(tagline) = &newsletter.tagline { p class="tagline" { (tagline) } }
            }
            p class="issue-line" { (context.issue_line()) }
        }
    }
}

/// Gmail's mobile web page does not support `display: none` (caniemail, css-display-none).
const HIDDEN: &str = "display:none;height:0";

/// The logo, or two logos that the rules for dark mode exchange.
///
/// The dark logo is hidden by its own style, because most clients ignore rules for dark mode, and excluded from Word,
/// which cannot hide a picture.
fn logos(context: &RenderContext<'_>, logo: &Logo, url: &str) -> Markup {
    html! {
        @if let Some(dark) = &context.dark_logo_url {
            (logo_image(logo, url, "logo light-logo", None))
            (mso::except_word(&logo_image(logo, dark, "logo dark-logo", Some(HIDDEN))))
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
