//! CommonMark, as a tree that every part of a letter can be made from.
//!
//! HTML and plain text are both written from this tree, so neither is a translation of the other. What
//! a mail must not carry (raw HTML, pictures in running text) is refused here, with its place.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::link;
use super::mentions::LinkMention;
use crate::characters::{self, Unwanted};
use crate::diag::{Finding, Findings, Place};
use crate::document::Text;
use crate::escape;
use crate::slots::{self, Marked, Slots};

/// How deep lists and quotations may stand in each other. Ten thousand `>` in a row are no letter, and
/// every program that draws them goes down as many steps.
const DEEPEST: usize = 24;

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

    /// Reads CommonMark; its faults become findings with their places in the file.
    ///
    /// With the text, the links in it.
    pub(super) fn read(
        text: &Text,
        slots: &mut Slots,
        findings: &mut Findings,
    ) -> (Self, Vec<LinkMention>) {
        let mut marked = slots::mark(text, slots, findings);
        refuse_references(text, &mut marked, findings);
        let mut reading = Reading {
            text,
            marked: &marked,
            slots,
            findings,
            links: Vec::new(),
            open: vec![Open::new(Kind::Blocks)],
        };
        for (event, span) in Parser::new_ext(&marked.text, Options::empty()).into_offset_iter() {
            reading.event(event, span);
        }
        let blocks = reading.open.pop().map(Open::into_blocks);
        (Self(blocks.unwrap_or_default()), reading.links)
    }
}

/// A character may be written as its number (CommonMark 0.31.2 section 2.5). One of ours would be taken for a mark
/// after the parser, and a control character would get round the look at the text. It is reported, and loses its
/// `&`: places are counted in a text that keeps its length.
fn refuse_references(text: &Text, marked: &mut Marked, findings: &mut Findings) {
    let places: Vec<usize> = marked.text.match_indices("&#").map(|(at, _)| at).collect();
    for at in places {
        let (digits, _) = marked.text[at + 2..].split_once(';').unwrap_or_default();
        let Some(c) = numbered(digits).filter(|c| is_refused(*c)) else {
            continue;
        };
        let reference = marked.original(at..at + "&#;".len() + digits.len());
        let place = text.place_of(reference);
        findings.push(
            match characters::unwanted(c.encode_utf8(&mut [0; 4])).next() {
                Some((_, c, why)) => {
                    let message =
                        format!("this stands for {} (U+{:04X})", why.name(), u32::from(c));
                    Finding::error("broken-character", message)
                        .at(place)
                        .hint("remove it".to_owned())
                }
                None => slots::private(c, place),
            },
        );
        marked.text.replace_range(at..=at, " ");
    }
}

/// Whether no reference may stand for `c`. An invisible character that is written as its number is meant.
fn is_refused(c: char) -> bool {
    let unwanted = characters::unwanted(c.encode_utf8(&mut [0; 4])).next();
    escape::is_private(c) || unwanted.is_some_and(|(_, _, why)| why != Unwanted::Invisible)
}

/// The character of a number, decimal or with an `x` before it.
fn numbered(digits: &str) -> Option<char> {
    let number = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    char::from_u32(number.ok()?)
}

/// The containers of the tree that are still open, the innermost last.
struct Reading<'a> {
    text: &'a Text,
    marked: &'a Marked,
    slots: &'a Slots,
    findings: &'a mut Findings,
    links: Vec<LinkMention>,
    open: Vec<Open>,
}

struct Open {
    kind: Kind,
    blocks: Vec<Block>,
    inlines: Vec<Inline>,
    items: Vec<Vec<Block>>,
}

enum Kind {
    Blocks,
    Paragraph,
    Heading(u8),
    List(Option<u64>),
    Item,
    Quote,
    Code,
    Emphasis,
    Strong,
    /// A link with the place of its destination; `None` where that was refused.
    Link(Option<(String, Place)>),
    /// What is read over: a refused picture, raw HTML.
    Dropped,
}

