//! The page around the sections: document, wrapper, masthead, footer.

use maud::{DOCTYPE, Markup, html};

use super::{head, masthead, mso, preheader, prose, section};
use crate::compile::context::{POINT, RenderContext};
use crate::language::Labels;

/// The whole document before inlining.
///
/// The wrapper repeats language and direction, and contains the preheader, because webmail clients replace `html` and
/// `body` with their own.
pub(super) fn page(context: &RenderContext<'_>) -> Markup {
    let language = context.issue.language.tag();
    let direction = context.issue.language.direction().as_str();
    html! {
        (DOCTYPE)
        html lang=(language) dir=(direction) xmlns:o="urn:schemas-microsoft-com:office:office" {
            (head::head(context))
            body class="body" {
                div class="page" lang=(language) dir=(direction) role="article"
                    aria-roledescription="email" aria-label=(context.title()) {
                    (preheader::preheader(context.issue.preheader.as_deref()))
                    (mso::column(context, &sheet(context)))
                }
            }
        }
    }
}

fn sheet(context: &RenderContext<'_>) -> Markup {
    html! {
        div class="sheet" {
            (masthead::masthead(context))
            @if !context.issue.intro.is_empty() {
                div class="section intro" { (prose::blocks(&context.issue.intro, 2)) }
            }
            @for (number, one) in context.issue.sections.iter().enumerate() {
                (section(context, number, one))
            }
            (footer(context))
        }
    }
}

fn footer(context: &RenderContext<'_>) -> Markup {
    let newsletter = context.newsletter;
    let labels = &context.labels;
    html! {
        div class="footer" {
            p class="small" {
                (newsletter.name)
                @if let Some(address) = &newsletter.address { (POINT) (address) }
            }
            p class="small" { (Labels::with(&labels.sent_to, &context.email)) }
            p class="small leave" {
                @if let Some(url) = &context.web_url {
                    a href=(url) { (labels.view_online) } (POINT)
                }
                a href=(context.unsubscribe_url) { (labels.unsubscribe) }
                @if let Some(url) = &newsletter.privacy_url {
                    (POINT) a href=(url) { (labels.privacy) }
                }
            }
        }
    }
}
