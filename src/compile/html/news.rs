//! News.

use maud::{Markup, html};

use super::{Title, heading_of, item_link, item_title, pictures, prose};
use crate::compile::context::RenderContext;
use crate::newsletter::issue::{News, Section};

/// The section.
pub(super) fn section(context: &RenderContext<'_>, section: &Section, items: &[News]) -> Markup {
    html! {
        (heading_of(section))
        @for item in items {
            (item_title(context, section, &title(item)))
            @if let Some(picture) = &item.image { (pictures::figure(context, picture)) }
            (prose::blocks(&item.body, prose::below_item(section)))
            (item_link(item.link.as_ref()))
        }
    }
}

fn title(item: &News) -> Title<'_> {
    Title {
        words: &item.title,
        language: item.language.as_ref(),
        link: item.link.as_ref(),
    }
}
