//! Masking characters that the parser must not read as emphasis: `https://a.example/a*b*c` is one URL, `Leser*innen`
//! one word.
//!
//! The parser reads emphasis before URLs are searched. So emphasis marks in URLs and stars inside words are replaced by
//! control characters of the same length, which a text cannot contain, and restored in the parser's output.

use std::borrow::Cow;
use std::ops::Range;

use super::{autolink, intraword_stars};
use crate::util::characters::{has_byte, next_byte};

/// The mask of a literal star.
pub(super) const MASKED_STAR: u8 = 0x01;

/// The marks of emphasis and strikethrough, each with its mask.
const MASKS: [(u8, u8); 3] = [(b'*', MASKED_STAR), (b'_', 0x02), (b'~', 0x03)];

/// A masked text.
#[derive(Default)]
pub(super) struct Masked<'a> {
    /// The text with its literal marks masked; offsets are unchanged.
    pub(super) text: Cow<'a, str>,
    /// Stars inside words that may have been intended as emphasis.
    pub(super) doubtful: Vec<Range<usize>>,
}

/// Masks the marks in bare URLs and the stars inside words.
pub(super) fn mask(text: &str) -> Masked<'_> {
    if !has_byte(text, is_mark) {
        return Masked {
            text: Cow::Borrowed(text),
            ..Masked::default()
        };
    }
    let mut out = Cow::Borrowed(text.as_bytes());
    mask_urls(text, &mut out);
    let inner = intraword_stars::of(text, &out);
    for star in inner.stars {
        shield(out.to_mut(), star);
    }
    Masked {
        text: match out {
            Cow::Owned(out) => String::from_utf8(out).map_or(Cow::Borrowed(text), Cow::Owned),
            Cow::Borrowed(_) => Cow::Borrowed(text),
        },
        doubtful: inner.doubtful,
    }
}

/// Masks the marks in the bare URLs of `text`.
fn mask_urls(text: &str, out: &mut Cow<'_, [u8]>) {
    let mut open = OpenMarks::default();
    let mut done = 0;
    for reach in autolink::candidates(text) {
        open.read(text, done..reach.start);
        done = reach.start + open.length(&text[..reach.start], &text[reach.clone()]);
        let url = reach.start..done;
        if has_byte(&text[url.clone()], is_mark) && !is_destination(&text[..reach.start]) {
            shield(out.to_mut(), url);
        }
    }
}

/// Whether the URL after `before` is a link destination: there the parser reads no emphasis and accepts no control
/// characters (CommonMark 0.31.2 sections 4.7, 6.3 and 6.5).
fn is_destination(before: &str) -> bool {
    let trimmed = before.trim_end();
    before.ends_with('<') || trimmed.ends_with("](") || trimmed.ends_with("]:") && is_label(trimmed)
}

/// Whether the last line of `text` starts with a bracket, as a link definition does; a label has up to 999 characters.
fn is_label(text: &str) -> bool {
    const LONGEST: usize = 4_000;
    let last = text.bytes().rev().take(LONGEST);
    let length = last.take_while(|byte| *byte != b'\n').count();
    let line = text.get(text.len() - length..).unwrap_or_default();
    line.trim_start().starts_with('[')
}

/// Restores the marks in a masked text.
pub(super) fn unmask(text: &str) -> Cow<'_, str> {
    if !has_byte(text, |byte| (0x01..=0x03).contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let back = |c: char| {
        let found = MASKS
            .iter()
            .find(|(_, shield)| u32::from(c) == u32::from(*shield));
        found.map_or(c, |(mark, _)| char::from(*mark))
    };
    text.chars().map(back).collect()
}

fn is_mark(byte: u8) -> bool {
    (byte == b'*') | (byte == b'_') | (byte == b'~')
}

