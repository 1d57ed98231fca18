//! The bytes that the server sends, and the parser that makes replies of them.

use std::collections::VecDeque;

use franking::smtp::{ReplyReader, Response};

use crate::memory;

/// How much the transport reads at once, in bytes.
const BUFFER: usize = 4096;
/// Longer than anything that may be kept in memory.
const LONGEST_SCRIPT: usize = 4 << 20;
/// The memory of the longest reply, one word a line: the bound while no end of a reply is found.
const MOST_MEMORY: usize = 1 << 20;

/// Bytes in pieces: the script, then its end again and again.
pub struct Script<'a> {
    said: &'a [u8],
    sizes: std::iter::Cycle<std::array::IntoIter<u8, 4>>,
    again: Vec<u8>,
    left: usize,
}

impl<'a> Script<'a> {
    /// `said` in pieces of these sizes in turn, then its last `from` bytes `times` times.
    pub fn new(said: &'a [u8], sizes: [u8; 4], from: usize, times: usize) -> Self {
        let end = &said[said.len().saturating_sub(from)..];
        Self {
            said,
            sizes: sizes.into_iter().cycle(),
            again: end.repeat(BUFFER / end.len().max(1)),
            left: (end.len() * times).min(LONGEST_SCRIPT),
        }
    }

    fn next(&mut self) -> Option<&[u8]> {
        if !self.said.is_empty() {
            let size = self.sizes.next().map_or(1, |size| usize::from(size) + 1);
            let (piece, rest) = self.said.split_at(size.min(self.said.len()));
            self.said = rest;
            return Some(piece);
        }
        let piece = &self.again[..self.left.min(self.again.len())];
        self.left -= piece.len();
        (!piece.is_empty()).then_some(piece)
    }
}

/// The parser, and beside it a simple one that knows only where a reply ends.
pub struct Server<'a> {
    script: Script<'a>,
    reader: ReplyReader,
    /// The incomplete line.
    line: Vec<u8>,
    /// The codes of complete replies that were not read yet.
    whole: VecDeque<Vec<u8>>,
    /// Whether a reply is incomplete.
    is_within: bool,
    /// Whether the server has sent 421, after which it sends nothing more.
    pub is_closing: bool,
    before: usize,
}

impl<'a> Server<'a> {
    pub fn new(script: Script<'a>) -> Self {
        Self {
            script,
            reader: ReplyReader::default(),
            line: Vec::new(),
            whole: VecDeque::new(),
            is_within: false,
            is_closing: false,
            before: memory::in_use(),
        }
    }

    /// The next reply; `None` if the server has closed the connection or sent something that is not a reply.
    pub fn reply(&mut self) -> Option<Response> {
        loop {
            let taken = self.reader.take();
            let held = memory::in_use().saturating_sub(self.before);
            assert!(held < MOST_MEMORY, "{held} bytes are kept");
            if let Some(lines) = taken.ok()? {
                self.assert_complete(&lines);
                self.is_closing |= lines.code == 421;
                return Some(lines);
            }
            assert!(self.whole.is_empty(), "a complete reply is kept back");
            let piece = self.script.next()?;
            self.reader.feed(piece);
            for byte in piece {
                observe(*byte, &mut self.line, &mut self.whole, &mut self.is_within);
            }
        }
    }

    fn assert_complete(&mut self, lines: &Response) {
        let code = self.whole.pop_front().expect("its last line has arrived");
        assert_eq!(code, lines.code.to_string().as_bytes());
        assert!((200..600).contains(&lines.code));
    }

    /// Whether something has arrived that was not read yet.
    pub fn has_more(&self) -> bool {
        let has_more = !self.whole.is_empty() || !self.line.is_empty() || self.is_within;
        assert_eq!(self.reader.has_more(), has_more);
        has_more
    }
}

/// A reply ends with its first line that has no hyphen after the digits.
fn observe(byte: u8, line: &mut Vec<u8>, whole: &mut VecDeque<Vec<u8>>, is_within: &mut bool) {
    if byte != b'\n' {
        line.push(byte);
        return;
    }
    *is_within = line.get(3) == Some(&b'-');
    if !*is_within {
        whole.push_back(line.iter().copied().take(3).collect());
    }
    line.clear();
}
