//! A button: a link with padding, in a table cell for Word.

use maud::{Markup, html};

use super::mso;
use crate::compile::context::RenderContext;
use crate::newsletter::issue::Link;

/// The button.
pub(super) fn button(context: &RenderContext<'_>, link: &Link) -> Markup {
    let words = link.text.as_deref().unwrap_or_default();
    mso::background(
        context,
        &html! { a class="button" href=(link.url) { (words) } },
    )
}
