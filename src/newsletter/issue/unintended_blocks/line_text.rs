//! Decides by the text around the beginning of a line whether its sign belongs to an amount, a date or a sentence.

use std::ops::Range;

use super::months::{ALSO_VERBS, MONTHS};

/// The bullet or number at `at`.
pub(super) fn sign_at(text: &str, at: usize) -> Range<usize> {
    let digits = text[at..].bytes().take_while(u8::is_ascii_digit).count();
    at..(at + digits + 1).min(text.len())
}

/// Whether the item at `sign` is a number with a unit, or a plus with a number; after a colon it is a list.
pub(super) fn is_amount(text: &str, sign: &Range<usize>) -> bool {
    let inside = &text[sign.end..];
    let is_plus = text[sign.clone()].starts_with('+') && number(inside) > 0;
    let is_minus = text[sign.clone()].starts_with('-') && begins_with_amount(inside);
    let is_announced = text[..sign.start].trim_end().ends_with(':');
    (is_plus || is_minus) && !is_announced
}

/// Whether a text starts with a number and a unit, as in ` 5 %`.
pub(super) fn begins_with_amount(text: &str) -> bool {
    let length = number(text);
    let unit = text.trim_start()[length..].trim_start();
    length > 0 && unit.starts_with(['%', '‰', '°', '€', '$', '£', '¥', '℃'])
}

/// The length of the number at the beginning of a text, after its spaces.
fn number(text: &str) -> usize {
    let text = text.trim_start();
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',');
    match text.starts_with(|c: char| c.is_ascii_digit()) {
        true => text.find(|c| !is_part(c)).unwrap_or(text.len()),
        false => 0,
    }
}

/// Words after a rank.
const AFTER_RANK: [&str; 10] = [
    "in", "on", "im", "auf", "bei", "dans", "en", "nel", "på", "i",
];

/// Whether the text after a `#` is a rank, as in ` 5 in the charts`.
pub(super) fn is_rank(text: &str) -> bool {
    let line = text.lines().next().unwrap_or_default().trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let mut words = line[digits..].split(' ');
    digits > 0
        && words.next() == Some("")
        && words.next().is_some_and(|word| AFTER_RANK.contains(&word))
}

/// Whether the line of `at` is a paragraph of its own.
pub(super) fn is_line_alone(text: &str, at: usize) -> bool {
    let below = text[at..].lines().nth(1).unwrap_or_default();
    let above = text[..at].trim_end_matches([' ', '\t']);
    below.trim().is_empty() && (above.is_empty() || above.ends_with("\n\n"))
}

/// The bullet at `at` if its line is emphasis with a space after the first mark: `* Note:* text`.
pub(super) fn spaced_emphasis(text: &str, at: usize) -> Option<Range<usize>> {
    let at = at + (text[at..].len() - text[at..].trim_start().len());
    let line = text[at..].lines().next()?.strip_prefix("* ")?;
    let (words, rest) = line.split_once('*')?;
    let is_emphasis = words.ends_with(':') && (rest.is_empty() || rest.starts_with(' '));
    is_emphasis.then_some(at..at + 1)
}

/// Whether the line before that of `at` ends inside a sentence.
pub(super) fn continues_sentence(text: &str, at: usize) -> bool {
    let line = text[..at].rfind('\n').unwrap_or(0);
    let before = text[..line].rfind('\n').map_or(0, |i| i + 1);
    let before = text[before..line]
        .trim_end()
        .trim_start_matches(['>', ' ', '\t']);
    let ends = |c: char| {
        matches!(
            c,
            '.' | ':' | '!' | '?' | '…' | ';' | '*' | '_' | '。' | '：' | '！' | '？'
        )
    };
    !before.is_empty() && !before.ends_with(ends)
}

/// Whether a text begins with a month. A month that may be a verb counts if no word follows it.
pub(super) fn begins_with_month(text: &str) -> bool {
    let end = text
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(text.len());
    let word = text[..end].to_lowercase();
    let after = text[end..].trim_start_matches(' ').chars().next();
    let is_alone = after.is_none_or(|c| !c.is_alphabetic());
    MONTHS.contains(&word.as_str()) || is_alone && ALSO_VERBS.contains(&word.as_str())
}
