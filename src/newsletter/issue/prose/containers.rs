//! Open blocks and inlines while a text is read.

use std::ops::Range;

use super::{Block, Inline};
use crate::diag::Place;

pub(super) struct Open {
    pub(super) kind: ContainerKind,
    pub(super) blocks: Vec<Block>,
    pub(super) inlines: Vec<Inline>,
    pub(super) items: Vec<Vec<Block>>,
}

pub(super) enum ContainerKind {
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
    /// Single tildes, which are more often an index than strikethrough.
    Tildes(Range<usize>),
    /// A link with the location of its destination; `None` if the destination was refused.
    Link(Option<(String, Place)>),
    /// Ignored content: a refused picture, raw HTML.
    Dropped,
}

impl Open {
    pub(super) fn new(kind: ContainerKind) -> Self {
        Self {
            kind,
            blocks: Vec::new(),
            inlines: Vec::new(),
            items: Vec::new(),
        }
    }

    /// The blocks of a container; inlines without a paragraph (in a tight list) get one.
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
