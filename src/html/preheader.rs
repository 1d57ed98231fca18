//! The line that an inbox shows behind the subject.

use maud::{Markup, PreEscaped, html};

/// How many times the filler stands: an inbox shows up to about 140 characters.
const FILLER_COUNT: usize = 60;

/// Hidden in the letter, first in the source. The filler keeps the letter's own first words out of the
/// inbox row; text readers show this line, so it has to read as a sentence.
pub(super) fn preheader(words: Option<&str>) -> Markup {
    html! {
        @if let Some(words) = words {
            div class="preheader"
                style="display:none;max-height:0;overflow:hidden;mso-hide:all;font-size:1px;line-height:1px" {
                (words) (PreEscaped("&#847;&zwnj;&nbsp;".repeat(FILLER_COUNT)))
            }
        }
    }
}
