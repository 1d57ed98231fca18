//! Building the tree from the parser's events.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Tag, TagEnd};

use super::containers::{ContainerKind, Open};
use super::reader::ProseReader;
use super::{Block, Inline, plain};
use crate::diag::{Finding, Place};
use crate::newsletter::issue::link;
use crate::newsletter::issue::mask::unmask;
use crate::newsletter::issue::source_map::LinkSource;

/// The maximum nesting of lists and quotations. Ten thousand `>` in a row are not a message, and rendering is
/// recursive.
const DEEPEST: usize = 24;

impl ProseReader<'_> {
    pub(super) fn event(&mut self, event: Event<'_>, span: Range<usize>) {
        match event {
            Event::Text(words) if matches!(self.top().kind, ContainerKind::Code) => {
                self.inline(Inline::Text(unmask(&words).into_owned()));
            }
            Event::Text(words) => self.text_run(&words, span.start),
            Event::SoftBreak => self.run.stand_in('\n', span.start),
            event => {
                self.finish_run();
                self.markup(event, span);
            }
        }
    }

    /// An event other than running text.
    fn markup(&mut self, event: Event<'_>, span: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, span),
            Event::End(tag) => self.end(tag, span),
            Event::Code(code) => {
                self.gap(span.start);
                self.code.push(span);
                self.inline(Inline::Code(unmask(&code).into_owned()));
            }
            Event::HardBreak => {
                self.block.stand_in('\n', span.start);
                self.inline(Inline::Break);
            }
            Event::TaskListMarker(is_done) => self.inline(Inline::Task(is_done)),
            Event::Rule => self.block(Block::Rule),
            Event::Html(_) | Event::InlineHtml(_) => {
                self.gap(span.start);
                self.refuse_html(span);
            }
            _ => self.gap(span.start),
        }
    }

    /// Running text. An escaped character starts a new event, and is literal.
    pub(super) fn text_run(&mut self, words: &str, start: usize) {
        let before = self.marked.text[..start].bytes().rev();
        let backslashes = before.take_while(|byte| *byte == b'\\').count();
        if backslashes % 2 == 1 {
            self.run.escape_next();
        }
        self.run.push(words, start);
    }

    pub(super) fn start(&mut self, tag: Tag<'_>, span: Range<usize>) {
        if self.open.len() == DEEPEST {
            let place = self.place(span.clone());
            let message = format!("this text is nested more than {DEEPEST} levels deep");
            self.findings
                .push(Finding::error("too-deep", message).at(place));
        }
        self.begin(&tag, &span);
        self.line_start(&tag, span.start);
        let kind = self.kind(tag, span);
        self.open.push(Open::new(kind));
    }

    fn kind(&mut self, tag: Tag<'_>, span: Range<usize>) -> ContainerKind {
        match tag {
            Tag::Paragraph => ContainerKind::Paragraph,
            Tag::Heading { level, .. } => {
                self.underline(&span);
                ContainerKind::Heading(level as u8)
            }
            Tag::List(start) => ContainerKind::List(start),
            Tag::Item => ContainerKind::Item,
            Tag::BlockQuote(_) => ContainerKind::Quote,
            Tag::CodeBlock(kind) => {
                if matches!(kind, CodeBlockKind::Fenced(_)) {
                    self.fence(&span);
                }
                self.code.push(span);
                ContainerKind::Code
            }
            Tag::HtmlBlock => self.refused(),
            _ => self.inline_kind(tag, span),
        }
    }

    /// The kind of an inline, or of an extension that is not supported.
    fn inline_kind(&mut self, tag: Tag<'_>, span: Range<usize>) -> ContainerKind {
        match tag {
            Tag::Emphasis => ContainerKind::Emphasis,
            Tag::Strong => ContainerKind::Strong,
            Tag::Strikethrough => self.strikethrough(span),
            Tag::Link { .. } => self.link(tag, span),
            Tag::Image { id, .. } => {
                self.named.insert(id.into_string());
                self.refuse_picture(span);
                ContainerKind::Dropped
            }
            Tag::Table(_) => {
                self.refuse_extension("tables", "write a list with an item for each row", span)
            }
            Tag::FootnoteDefinition(_) => {
                let hint = "write the note in brackets, or at the end of the section";
                self.refuse_extension("footnotes", hint, span)
            }
            _ => ContainerKind::Dropped,
        }
    }

    fn strikethrough(&self, span: Range<usize>) -> ContainerKind {
        match self.marked.text[span.start..].starts_with("~~") {
            true => ContainerKind::Strikethrough,
            false => ContainerKind::Tildes(span),
        }
    }

    fn link(&mut self, tag: Tag<'_>, span: Range<usize>) -> ContainerKind {
        let Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        } = tag
        else {
            return ContainerKind::Dropped;
        };
        self.title(&title, &span);
        self.named.insert(id.into_string());
        let scheme = match link_type {
            LinkType::Email => "mailto:",
            _ => "",
        };
        let url = format!("{scheme}{dest_url}");
        ContainerKind::Link(self.destination(&unmask(&url), span))
    }

    /// An inline mark becomes a gap; a block ends the one before.
    pub(super) fn begin(&mut self, tag: &Tag<'_>, span: &Range<usize>) {
        match tag {
            Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Link { .. }
            | Tag::Image { .. } => self.gap(span.start),
            _ => self.finish_block(),
        }
    }

    /// Records the block that a line starts.
    pub(super) fn line_start(&mut self, tag: &Tag<'_>, at: usize) {
        let text = &self.marked.text;
        match tag {
            Tag::List(start) => {
                let is_nested = self
                    .open
                    .iter()
                    .any(|open| matches!(open.kind, ContainerKind::Item));
                self.unintended_blocks
                    .begin_list(text, at, *start, is_nested);
            }
            Tag::Item => self.unintended_blocks.begin_item(text, at),
            Tag::Heading { .. } | Tag::BlockQuote(_) => {
                self.unintended_blocks.begin_block(text, at)
            }
            _ => {}
        }
    }

    pub(super) fn end(&mut self, tag: TagEnd, span: Range<usize>) {
        match tag {
            TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Link
            | TagEnd::Image => self.gap(span.end),
            _ => self.finish_block(),
        }
        let Some(done) = self.open.pop() else { return };
        if self.open.len() < DEEPEST {
            self.empty_block(&done, &span);
            self.close(done);
        }
    }

    /// Adds a finished block or inline to its container.
    fn close(&mut self, done: Open) {
        match done.kind {
            ContainerKind::Paragraph => self.block(Block::Paragraph(done.inlines)),
            ContainerKind::Heading(level) => self.block(Block::Heading(level, done.inlines)),
            ContainerKind::List(start) => {
                self.unintended_blocks.end_list();
                self.block(Block::List {
                    start,
                    items: done.items,
                });
            }
            ContainerKind::Item => self.top().items.push(done.into_blocks()),
            ContainerKind::Quote => self.block(Block::Quote(done.into_blocks())),
            ContainerKind::Code => self.block(Block::Code(plain(&done.inlines))),
            ContainerKind::Emphasis => self.inline(Inline::Emphasis(done.inlines)),
            ContainerKind::Strong => self.inline(Inline::Strong(done.inlines)),
            ContainerKind::Strikethrough => self.inline(Inline::Strikethrough(done.inlines)),
            ContainerKind::Tildes(span) => self.tildes(done.inlines, span),
            ContainerKind::Link(Some((url, place))) => self.close_link(url, place, done.inlines),
            ContainerKind::Link(None) => self.top().inlines.extend(done.inlines),
            ContainerKind::Blocks | ContainerKind::Dropped => {}
        }
    }

    fn close_link(&mut self, url: String, place: Place, inlines: Vec<Inline>) {
        self.links.push(LinkSource {
            url: url.clone(),
            words: Some(plain(&inlines)),
            title: None,
            place,
            words_place: None,
        });
        self.inline(Inline::Link(url, inlines));
    }

    /// Records an empty heading, item or quotation, which a lone sign at the beginning of a line creates.
    pub(super) fn empty_block(&mut self, done: &Open, span: &Range<usize>) {
        let is_sign = matches!(
            done.kind,
            ContainerKind::Heading(_) | ContainerKind::Item | ContainerKind::Quote
        );
        // Content that is nested too deep is missing from its container.
        let is_whole = self.open.len() + 1 < DEEPEST;
        if is_sign && is_whole && done.blocks.is_empty() && done.inlines.is_empty() {
            self.unintended_blocks.empty(&self.marked.text, span.start);
        }
    }

    pub(super) fn tildes(&mut self, inlines: Vec<Inline>, span: Range<usize>) {
        let hint = "write `~~words~~` for strikethrough, or `\\~` for a tilde";
        self.report_literal("text between single tildes", hint, span);
        self.inline(Inline::Text("~".to_owned()));
        self.top().inlines.extend(inlines);
        self.inline(Inline::Text("~".to_owned()));
    }

    pub(super) fn top(&mut self) -> &mut Open {
        self.open
            .last_mut()
            .expect("the outermost container is never closed by an event")
    }

    pub(super) fn block(&mut self, block: Block) {
        let top = self.top();
        top.wrap_inlines();
        top.blocks.push(block);
    }

    pub(super) fn inline(&mut self, inline: Inline) {
        self.top().inlines.push(inline);
    }

    pub(super) fn destination(&mut self, url: &str, span: Range<usize>) -> Option<(String, Place)> {
        let text = &self.marked.text[span.clone()];
        let found = text.rfind(url).filter(|_| !url.is_empty());
        let span = found.map_or(span.clone(), |i| span.start + i..span.start + i + url.len());
        let place = self.place(span);
        let url = link::check(url, self.placeholders, &place, self.findings)?;
        Some((url, place))
    }
}
