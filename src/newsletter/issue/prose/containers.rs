//! The blocks and inlines that are open while a text is read.

use std::ops::Range;

use super::{Block, Inline};
use crate::diag::Place;

pub(super) struct Open {
    pub(super) kind: Kind,
    pub(super) blocks: Vec<Block>,
    pub(super) inlines: Vec<Inline>,
    pub(super) items: Vec<Vec<Block>>,
}

pub(super) enum Kind {
    Blocks,
    Paragraph,
    Heading(u8),
    List(Option<u64>),
    Item,
    Quote,
    Code,
    Emphasis,
    Strong,
    Strikethrough,
    /// One tilde at each side, which is more often an index than a strikethrough.
    Tildes(Range<usize>),
    /// A link with the place of its destination; `None` where that was refused.
    Link(Option<(String, Place)>),
    /// What is read over: a refused picture, raw HTML.
    Dropped,
}

impl Open {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            blocks: Vec::new(),
            inlines: Vec::new(),
            items: Vec::new(),
        }
    }

    /// The blocks of a container; words without a paragraph (a tight list's) are given one.
    pub(super) fn into_blocks(mut self) -> Vec<Block> {
        self.wrap_inlines();
        self.blocks
    }

    pub(super) fn wrap_inlines(&mut self) {
        if !self.inlines.is_empty() {
            let words = std::mem::take(&mut self.inlines);
            self.blocks.push(Block::Paragraph(words));
        }
    }
}
