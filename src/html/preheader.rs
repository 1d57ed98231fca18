//! The line that an inbox shows behind the subject.

use maud::{Markup, html};

use crate::slots;

/// The characters that the longest row of an inbox shows behind a short subject.
const ROW: usize = 140;

/// A combining grapheme joiner, a zero-width non-joiner and a no-break space: a character wide where it is
/// shown, and neither folded nor cut by Gmail and Apple Mail.
const FILLER: &str = "\u{34F}\u{200C}\u{A0}";

/// Hidden in the letter, first in the source. The filler keeps the letter's own first words out of the
/// inbox row; text readers show this line, so it has to read as a sentence.
pub(super) fn preheader(words: Option<&str>) -> Markup {
    html! {
        @if let Some(words) = words {
            div style="display:none;max-height:0;overflow:hidden;mso-hide:all;font-size:1px;line-height:1px" {
                (words) (filler(words))
            }
        }
    }
}

/// As much as `words` leave of the row.
fn filler(words: &str) -> String {
    let shown = slots::without_marks(words).chars().count();
    FILLER.repeat(ROW.saturating_sub(shown))
}
