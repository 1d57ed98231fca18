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

/// Some paragraphs of an editor's text; slots are marks in its strings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prose(pub Vec<Block>);

/// A block of CommonMark.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Running text.
    Paragraph(Vec<Inline>),
    /// A heading, 1 for the highest.
    Heading(u8, Vec<Inline>),
    /// A list; numbered from `start` where there is one.
    List {
        /// The first number of a numbered list.
        start: Option<u64>,
        /// Each item is a run of blocks.
        items: Vec<Vec<Block>>,
    },
    /// Words of somebody else.
    Quote(Vec<Block>),
    /// Preformatted lines.
    Code(String),
    /// A pause.
    Rule,
}

/// A stretch of running text.
#[derive(Debug, Clone, PartialEq)]
pub enum Inline {
    /// Words.
    Text(String),
    /// Stress.
    Emphasis(Vec<Inline>),
    /// Importance.
    Strong(Vec<Inline>),
    /// Words that no longer hold.
    Strikethrough(Vec<Inline>),
    /// The box of a task, and whether it is done.
    Task(bool),
    /// Something to be typed as it stands.
    Code(String),
    /// A link with its words.
    Link(String, Vec<Inline>),
    /// A line's end that the editor wants.
    Break,
}

impl Prose {
    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The words of some inlines, without their markup.
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
