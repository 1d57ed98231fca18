//! The line that an inbox shows behind the subject.

use maud::{Markup, html};

use crate::placeholder;

/// The characters that the longest row of an inbox shows behind a short subject.
const ROW: usize = 140;

/// A figure space and a combining grapheme joiner: as wide as a digit where it is shown, and neither folded
/// nor cut by Gmail and Apple Mail (TryGhost/Ghost pull request 25047). A zero-width non-joiner, which others
/// put in, is drawn by mail.ru (mjmlio/mjml pull request 1943), and a no-break space is half as wide and, as
/// an entity, twice as long.
const FILLER: &str = "\u{2007}\u{34F}";

/// Hidden in the letter, first in the source. The filler keeps the letter's own first words out of the
/// inbox row; text readers show this line, so it has to read as a sentence.
pub(super) fn preheader(words: Option<&str>) -> Markup {
    html! {
        @if let Some(words) = words {
            div style="display:none;max-height:0;overflow:hidden;mso-hide:all" {
                (words) (filler(words))
            }
        }
    }
}

/// As much as `words` leave of the row.
fn filler(words: &str) -> String {
    let shown = placeholder::without_marks(words).chars().count();
    FILLER.repeat(ROW.saturating_sub(shown))
}
