//! Somebody's words, set apart.

use maud::{Markup, html};

use super::{heading_of, prose};
use crate::issue::Quote;

/// The section.
pub(super) fn section(heading: Option<&str>, quote: &Quote) -> Markup {
    html! {
        (heading_of(heading))
        blockquote class="quote" {
            (prose::blocks(&quote.body, 3))
            @if let Some(by) = &quote.by { p class="quote-by" { "— " (by) } }
        }
    }
}