impl Open {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            blocks: Vec::new(),
            inlines: Vec::new(),
            items: Vec::new(),
        }
    }

    /// The blocks of a container; words without a paragraph (a tight list's) are given one.
    fn into_blocks(mut self) -> Vec<Block> {
        self.wrap_inlines();
        self.blocks
    }

    fn wrap_inlines(&mut self) {
        if !self.inlines.is_empty() {
            let words = std::mem::take(&mut self.inlines);
            self.blocks.push(Block::Paragraph(words));
        }
    }
}

impl Reading<'_> {
    fn event(&mut self, event: Event<'_>, span: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, span),
            Event::End(tag) => self.end(tag),
            Event::Text(words) => self.words(&words),
            Event::Code(code) => self.inline(Inline::Code(code.into_string())),
            Event::SoftBreak => self.words(" "),
            Event::HardBreak => self.inline(Inline::Break),
            Event::Rule => self.block(Block::Rule),
            Event::Html(_) | Event::InlineHtml(_) => self.refuse_html(span),
            // No extension of CommonMark is switched on.
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, span: Range<usize>) {
        if self.open.len() == DEEPEST {
            let place = self.place(span.clone());
            let message = format!("this text is nested more than {DEEPEST} levels deep");
            self.findings
                .push(Finding::error("too-deep", message).at(place));
        }
        let kind = match tag {
            Tag::Paragraph => Kind::Paragraph,
            Tag::Heading { level, .. } => Kind::Heading(level as u8),
            Tag::List(start) => Kind::List(start),
            Tag::Item => Kind::Item,
            Tag::BlockQuote(_) => Kind::Quote,
            Tag::CodeBlock(CodeBlockKind::Fenced(_) | CodeBlockKind::Indented) => Kind::Code,
            Tag::Emphasis => Kind::Emphasis,
            Tag::Strong => Kind::Strong,
            Tag::Link { dest_url, .. } => Kind::Link(self.destination(&dest_url, span)),
            Tag::Image { .. } => {
                self.refuse_picture(span);
                Kind::Dropped
            }
            _ => Kind::Dropped,
        };
        self.open.push(Open::new(kind));
    }

    fn end(&mut self, _: TagEnd) {
        let Some(done) = self.open.pop() else { return };
        if self.open.len() >= DEEPEST {
            return;
        }
        match done.kind {
            Kind::Paragraph => self.block(Block::Paragraph(done.inlines)),
            Kind::Heading(level) => self.block(Block::Heading(level, done.inlines)),
            Kind::List(start) => self.block(Block::List {
                start,
                items: done.items,
            }),
            Kind::Item => {
                let blocks = done.into_blocks();
                self.top().items.push(blocks);
            }
            Kind::Quote => {
                let blocks = done.into_blocks();
                self.block(Block::Quote(blocks));
            }
            Kind::Code => self.block(Block::Code(plain(&done.inlines))),
            Kind::Emphasis => self.inline(Inline::Emphasis(done.inlines)),
            Kind::Strong => self.inline(Inline::Strong(done.inlines)),
            Kind::Link(Some((url, place))) => {
                self.links.push(LinkMention {
                    url: url.clone(),
                    words: Some(plain(&done.inlines)),
                    place,
                    words_place: None,
                });
                self.inline(Inline::Link(url, done.inlines));
            }
            Kind::Link(None) => self.top().inlines.extend(done.inlines),
            Kind::Blocks | Kind::Dropped => {}
        }
    }

    fn top(&mut self) -> &mut Open {
        self.open
            .last_mut()
            .expect("the outermost container is never closed by an event")
    }

    fn block(&mut self, block: Block) {
        let top = self.top();
        top.wrap_inlines();
        top.blocks.push(block);
    }

    fn inline(&mut self, inline: Inline) {
        self.top().inlines.push(inline);
    }

    /// Adjacent words are one text: CommonMark's events cut at every character that might be markup.
    fn words(&mut self, words: &str) {
        let top = self.top();
        match top.inlines.last_mut() {
            Some(Inline::Text(before)) => before.push_str(words),
            _ => top.inlines.push(Inline::Text(words.to_owned())),
        }
    }

    fn destination(&mut self, url: &str, span: Range<usize>) -> Option<(String, Place)> {
        let found = self.marked.text[span.clone()]
            .rfind(url)
            .filter(|_| !url.is_empty());
        let span = found.map_or(span.clone(), |i| span.start + i..span.start + i + url.len());
        let place = self.place(span);
        let url = link::check(url, self.slots, &place, self.findings)?;
        Some((url, place))
    }

    fn refuse_html(&mut self, span: Range<usize>) {
        let raw = self.marked.text[span.clone()].trim().to_owned();
        if raw.starts_with("<!--") || raw.starts_with('<') {
            let place = self.place(span);
            self.findings.push(
                Finding::error("raw-html", "raw HTML cannot be mailed")
                    .at(place)
                    .hint(
                        "write Markdown; a `<` that is meant as such is written `\\<`".to_owned(),
                    ),
            );
        }
    }

    fn refuse_picture(&mut self, span: Range<usize>) {
        let place = self.place(span);
        self.findings.push(
            Finding::error("picture-in-prose", "a picture cannot stand in running text")
                .at(place)
                .hint("give it a section of `kind = \"image\"`".to_owned()),
        );
    }

    fn place(&self, span: Range<usize>) -> Place {
        self.text.place_of(self.marked.original(span))
    }
}

