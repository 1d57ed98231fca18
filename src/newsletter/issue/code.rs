//! Code in a text, in which Markdown and braces are literal.

use std::ops::Range;

use memchr::memmem;
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag};

/// The code spans and code blocks of a Markdown text, in its order.
pub fn code_spans(text: &str) -> Vec<Range<usize>> {
    let has = |sign: &str| memmem::find(text.as_bytes(), sign.as_bytes()).is_some();
    if !has("`") && !has("~~~") && !has("    ") && !has("\t") {
        return Vec::new();
    }
    code(text).map(|(span, _)| span).collect()
}

/// The code blocks between two fences, in the order of the text.
pub(super) fn fenced_blocks(text: &str) -> Vec<Range<usize>> {
    let blocks = code(text).filter(|(_, is_fenced)| *is_fenced);
    blocks.map(|(span, _)| span).collect()
}

/// The code of a text; with each span, whether it is a fenced block.
fn code(text: &str) -> impl Iterator<Item = (Range<usize>, bool)> {
    let events = Parser::new(text).into_offset_iter();
    events.filter_map(|(event, span)| match event {
        Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => Some((span, true)),
        Event::Start(Tag::CodeBlock(_)) | Event::Code(_) => Some((span, false)),
        _ => None,
    })
}
