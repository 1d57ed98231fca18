//! The page around the sections: document, wrapper, masthead, footer.

use maud::{DOCTYPE, Markup, html};

use super::{head, masthead, mso, preheader, prose, section};
use crate::compile::context::{POINT, RenderContext};
use crate::language::Labels;

/// The whole document, its rules not yet inlined.
///
/// Language and direction stand on the wrapper too: webmails put their own `html` and `body` in the
/// place of ours. The preheader is inside it for the same reason.
pub(super) fn page(material: &RenderContext<'_>) -> Markup {
    let language = material.issue.language.tag();
    let direction = material.issue.language.direction().as_str();
    html! {
        (DOCTYPE)
        html lang=(language) dir=(direction) xmlns:o="urn:schemas-microsoft-com:office:office" {
            (head::head(material))
            body class="body" {
                div class="page" lang=(language) dir=(direction) role="article"
                    aria-roledescription="email" aria-label=(material.title()) {
                    (preheader::preheader(material.issue.preheader.as_deref()))
                    (mso::column(material, &sheet(material)))
                }
            }
        }
    }
}

fn sheet(material: &RenderContext<'_>) -> Markup {
    html! {
        div class="sheet" {
            (masthead::masthead(material))
            @if !material.issue.intro.is_empty() {
                div class="section intro" { (prose::blocks(&material.issue.intro, 2)) }
            }
            @for (number, one) in material.issue.sections.iter().enumerate() {
                (section(material, number, one))
            }
            (footer(material))
        }
    }
}

fn footer(material: &RenderContext<'_>) -> Markup {
    let publication = material.publication;
    let labels = &material.labels;
    html! {
        div class="footer" {
            p class="small" {
                (publication.name)
                @if let Some(address) = &publication.address { (POINT) (address) }
            }
            p class="small" { (Labels::with(&labels.sent_to, &material.email)) }
            p class="small leave" {
                @if let Some(url) = &material.web_url {
                    a href=(url) { (labels.view_online) } (POINT)
                }
                a href=(material.unsubscribe_url) { (labels.unsubscribe) }
                @if let Some(url) = &publication.privacy_url {
                    (POINT) a href=(url) { (labels.privacy) }
                }
            }
        }
    }
}
