//! A signed article.

use maud::{Markup, html};

use super::{heading_of, kicker_of, pictures, prose};
use crate::compile::context::RenderContext;
use crate::newsletter::issue::{Article, Author, Section};

/// The section.
pub(super) fn section(context: &RenderContext<'_>, section: &Section, article: &Article) -> Markup {
    html! {
        (kicker_of(context, section))
        (heading_of(section))
        @if let Some(picture) = &article.image { (pictures::figure(context, picture)) }
        (prose::blocks(&article.body, prose::below(section)))
        @for author in &article.authors { (byline(author)) }
        @let title = section.heading.as_deref().unwrap_or(context.title());
        @if let Some(link) = &article.link {
            p class="more" { a href=(link.url) { (context.link_words(link.text.as_deref(), title)) } }
        }
    }
}

fn byline(author: &Author) -> Markup {
    html! {
        p class="byline" {
            (author.name)
            @for part in [&author.role, &author.organisation].into_iter().flatten() { ", " (part) }
        }
    }
}
