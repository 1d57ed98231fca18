//! Running text with the way back to the Markdown that it came from.

use std::ops::Range;

/// Stands for what is not text: code, an escaped character, the edge of a link or of emphasis.
pub(super) const GAP: char = '\u{FFFC}';
/// Stands for a bare URL or address that became a link.
pub(super) const LINK: char = '\u{FFFB}';

/// A run of text; each stretch of it knows its offset in the Markdown.
#[derive(Debug, Clone, Default)]
pub(super) struct MappedText {
    text: String,
    /// Where each stretch begins: in the text, and in the Markdown.
    stretches: Vec<(usize, usize)>,
    /// The characters that were written with a backslash.
    escaped: Vec<usize>,
}

impl MappedText {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Appends words that stand at `start` of the Markdown.
    pub(super) fn push(&mut self, words: &str, start: usize) {
        self.stretches.push((self.text.len(), start));
        self.text.push_str(words);
    }

    /// Says that the next character was written with a backslash.
    pub(super) fn escape_next(&mut self) {
        self.escaped.push(self.text.len());
    }

    /// Appends the bytes `part` of another run, gaps in the place of escaped characters.
    pub(super) fn append(&mut self, other: &Self, part: Range<usize>) {
        let first = other.stretch_of(part.start);
        for (index, (at, _)) in other.stretches.iter().enumerate().skip(first) {
            if *at >= part.end {
                break;
            }
            let end = other
                .stretches
                .get(index + 1)
                .map_or(part.end, |next| next.0);
            let own = part.start.max(*at)..part.end.min(end);
            let mut words = &other.text[own.clone()];
            let mut source = other.source(own.start);
            if other.escaped.binary_search(&own.start).is_ok() {
                self.stand_in(GAP, source);
                let length = words.chars().next().map_or(0, char::len_utf8);
                words = &words[length..];
                source += length;
            }
            self.push(words, source);
        }
    }

    /// Appends one of the characters that stand for what is not text.
    pub(super) fn stand_in(&mut self, c: char, start: usize) {
        self.push(c.encode_utf8(&mut [0; 4]), start);
    }

    /// The offset in the Markdown of the byte `at`.
    pub(super) fn source(&self, at: usize) -> usize {
        match self.stretches.get(self.stretch_of(at)) {
            Some((begin, start)) => start + (at - begin),
            None => at,
        }
    }

    /// The bytes of the Markdown that `part` came from.
    pub(super) fn sources(&self, part: Range<usize>) -> Range<usize> {
        let start = self.source(part.start);
        let last = part.end.saturating_sub(1).max(part.start);
        start..(self.source(last) + 1).max(start)
    }

    fn stretch_of(&self, at: usize) -> usize {
        let after = self.stretches.partition_point(|(begin, _)| *begin <= at);
        after.saturating_sub(1)
    }
}
