//! The preheader: the text that an inbox shows after the subject.

use maud::{Markup, html};

use crate::placeholder;

/// The largest number of characters that an inbox shows after a short subject.
const ROW: usize = 140;

/// A figure space and a combining grapheme joiner. Together they have the width of a digit, and Gmail and Apple Mail do
/// not collapse or cut them (TryGhost/Ghost pull request 25047). Mail.ru shows the zero-width non-joiner that other tools
/// use (mjmlio/mjml pull request 1943), and a no-break space has half the width.
const FILLER: &str = "\u{2007}\u{34F}";

/// The preheader: hidden, and first in the source. The filler keeps the beginning of the message out of the inbox.
pub(super) fn preheader(words: Option<&str>) -> Markup {
    html! {
        @if let Some(words) = words {
            div style="display:none;max-height:0;overflow:hidden;mso-hide:all" {
                (words) (filler(words))
            }
        }
    }
}

/// The filler for the rest of the row after `words`.
fn filler(words: &str) -> String {
    let shown = placeholder::without_marks(words).chars().count();
    FILLER.repeat(ROW.saturating_sub(shown))
}
