//! A quotation with its source.

use maud::{Markup, html};

use super::{heading_of, prose};
use crate::newsletter::issue::{Quote, Section};

/// The section.
pub(super) fn section(section: &Section, quote: &Quote) -> Markup {
    html! {
        (heading_of(section))
        blockquote class="quote" {
            (prose::blocks(&quote.body, prose::below(section)))
            @if let Some(by) = &quote.by { p class="quote-by" { "— " (by) } }
        }
    }
}
