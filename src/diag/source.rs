//! The text of a file, and locations in it.

use std::ops::Range;
use std::sync::Arc;

/// The text of a file or of a chunk of it, and the name shown in messages.
#[derive(Debug, PartialEq)]
pub struct Source {
    path: String,
    text: String,
    line_starts: Vec<usize>,
    start: ChunkStart,
}

/// The position of a chunk in its file; a chunk starts with a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ChunkStart {
    /// The bytes before the chunk.
    pub bytes: usize,
    /// The lines before the chunk.
    pub lines: usize,
}

/// A line and a column, counted from one; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl Source {
    /// A file with the text `text`; messages show it as `path`.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Self::chunk(path, text, ChunkStart::default())
    }

    /// The chunk `text` of the file `path`, at the position `start`. Spans are relative to the chunk; shown locations
    /// are those in the file.
    pub fn chunk(path: impl Into<String>, text: impl Into<String>, start: ChunkStart) -> Arc<Self> {
        let text = text.into();
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let line_starts = std::iter::once(0).chain(breaks).collect();
        Arc::new(Self {
            path: path.into(),
            text,
            line_starts,
            start,
        })
    }

    /// The name in messages: the path relative to the newsletter's directory.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The position of the next chunk.
    pub fn next_chunk(&self) -> ChunkStart {
        ChunkStart {
            bytes: self.start.bytes + self.text.len(),
            lines: self.start.lines + self.line_starts.len() - 1,
        }
    }

    /// The position of the byte at `offset`.
    pub fn position(&self, offset: usize) -> Position {
        let line = self.line_of(offset);
        let before = &self.text[self.line_starts[line]..self.floor(offset)];
        Position {
            line: self.start.lines + line + 1,
            column: before.chars().count() + 1,
        }
    }

    /// The whole lines of `span`.
    pub(super) fn lines_around(&self, span: &Range<usize>) -> Range<usize> {
        let first = self.line_of(span.start);
        let last = self.line_of(span.end.saturating_sub(1).max(span.start));
        let end = self.line_starts.get(last + 1).copied();
        self.line_starts[first]..end.unwrap_or(self.text.len())
    }

    fn line_of(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset) - 1
    }

    /// The nearest character boundary at or before `offset`.
    fn floor(&self, offset: usize) -> usize {
        let mut at = offset.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

/// A location: a range of bytes in a file.
#[derive(Clone, PartialEq)]
pub struct Place {
    source: Arc<Source>,
    start: usize,
    end: usize,
}

impl Place {
    /// The bytes `span` of `source`.
    pub fn new(source: &Arc<Source>, span: Range<usize>) -> Self {
        let start = source.floor(span.start);
        Self {
            source: Arc::clone(source),
            start,
            end: source.floor(span.end).max(start),
        }
    }

    /// The file.
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The bytes in the source's text.
    pub fn span(&self) -> Range<usize> {
        self.start..self.end
    }

    /// The offset of the first byte in the file.
    pub fn offset(&self) -> usize {
        self.source.start.bytes + self.start
    }

    /// The position of the first character.
    pub fn position(&self) -> Position {
        self.source.position(self.start)
    }

    /// The position after the last character.
    pub fn end(&self) -> Position {
        self.source.position(self.end)
    }

    /// Another location in the same file.
    pub fn elsewhere(&self, span: Range<usize>) -> Self {
        Self::new(&self.source, span)
    }
}

/// `issues/2026-11.toml:41:8`
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Position { line, column } = self.position();
        write!(f, "{}:{line}:{column}", self.source.path)
    }
}

/// Like [`Display`](std::fmt::Display), because the text of the whole file would fill a test's output.
impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_from_one() {
        let source = Source::new("a.toml", "ä = 1\nöü = 2\n");
        let offset = source.text().find('2').unwrap();
        assert_eq!(source.position(0), Position { line: 1, column: 1 });
        assert_eq!(source.position(offset), Position { line: 2, column: 6 });
        assert_eq!(source.position(999).line, 3);
    }

    #[test]
    fn a_chunk_has_the_positions_of_its_file() {
        let head = Source::new("a.toml", "a = 1\nb = 2\n");
        let tail = Source::chunk("a.toml", "c = 3\n", head.next_chunk());
        let place = Place::new(&tail, 4..5);
        assert_eq!(place.to_string(), "a.toml:3:5");
        assert_eq!(place.offset(), 16);
        assert_eq!(
            tail.next_chunk(),
            ChunkStart {
                bytes: 18,
                lines: 3
            }
        );
    }

    #[test]
    fn a_span_inside_a_character_is_moved_to_its_edge() {
        let source = Source::new("a.toml", "é");
        assert_eq!(Place::new(&source, 1..2).span(), 0..2);
    }
}
