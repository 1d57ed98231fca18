//! Control characters that TOML does not allow, not even in strings and comments.
//!
//! The parser stops at each of them and misreads what follows, so the file is parsed again with spaces instead.

use std::sync::Arc;

use crate::diag::{Finding, Place, Source};
use crate::util::characters;

/// The control characters of a file, and its text without them, of the same length.
#[derive(Debug)]
pub(in crate::toml_file) struct ControlCharacters {
    found: Vec<(usize, u8)>,
    /// The text with a space instead of each, and a line break instead of a carriage return.
    pub(in crate::toml_file) replaced: String,
}

impl ControlCharacters {
    /// `None` if there are none.
    pub(in crate::toml_file) fn of(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let is_control = |at: usize| match bytes[at] {
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            byte => !matches!(byte, b'\t' | b'\n') && byte.is_ascii_control(),
        };
        let found: Vec<(usize, u8)> = (0..bytes.len())
            .filter(|at| is_control(*at))
            .map(|at| (at, bytes[at]))
            .collect();
        let mut replaced = text.to_owned();
        for (at, byte) in &found {
            let blank = if *byte == b'\r' { "\n" } else { " " };
            replaced.replace_range(at..&(at + 1), blank);
        }
        (!found.is_empty()).then_some(Self { found, replaced })
    }

    /// Whether the line of the byte at `offset` has a control character, so that an error there may be a consequence.
    pub(in crate::toml_file) fn share_a_line(&self, text: &str, offset: usize) -> bool {
        let offset = text.floor_char_boundary(offset);
        let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
        let end = text[offset..]
            .find('\n')
            .map_or(text.len(), |at| offset + at);
        let first = self.found.partition_point(|(at, _)| *at < start);
        let here = self.found[first..].iter();
        here.take_while(|(at, _)| *at <= end)
            .any(|(_, byte)| *byte != b'\r')
    }

    /// One finding for each character, at its first occurrence.
    pub(in crate::toml_file) fn findings(&self, source: &Arc<Source>) -> Vec<Finding> {
        let mut reported = Vec::new();
        let mut findings = Vec::new();
        for (at, byte) in &self.found {
            if !reported.contains(byte) {
                reported.push(*byte);
                findings.push(finding(*byte).at(Place::new(source, *at..at + 1)));
            }
        }
        findings
    }
}

fn finding(byte: u8) -> Finding {
    let name = characters::control_name(char::from(byte)).unwrap_or("a control character");
    let message = format!("{name} (U+{byte:04X}) is not allowed in TOML");
    let hint = match byte {
        b'\r' => "save the file with line breaks LF (Unix) or CRLF (Windows)",
        0x0B => "replace it with a line break: word processors copy line breaks as this character",
        0x0C => "delete it: word processors copy page breaks as this character",
        0x00 => "delete it; if there are many, save the file again as UTF-8",
        _ => "delete it: it was probably copied with the text",
    };
    Finding::error("broken-character", message).hint(hint)
}
