//! A button: a link with padding, in a cell for Word.

use maud::{Markup, html};

use super::mso;
use crate::issue::Link;

/// The button.
pub(super) fn button(link: &Link) -> Markup {
    let words = link.text.as_deref().unwrap_or_default();
    let link = html! { a class="button" href=(link.url) { (words) } };
    html! { div class="button-line" { (mso::cell("button-cell", &link)) } }
}
