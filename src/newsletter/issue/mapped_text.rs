//! Running text whose bytes can be mapped to their offsets in the Markdown.

use std::ops::Range;

/// Replaces what is not text: code, an escaped character, the edge of a link or of emphasis.
pub(super) const GAP: char = '\u{FFFC}';
/// Replaces a bare URL or address that became a link.
pub(super) const LINK: char = '\u{FFFB}';

/// A run of text with its offsets in the Markdown.
#[derive(Debug, Clone, Default)]
pub(super) struct MappedText {
    text: String,
    /// The beginning of each segment: in the text, and in the Markdown.
    stretches: Vec<(usize, usize)>,
    /// The offsets of escaped characters.
    escaped: Vec<usize>,
}

impl MappedText {
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Appends words that are at `start` in the Markdown.
    pub(super) fn push(&mut self, words: &str, start: usize) {
        self.stretches.push((self.text.len(), start));
        self.text.push_str(words);
    }

    /// Marks the next character as escaped.
    pub(super) fn escape_next(&mut self) {
        self.escaped.push(self.text.len());
    }

    /// Appends the bytes `part` of another run, with gaps instead of escaped characters.
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

    /// Appends a substitute for what is not text.
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

    /// The bytes of the Markdown from which `part` comes.
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
