//! Line breaks in scripts without spaces between words (Unicode Standard Annex 14).
//!
//! Thai, Lao, Khmer and Burmese need a dictionary. The library also has a smaller neural model, but its floating-point
//! arithmetic may give other breaks on another machine.

use std::ops::Range;
use std::sync::LazyLock;

use icu_segmenter::options::LineBreakOptions;
use icu_segmenter::{LineSegmenter, LineSegmenterBorrowed};
use textwrap::core::Word;

use crate::newsletter::issue::bare_urls;

static SEGMENTER: LazyLock<LineSegmenterBorrowed<'static>> =
    LazyLock::new(|| LineSegmenter::new_dictionary(LineBreakOptions::default()));

/// The parts of `line` between which a line may break.
///
/// A line breaks only at a space or next to a character of such a script: UAX 14 would also break a URL after a slash and
/// a word after a hyphen. URLs are never broken.
pub(super) fn words(line: &str) -> Box<dyn Iterator<Item = Word<'_>> + '_> {
    let mut start = 0;
    let urls: Vec<Range<usize>> = bare_urls(line).collect();
    let is_in_url = move |at| urls.iter().any(|url| url.start < at && at < url.end);
    let ends = SEGMENTER.segment_str(line).filter(|end| *end > 0);
    let ends = ends.filter(move |end| may_end(line, *end) && !is_in_url(*end));
    Box::new(ends.map(move |end| {
        let word = Word::from(&line[start..end]);
        start = end;
        word
    }))
}

/// Whether a line may end at the break opportunity `at`.
fn may_end(line: &str, at: usize) -> bool {
    let before = line[..at].chars().next_back();
    let after = line[at..].chars().next();
    let is_hyphen = matches!(before, Some('-' | '\u{AD}'));
    let is_open = |c: Option<char>| c.is_none_or(|c| c == ' ' || is_without_spaces(c));
    !is_hyphen && (is_open(before) || is_open(after)) || after.is_none()
}

/// Whether `c` belongs to a script without spaces: Thai, Lao, Burmese, Khmer, Chinese or Japanese, with their
/// supplements. Emoji count too.
pub(super) fn is_without_spaces(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}'
        | '\u{1000}'..='\u{109F}'
        | '\u{1780}'..='\u{17FF}'
        | '\u{19E0}'..='\u{19FF}'
        | '\u{2E80}'..='\u{9FFF}'
        | '\u{A9E0}'..='\u{A9FF}'
        | '\u{AA60}'..='\u{AA7F}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FF00}'..='\u{FFEF}'
        | '\u{1F000}'..='\u{1FAFF}'
        | '\u{20000}'..='\u{3FFFF}')
}