/// Masks the marks in `part`, except escaped ones, which are literal to the parser already.
fn shield(out: &mut [u8], part: Range<usize>) {
    for at in part {
        let is_escaped = at > 0 && out[at - 1] == b'\\';
        let found = MASKS.iter().find(|(mark, _)| out[at] == *mark);
        if let (Some((_, shield)), false) = (found, is_escaped) {
            out[at] = *shield;
        }
    }
}

/// The number of open runs of each mark in the paragraph.
#[derive(Default)]
struct OpenMarks([usize; MASKS.len()]);

impl OpenMarks {
    /// Reads the text between two URLs.
    fn read(&mut self, text: &str, part: Range<usize>) {
        let bytes = text.as_bytes();
        let mut at = part.start;
        let matters = |byte| is_mark(byte) | (byte == b'\n');
        while let Some(found) = next_byte(&bytes[at..part.end], matters) {
            at += found;
            if bytes[at..part.end].starts_with(b"\n\n") {
                *self = Self::default();
            }
            let (mark, start) = (bytes[at], at);
            at += bytes[at..part.end]
                .iter()
                .take_while(|byte| **byte == mark)
                .count();
            if let Some(index) = MASKS.iter().position(|(one, _)| *one == mark) {
                self.run(index, &text[..start], &text[at..]);
            }
        }
    }

    /// Counts a run of a mark by the characters around it (CommonMark 0.31.2 section 6.2, simplified).
    fn run(&mut self, index: usize, before: &str, after: &str) {
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let is_space = |c: Option<char>| c.is_none_or(char::is_whitespace);
        let (before, after) = (before.chars().next_back(), after.chars().next());
        if before == Some('\\') || is_word(before) && is_word(after) {
            return;
        }
        if !is_space(before) && self.0[index] > 0 {
            self.0[index] -= 1;
        } else if !is_space(after) {
            self.0[index] += 1;
        }
    }

    /// The length of the URL at the beginning of `reach`, without marks that close what was opened `before` it.
    fn length(&self, before: &str, reach: &str) -> usize {
        let mut url = autolink::trimmed(reach);
        for (count, (mark, _)) in self.0.iter().zip(MASKS) {
            let mark = char::from(mark);
            if *count == 0 {
                continue;
            }
            let opening = &before[before.trim_end_matches(mark).len()..];
            let is_closed_inside = !opening.is_empty() && !url.ends_with(mark);
            let end = url.find(opening).filter(|_| is_closed_inside);
            url = url[..end.unwrap_or(url.len())].trim_end_matches(mark);
        }
        url.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_in_a_url_are_shielded_and_those_around_it_are_not() {
        for (text, seen) in [
            ("https://a.example/a*b*c *d*", "https://a.example/a1b1c *d*"),
            (
                "see https://a.example/_a_b_.",
                "see https://a.example/2a2b2.",
            ),
            ("https://a.example/?y=**z**", "https://a.example/?y=11z11"),
            ("https://a.example/~a~", "https://a.example/3a3"),
            ("*https://a.example/*.", "*https://a.example/*."),
            ("**é https://a.example/a*b**", "**é https://a.example/a1b**"),
            ("*é* https://a.example/*b*", "*é* https://a.example/1b1"),
            ("(_https://a.example/_)", "(_https://a.example/_)"),
            (
                "*https://a.example/*\u{2014}x",
                "*https://a.example/*\u{2014}x",
            ),
            (
                "[**https://a.example**](https://b.example)",
                "[**https://a.example**](https://b.example)",
            ),
            ("https://a.example/\\*b", "https://a.example/\\*b"),
            (
                "[w](https://a.example/a_b) <https://a.example/a*b>",
                "[w](https://a.example/a_b) <https://a.example/a*b>",
            ),
            ("[r]: https://a.example/a_b", "[r]: https://a.example/a_b"),
        ] {
            let found = mask(text).text;
            assert_eq!(unmask(&found), text);
            let digits = found.replace('\u{1}', "1").replace('\u{2}', "2");
            assert_eq!(digits.replace('\u{3}', "3"), seen);
        }
    }
}
