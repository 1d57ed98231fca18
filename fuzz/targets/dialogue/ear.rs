//! What the server says, and the reader that makes replies of it.

use std::collections::VecDeque;

use franking::smtp::{Response, ReplyReader};

use crate::held;

/// As much as the shell reads at once.
const BUFFER: usize = 4096;
/// Longer than anything that may be kept.
const LONGEST_SPEECH: usize = 4 << 20;
/// What the longest reply takes, whose lines have a word each: what is held while there is no end.
const MOST_HELD: usize = 1 << 20;

/// Bytes in pieces: what is said, then its end again and again.
pub struct Speech<'a> {
    said: &'a [u8],
    sizes: std::iter::Cycle<std::array::IntoIter<u8, 4>>,
    again: Vec<u8>,
    left: usize,
}

impl<'a> Speech<'a> {
    /// `said` in pieces of these sizes in turn, then its last `from` bytes `times` times.
    pub fn new(said: &'a [u8], sizes: [u8; 4], from: usize, times: usize) -> Self {
        let end = &said[said.len().saturating_sub(from)..];
        Self {
            said,
            sizes: sizes.into_iter().cycle(),
            again: end.repeat(BUFFER / end.len().max(1)),
            left: (end.len() * times).min(LONGEST_SPEECH),
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

/// The reader, and beside it one that knows no more than where a reply ends.
pub struct Ear<'a> {
    speech: Speech<'a>,
    reader: ReplyReader,
    /// The line that has begun.
    line: Vec<u8>,
    /// The codes of what has arrived whole and is not taken yet.
    whole: VecDeque<Vec<u8>>,
    /// Whether a reply has begun and not ended.
    is_within: bool,
    /// Whether the server has said 421, behind which it says nothing more.
    pub is_closing: bool,
    held_before: usize,
}

impl<'a> Ear<'a> {
    pub fn new(speech: Speech<'a>) -> Self {
        Self {
            speech,
            reader: ReplyReader::default(),
            line: Vec::new(),
            whole: VecDeque::new(),
            is_within: false,
            is_closing: false,
            held_before: held::in_use(),
        }
    }

    /// The next reply; `None` where there will be none: the server has hung up, or said what is no reply.
    pub fn reply(&mut self) -> Option<Response> {
        loop {
            let taken = self.reader.take();
            let held = held::in_use().saturating_sub(self.held_before);
            assert!(held < MOST_HELD, "{held} octets are kept");
            if let Some(lines) = taken.ok()? {
                self.must_be_whole(&lines);
                self.is_closing |= lines.code == 421;
                return Some(lines);
            }
            assert!(self.whole.is_empty(), "a whole reply is kept back");
            let piece = self.speech.next()?;
            self.reader.feed(piece);
            for byte in piece {
                hear(*byte, &mut self.line, &mut self.whole, &mut self.is_within);
            }
        }
    }

    fn must_be_whole(&mut self, lines: &Response) {
        let code = self.whole.pop_front().expect("its last line has arrived");
        assert_eq!(code, lines.code.to_string().as_bytes());
        assert!((200..600).contains(&lines.code));
    }

    /// Whether something has arrived that is not taken yet.
    pub fn has_more(&self) -> bool {
        let has_more = !self.whole.is_empty() || !self.line.is_empty() || self.is_within;
        assert_eq!(self.reader.has_more(), has_more);
        has_more
    }
}

/// A reply ends with the first of its lines that has no hyphen behind the digits.
fn hear(byte: u8, line: &mut Vec<u8>, whole: &mut VecDeque<Vec<u8>>, is_within: &mut bool) {
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
