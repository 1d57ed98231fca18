//! Reading a text: the parser's events become a tree, links and findings.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use memchr::memmem;
use pulldown_cmark::{BrokenLink, LinkType, Options, Parser};

use super::Prose;
use super::containers::{ContainerKind, Open};
use super::escapes::{refuse_conflicts, refuse_references};
use crate::diag::{Findings, Place};
use crate::newsletter::issue::code::code_spans;
use crate::newsletter::issue::footnotes::Footnotes;
use crate::newsletter::issue::literal_markdown::LiteralMark;
use crate::newsletter::issue::mapped_text::MappedText;
use crate::newsletter::issue::mask::mask;
use crate::newsletter::issue::source_map::LinkSource;
use crate::newsletter::issue::unintended_blocks::UnintendedBlocks;
use crate::placeholder::{self, MarkedPlaceholder, Placeholders};
use crate::toml_file::Text;

/// Extensions: strikethrough and task lists are rendered, tables and footnotes are reported.
const EXTENSIONS: Options = Options::ENABLE_STRIKETHROUGH
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_TABLES)
    .union(Options::ENABLE_FOOTNOTES);

impl Prose {
    /// Reads CommonMark; mistakes become findings with their locations in the file.
    ///
    /// Returns the text and its links.
    pub(in crate::newsletter::issue) fn read(
        text: &Text,
        placeholders: &mut Placeholders,
        findings: &mut Findings,
    ) -> (Self, Vec<LinkSource>) {
        let code = code_with_braces(text.value());
        let mut marked = placeholder::mark_outside(text, &code, placeholders, findings);
        refuse_conflicts(text, &mut marked, findings);
        refuse_references(text, &mut marked, findings);
        let mut reading = ProseReader::new(text, &marked, placeholders, findings);
        let broken = RefCell::new(BTreeSet::new());
        let missing = |link: BrokenLink<'_>| {
            if matches!(link.link_type, LinkType::Reference | LinkType::Collapsed) {
                broken.borrow_mut().insert((link.span.start, link.span.end));
            }
            None
        };
        let source = mask(&marked.text);
        let mut events =
            Parser::new_with_broken_link_callback(&source.text, EXTENSIONS, Some(missing))
                .into_offset_iter();
        for (event, span) in events.by_ref() {
            reading.event(event, span);
        }
        reading.finish_block();
        reading.report(&broken.borrow(), events.reference_definitions());
        reading.inner_emphasis(source.doubtful);
        let blocks = reading.open.pop().map(Open::into_blocks);
        (Self(blocks.unwrap_or_default()), reading.links)
    }
}

/// The code of a text with double braces; a text without braces needs no extra parsing.
fn code_with_braces(text: &str) -> Vec<Range<usize>> {
    match memmem::find(text.as_bytes(), b"{{") {
        Some(_) => code_spans(text),
        None => Vec::new(),
    }
}

/// A text while it is read. `open` has the open containers, the innermost last.
pub(super) struct ProseReader<'a> {
    pub(super) text: &'a Text,
    pub(super) marked: &'a MarkedPlaceholder,
    pub(super) placeholders: &'a Placeholders,
    pub(super) findings: &'a mut Findings,
    pub(super) links: Vec<LinkSource>,
    pub(super) open: Vec<Open>,
    /// The text since the last mark; the parser splits it at every possible mark.
    pub(super) run: MappedText,
    /// The text of the current block, with gaps instead of code and marks.
    pub(super) block: MappedText,
    pub(super) literal_marks: Vec<(LiteralMark, Range<usize>)>,
    pub(super) unintended_blocks: UnintendedBlocks,
    pub(super) footnotes: Footnotes,
    /// The code of the text, in which marks and merge fields are literal.
    pub(super) code: Vec<Range<usize>>,
    /// The labels of link definitions that are used.
    pub(super) named: BTreeSet<String>,
}

impl<'a> ProseReader<'a> {
    fn new(
        text: &'a Text,
        marked: &'a MarkedPlaceholder,
        placeholders: &'a Placeholders,
        findings: &'a mut Findings,
    ) -> Self {
        Self {
            text,
            marked,
            placeholders,
            findings,
            links: Vec::new(),
            open: vec![Open::new(ContainerKind::Blocks)],
            run: MappedText::default(),
            block: MappedText::default(),
            literal_marks: Vec::new(),
            unintended_blocks: UnintendedBlocks::default(),
            footnotes: Footnotes::default(),
            code: Vec::new(),
            named: BTreeSet::new(),
        }
    }

    /// The bytes `span` of the marked text as the editor wrote them.
    pub(super) fn written(&self, span: &Range<usize>) -> &str {
        self.text.part(self.marked.original(span.clone()))
    }

    pub(super) fn place(&self, span: Range<usize>) -> Place {
        self.text.place_of(self.marked.original(span))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Block, Inline};
    use super::*;
    use crate::diag::Source;

    fn read(markdown: &str) -> (Prose, Vec<String>) {
        let source = Source::new("a.toml", format!("'''{markdown}'''"));
        let spanned = toml::Spanned::new(0..markdown.len() + 6, markdown.to_owned());
        let mut placeholders = Placeholders::default();
        let mut findings = Findings::new();
        let prose = Prose::read(
            &Text::new(&source, spanned),
            &mut placeholders,
            &mut findings,
        );
        let reported = findings
            .sorted()
            .into_iter()
            .map(|f| format!("{} {}", f.place.as_ref().unwrap(), f.code));
        let reported = reported.collect();
        (prose.0, reported)
    }

    fn text(words: &str) -> Inline {
        Inline::Text(words.to_owned())
    }

    #[test]
    fn markdown_becomes_a_tree() {
        let (prose, reported) = read("One *two*\nthree [four](https://a.example/).\n\n- a\n- b\n");
        assert!(reported.is_empty(), "{reported:?}");
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
    fn unsupported_content_is_refused_at_its_location() {
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
            let (prose, reported) = read(markdown);
            assert!(reported.is_empty(), "{reported:?}");
            assert!(matches!(&prose.0[0], Block::Paragraph(p) if matches!(p[0], Inline::Link(..))));
        }
    }
}