/// The words of some inlines, without their markup.
pub fn plain(inlines: &[Inline]) -> String {
    let words = inlines.iter().map(|inline| match inline {
        Inline::Text(text) | Inline::Code(text) => text.clone(),
        Inline::Emphasis(inner) | Inline::Strong(inner) | Inline::Link(_, inner) => plain(inner),
        Inline::Break => " ".to_owned(),
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Source;

    fn read(markdown: &str) -> (Prose, Vec<String>) {
        let source = Source::new("a.toml", format!("'''{markdown}'''"));
        let spanned = toml::Spanned::new(0..markdown.len() + 6, markdown.to_owned());
        let mut slots = Slots::default();
        let mut findings = Findings::new();
        let prose = Prose::read(&Text::new(&source, spanned), &mut slots, &mut findings);
        let told = findings
            .sorted()
            .into_iter()
            .map(|f| format!("{} {}", f.place.as_ref().unwrap(), f.code));
        let told = told.collect();
        (prose.0, told)
    }

    fn text(words: &str) -> Inline {
        Inline::Text(words.to_owned())
    }

    #[test]
    fn the_tree_holds_what_the_markdown_says() {
        let (prose, told) = read("One *two*\nthree [four](https://a.example/).\n\n- a\n- b\n");
        assert!(told.is_empty(), "{told:?}");
        let link = Inline::Link("https://a.example/".to_owned(), vec![text("four")]);
        let paragraph = vec![
            text("One "),
            Inline::Emphasis(vec![text("two")]),
            text(" three "),
            link,
            text("."),
        ];
        let item = |words| vec![Block::Paragraph(vec![text(words)])];
        let list = Block::List {
            start: None,
            items: vec![item("a"), item("b")],
        };
        assert_eq!(prose.0, [Block::Paragraph(paragraph), list]);
    }

    #[test]
    fn what_a_mail_must_not_carry_is_refused_at_its_place() {
        assert_eq!(
            read("a <b>c</b>").1,
            ["a.toml:1:6 raw-html", "a.toml:1:10 raw-html"]
        );
        assert_eq!(read("x\n\n<script>\n").1, ["a.toml:3:1 raw-html"]);
        assert_eq!(read("[a](javascript:x) {{ n }}").1, ["a.toml:1:8 bad-link"]);
        assert_eq!(read("{{ n }} [a](data:x)").1, ["a.toml:1:16 bad-link"]);
        assert_eq!(read("![a](b.png)").1, ["a.toml:1:4 picture-in-prose"]);
    }

    #[test]
    fn a_placeholder_is_a_destination_in_both_spellings() {
        for markdown in [
            "[Leave]({{unsubscribe_url}})",
            "[Leave]({{ unsubscribe_url }})",
        ] {
            let (prose, told) = read(markdown);
            assert!(told.is_empty(), "{told:?}");
            assert!(matches!(&prose.0[0], Block::Paragraph(p) if matches!(p[0], Inline::Link(..))));
        }
    }
}
