//! CommonMark as a tree, from which HTML and plain text are rendered.
//!
//! What a message must not contain (raw HTML, images in running text) is refused here, with its location. Of GFM's
//! extensions strikethrough, task lists and autolinks are rendered; tables and footnotes are reported.

mod containers;
mod escapes;
mod events;
mod findings;
mod reader;
mod words;

/// Formatted text: a list of blocks. Its strings may contain the marks of placeholders.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prose(pub Vec<Block>);

/// A block of CommonMark.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A heading; level 1 is the highest.
    Heading(u8, Vec<Inline>),
    /// A list; numbered if it has a `start`.
    List {
        /// The first number of a numbered list.
        start: Option<u64>,
        /// The blocks of each item.
        items: Vec<Vec<Block>>,
    },
    /// A block quotation.
    Quote(Vec<Block>),
    /// A code block.
    Code(String),
    /// A thematic break.
    Rule,
}

/// An inline of CommonMark.
#[derive(Debug, Clone, PartialEq)]
pub enum Inline {
    /// Text.
    Text(String),
    /// Emphasis.
    Emphasis(Vec<Inline>),
    /// Strong emphasis.
    Strong(Vec<Inline>),
    /// Strikethrough.
    Strikethrough(Vec<Inline>),
    /// A task list marker, and whether it is checked.
    Task(bool),
    /// A code span.
    Code(String),
    /// A link with its text.
    Link(String, Vec<Inline>),
    /// A hard line break.
    Break,
}

impl Prose {
    /// Whether there is no content.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The text of some inlines, without markup.
pub fn plain(inlines: &[Inline]) -> String {
    let words = inlines.iter().map(|inline| match inline {
        Inline::Text(text) | Inline::Code(text) => text.clone(),
        Inline::Emphasis(inner)
        | Inline::Strong(inner)
        | Inline::Strikethrough(inner)
        | Inline::Link(_, inner) => plain(inner),
        Inline::Break => " ".to_owned(),
        Inline::Task(_) => String::new(),
    });
    words.collect()
}
