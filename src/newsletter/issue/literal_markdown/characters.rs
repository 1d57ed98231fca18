//! Classes of characters in running text.

use crate::newsletter::issue::mapped_text::{GAP, LINK};
use crate::util::characters::next_byte;
use crate::util::escape;

/// Whether a character belongs to a word; so do the substitutes of links and code.
pub(super) fn is_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_alphanumeric() || matches!(c, GAP | LINK) || escape::is_private(c))
}

pub(super) fn is_space(c: Option<char>) -> bool {
    c.is_none_or(char::is_whitespace)
}

pub(super) fn is_run_mark(byte: u8) -> bool {
    (byte == b'*') | (byte == b'_') | (byte == b'~') | (byte == b'`') | (byte == b'=')
}

/// The ASCII characters in `text` for which `is_wanted` is true. Searching bytes is faster than decoding characters,
/// and each text of each issue is searched here.
pub(super) fn ascii(
    text: &str,
    is_wanted: impl Fn(u8) -> bool + Copy,
) -> impl Iterator<Item = (usize, char)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let found = at + next_byte(&text.as_bytes()[at..], is_wanted)?;
        at = found + 1;
        Some((found, char::from(text.as_bytes()[found])))
    })
}
