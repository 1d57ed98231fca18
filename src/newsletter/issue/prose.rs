//! CommonMark, as a tree that every part of a letter can be made from.
//!
//! HTML and plain text are both written from this tree, so neither is a translation of the other. What
//! a mail must not carry (raw HTML, pictures in running text) is refused here, with its place. Of GFM's extensions
//! strikethrough, task lists and bare URLs are read; whatever else did not become anything is a finding.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

use memchr::memmem;
use pulldown_cmark::{
    BrokenLink, CodeBlockKind, Event, LinkType, Options, Parser, RefDefs, Tag, TagEnd,
};

use super::footnotes::Footnotes;
use super::literal::{self, Leftover};
use super::mapped_text::{GAP, LINK, MappedText};
use super::mask::{mask, unmask};
use super::merge_conflict::{self, MergeConflict};
use super::source_map::LinkSource;
use super::unintended_blocks::UnintendedBlocks;
use super::{autolink, entity, link, url_end};
use crate::diag::{Finding, Findings, Place};
use crate::placeholder::{self, Marked, Placeholders};
use crate::toml_file::Text;
use crate::util::characters::{self, Unwanted};
use crate::util::escape;

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

    /// Reads CommonMark; its faults become findings with their places in the file.
    ///
    /// With the text, the links in it.
    pub(super) fn read(
        text: &Text,
        slots: &mut Placeholders,
        findings: &mut Findings,
    ) -> (Self, Vec<LinkSource>) {
        let code = code_with_braces(text.value());
        let mut marked = placeholder::mark_outside(text, &code, slots, findings);
        refuse_conflicts(text, &mut marked, findings);
        refuse_references(text, &mut marked, findings);
        let mut reading = ProseReader::new(text, &marked, slots, findings);
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

/// The extensions that are rendered, and those that are read to be reported as a whole.
const EXTENSIONS: Options = Options::ENABLE_STRIKETHROUGH
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_TABLES)
    .union(Options::ENABLE_FOOTNOTES);

/// The code of a text, read for its placeholders; nothing where it has no two braces or no sign of code, which are
/// looked for before.
fn code_with_braces(text: &str) -> Vec<Range<usize>> {
    let has = |sign: &str| memmem::find(text.as_bytes(), sign.as_bytes()).is_some();
    let may_be_code = || has("`") || has("~~~") || has("    ") || has("\t");
    if !has("{{") || !may_be_code() {
        return Vec::new();
    }
    let events = Parser::new(text).into_offset_iter();
    let code = events.filter_map(|(event, span)| match event {
        Event::Code(_) | Event::Start(Tag::CodeBlock(_)) => Some(span),
        _ => None,
    });
    code.collect()
}

/// Reports merge conflicts. Their lines become blanks of the same length, because a second finding about them says
/// nothing new.
fn refuse_conflicts(text: &Text, marked: &mut Marked, findings: &mut Findings) {
    for found in merge_conflict::of(&marked.text) {
        if let Some(first) = found.lines.first() {
            let place = text.place_of(marked.original(first.clone()));
            findings.push(MergeConflict::finding(place));
        }
        for line in found.lines {
            let blanks = " ".repeat(line.len());
            marked.text.replace_range(line, &blanks);
        }
    }
}

/// A character may be written as its number (CommonMark 0.31.2 section 2.5). One of ours would be taken for a mark
/// after the parser, and a control character would get round the look at the text. It is reported, and loses its
/// `&`: places are counted in a text that keeps its length.
fn refuse_references(text: &Text, marked: &mut Marked, findings: &mut Findings) {
    let places: Vec<usize> = marked.text.match_indices("&#").map(|(at, _)| at).collect();
    for at in places {
        let Some(reference) = entity::numbered(&marked.text[at..]) else {
            continue;
        };
        let place = text.place_of(marked.original(at..at + reference.length));
        let Some(fault) = fault(reference.number, place) else {
            continue;
        };
        findings.push(fault);
        marked.text.replace_range(at..=at, " ");
    }
}

/// What is wrong with a reference to the character `number`. An invisible character that is written as its number is
/// meant.
fn fault(number: u32, place: Place) -> Option<Finding> {
    let Some(c) = char::from_u32(number) else {
        let message = format!("this stands for no character (U+{number:04X})");
        return Some(broken(message, place));
    };
    match characters::unwanted(c.encode_utf8(&mut [0; 4])).next() {
        Some((_, _, Unwanted::Invisible)) => None,
        Some((_, c, why)) => {
            let message = format!("this stands for {} (U+{:04X})", why.name(), u32::from(c));
            Some(broken(message, place))
        }
        None => escape::is_private(c).then(|| placeholder::private(c, place)),
    }
}

fn broken(message: String, place: Place) -> Finding {
    Finding::error("broken-character", message)
        .at(place)
        .hint("remove it".to_owned())
}

/// A text while it is read: the containers of the tree that are still open, the innermost last.
struct ProseReader<'a> {
    text: &'a Text,
    marked: &'a Marked,
    slots: &'a Placeholders,
    findings: &'a mut Findings,
    links: Vec<LinkSource>,
    open: Vec<Open>,
    /// The words since the last mark: the parser cuts them at every character that might be one.
    run: MappedText,
    /// The words of the present block, gaps in the place of code and marks.
    block: MappedText,
    leftovers: Vec<(Leftover, Range<usize>)>,
    unintended_blocks: UnintendedBlocks,
    footnotes: Footnotes,
    /// The code of the text, where marks and merge fields are meant as they stand.
    code: Vec<Range<usize>>,
    /// The labels of link definitions that a link names.
    named: BTreeSet<String>,
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
    Strikethrough,
    /// One tilde at each side, which is more often an index than a strikethrough.
    Tildes(Range<usize>),
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

impl<'a> ProseReader<'a> {
    fn new(
        text: &'a Text,
        marked: &'a Marked,
        slots: &'a Placeholders,
        findings: &'a mut Findings,
    ) -> Self {
        Self {
            text,
            marked,
            slots,
            findings,
            links: Vec::new(),
            open: vec![Open::new(Kind::Blocks)],
            run: MappedText::default(),
            block: MappedText::default(),
            leftovers: Vec::new(),
            unintended_blocks: UnintendedBlocks::default(),
            footnotes: Footnotes::default(),
            code: Vec::new(),
            named: BTreeSet::new(),
        }
    }

    fn event(&mut self, event: Event<'_>, span: Range<usize>) {
        match event {
            Event::Text(words) if matches!(self.top().kind, Kind::Code) => {
                self.inline(Inline::Text(unmask(&words).into_owned()));
                return;
            }
            Event::Text(words) => return self.text_run(&words, span.start),
            Event::SoftBreak => return self.run.stand_in('\n', span.start),
            _ => self.finish_run(),
        }
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

    /// Words of running text. A character after a backslash begins a run of the parser, and is meant as it stands.
    fn text_run(&mut self, words: &str, start: usize) {
        let before = self.marked.text[..start].bytes().rev();
        let backslashes = before.take_while(|byte| *byte == b'\\').count();
        if backslashes % 2 == 1 {
            self.run.escape_next();
        }
        self.run.push(words, start);
    }

    fn start(&mut self, tag: Tag<'_>, span: Range<usize>) {
        if self.open.len() == DEEPEST {
            let place = self.place(span.clone());
            let message = format!("this text is nested more than {DEEPEST} levels deep");
            self.findings
                .push(Finding::error("too-deep", message).at(place));
        }
        self.begin(&tag, &span);
        self.line_start(&tag, span.start);
        let kind = match tag {
            Tag::Paragraph => Kind::Paragraph,
            Tag::Heading { level, .. } => {
                self.underline(&span);
                Kind::Heading(level as u8)
            }
            Tag::List(start) => Kind::List(start),
            Tag::Item => Kind::Item,
            Tag::BlockQuote(_) => Kind::Quote,
            Tag::CodeBlock(kind) => {
                if matches!(kind, CodeBlockKind::Fenced(_)) {
                    self.fence(&span);
                }
                self.code.push(span);
                Kind::Code
            }
            Tag::Emphasis => Kind::Emphasis,
            Tag::Strong => Kind::Strong,
            Tag::Strikethrough if self.marked.text[span.start..].starts_with("~~") => {
                Kind::Strikethrough
            }
            Tag::Strikethrough => Kind::Tildes(span),
            Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            } => {
                self.title(&title, &span);
                self.named.insert(id.into_string());
                let scheme = if link_type == LinkType::Email {
                    "mailto:"
                } else {
                    ""
                };
                let url = format!("{scheme}{dest_url}");
                let url = unmask(&url);
                Kind::Link(self.destination(&url, span))
            }
            Tag::Image { id, .. } => {
                self.named.insert(id.into_string());
                self.refuse_picture(span);
                Kind::Dropped
            }
            Tag::Table(_) => self.refuse_extension("a table", "write a list, an item a row", span),
            Tag::FootnoteDefinition(_) => {
                let hint = "write the note in brackets, or at the end of the section";
                self.refuse_extension("a footnote", hint, span)
            }
            Tag::HtmlBlock => self.refused(),
            _ => Kind::Dropped,
        };
        self.open.push(Open::new(kind));
    }

    /// A mark in running text is a gap; a new block ends the one before.
    fn begin(&mut self, tag: &Tag<'_>, span: &Range<usize>) {
        match tag {
            Tag::Emphasis
            | Tag::Strong
            | Tag::Strikethrough
            | Tag::Link { .. }
            | Tag::Image { .. } => self.gap(span.start),
            _ => self.finish_block(),
        }
    }

    /// Notes what the beginning of a line made.
    fn line_start(&mut self, tag: &Tag<'_>, at: usize) {
        let text = &self.marked.text;
        match tag {
            Tag::List(start) => {
                let is_nested = self.open.iter().any(|open| matches!(open.kind, Kind::Item));
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

    fn end(&mut self, tag: TagEnd, span: Range<usize>) {
        match tag {
            TagEnd::Emphasis
            | TagEnd::Strong
            | TagEnd::Strikethrough
            | TagEnd::Link
            | TagEnd::Image => self.gap(span.end),
            _ => self.finish_block(),
        }
        let Some(done) = self.open.pop() else { return };
        if self.open.len() >= DEEPEST {
            return;
        }
        self.empty_block(&done, &span);
        match done.kind {
            Kind::Paragraph => self.block(Block::Paragraph(done.inlines)),
            Kind::Heading(level) => self.block(Block::Heading(level, done.inlines)),
            Kind::List(start) => {
                self.unintended_blocks.end_list();
                self.block(Block::List {
                    start,
                    items: done.items,
                });
            }
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
            Kind::Strikethrough => self.inline(Inline::Strikethrough(done.inlines)),
            Kind::Tildes(span) => self.tildes(done.inlines, span),
            Kind::Link(Some((url, place))) => {
                self.links.push(LinkSource {
                    url: url.clone(),
                    words: Some(plain(&done.inlines)),
                    title: None,
                    place,
                    words_place: None,
                });
                self.inline(Inline::Link(url, done.inlines));
            }
            Kind::Link(None) => self.top().inlines.extend(done.inlines),
            Kind::Blocks | Kind::Dropped => {}
        }
    }

    /// Notes a heading, an item or a quotation without words, which a lone sign at the start of a line makes.
    fn empty_block(&mut self, done: &Open, span: &Range<usize>) {
        let is_sign = matches!(done.kind, Kind::Heading(_) | Kind::Item | Kind::Quote);
        // What is nested too deep was left out of its container.
        let is_whole = self.open.len() + 1 < DEEPEST;
        if is_sign && is_whole && done.blocks.is_empty() && done.inlines.is_empty() {
            self.unintended_blocks.empty(&self.marked.text, span.start);
        }
    }

    fn tildes(&mut self, inlines: Vec<Inline>, span: Range<usize>) {
        let hint = "strikethrough is written `~~words~~`, a tilde `\\~`";
        self.report_literal("a tilde at each side", hint, span);
        self.inline(Inline::Text("~".to_owned()));
        self.top().inlines.extend(inlines);
        self.inline(Inline::Text("~".to_owned()));
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

    /// Adds the words since the last mark to the tree; a bare URL in them becomes a link, unless they are a link's.
    fn finish_run(&mut self) {
        if self.run.is_empty() {
            return;
        }
        let run = std::mem::take(&mut self.run);
        let is_linked = self
            .open
            .iter()
            .any(|open| matches!(open.kind, Kind::Link(_)));
        let found = if is_linked {
            Vec::new()
        } else {
            autolink::links(run.text())
        };
        let mut at = 0;
        for bare in found {
            self.words(&run, at..bare.at.start);
            at = bare.at.end;
            self.bare_link(&run, bare);
        }
        self.words(&run, at..run.text().len());
    }

    fn words(&mut self, run: &MappedText, part: Range<usize>) {
        let words = &run.text()[part.clone()];
        if words.is_empty() {
            return;
        }
        self.block.append(run, part);
        let words = unmask(words).replace('\n', " ");
        let top = self.top();
        match top.inlines.last_mut() {
            Some(Inline::Text(before)) => before.push_str(&words),
            _ => top.inlines.push(Inline::Text(words)),
        }
    }

    fn bare_link(&mut self, run: &MappedText, bare: autolink::Autolink) {
        let span = run.sources(bare.at.clone());
        self.block.stand_in(LINK, span.start);
        self.doubtful_end(&run.text()[bare.at.end..], &bare.url, span.end);
        let words = unmask(&run.text()[bare.at]).into_owned();
        let place = self.place(span);
        match link::check(&unmask(&bare.url), self.slots, &place, self.findings) {
            Some(url) => {
                self.links.push(LinkSource {
                    url: url.clone(),
                    words: Some(words.clone()),
                    title: None,
                    place,
                    words_place: None,
                });
                self.inline(Inline::Link(url, vec![Inline::Text(words)]));
            }
            None => self.inline(Inline::Text(words)),
        }
    }

    /// Reports a bare URL that ends where another script begins, if that may have been a part of it.
    fn doubtful_end(&mut self, after: &str, url: &str, end: usize) {
        if !url_end::is_doubtful(url, after) {
            return;
        }
        let next = after.chars().next().map_or(0, char::len_utf8);
        let message = format!(
            "this link ends before `{}`",
            escape::terminal(&after[..next])
        );
        let finding = Finding::warning("mistyped-link", message)
            .at(self.place(end..end + next))
            .hint("write a space after the URL, or the whole URL as `<https://…>`".to_owned());
        self.findings.push(finding);
    }

    fn gap(&mut self, at: usize) {
        self.block.stand_in(GAP, at);
    }

    /// Looks for marks that stayed text in the block that ends.
    fn finish_block(&mut self) {
        let block = std::mem::take(&mut self.block);
        self.footnotes.read(&block);
        for leftover in literal::of_block(&block) {
            let span = block.sources(leftover.at.clone());
            // A character that was written as an entity is meant as it stands.
            let from = self.marked.text.get(span.start..).unwrap_or_default();
            if from.starts_with(first(&block, &leftover)) {
                self.leftovers.push((leftover, span));
            }
        }
    }

    /// Reports what is known at the end of the text alone.
    fn report(&mut self, broken: &BTreeSet<(usize, usize)>, definitions: &RefDefs<'_>) {
        self.merge_fields();
        for unintended in std::mem::take(&mut self.unintended_blocks).finish() {
            let at = unintended.at.clone();
            let finding = unintended.finding(self.written(&at), self.place(at));
            self.findings.push(finding);
        }
        // Numbers in brackets one after the other are references to literature.
        let is_label = |part: &str| part.contains(char::is_alphabetic);
        let source = &self.marked.text;
        let broken = broken
            .iter()
            .filter(|(start, end)| is_label(&source[*start..*end]));
        for (start, end) in broken {
            let hint = "write `[words](https://…)`, or add the definition: `[label]: https://…`";
            self.report_literal("a link without a definition", hint, *start..*end);
        }
        self.definitions(definitions);
    }

    /// Reports merge fields of other programs, and the leftovers that are not a part of one.
    fn merge_fields(&mut self) {
        let fields = placeholder::merge_fields(&self.marked.text, &self.code);
        for (leftover, span) in std::mem::take(&mut self.leftovers) {
            let earlier = fields.partition_point(|field| field.at.start < span.end);
            let is_part = fields[..earlier]
                .last()
                .is_some_and(|field| field.at.end > span.start);
            let is_footnote = leftover.is_emphasis() && self.footnotes.is_footnote(span.start);
            if !is_part && !is_footnote {
                let finding = leftover.finding(self.written(&span), self.place(span));
                self.findings.push(finding);
            }
        }
        for field in fields {
            let written = self.written(&field.at);
            let finding = field.finding(written, self.place(field.at.clone()));
            self.findings.push(finding);
        }
    }

    /// Reports emphasis inside a word, whose stars are text.
    fn inner_emphasis(&mut self, doubtful: Vec<Range<usize>>) {
        let hint = "emphasise whole words, or write a backslash before each star that is meant as it stands";
        for span in doubtful {
            let earlier = self.code.partition_point(|code| code.start <= span.start);
            let is_code = self.code[..earlier]
                .last()
                .is_some_and(|code| span.end <= code.end);
            if !is_code {
                self.report_literal("emphasis inside a word", hint, span);
            }
        }
    }

    /// Reports link definitions that no link names: they vanish with all their words.
    fn definitions(&mut self, definitions: &RefDefs<'_>) {
        let is_named = |label: &str| definitions.get(label).map(|found| found.span.start);
        let named: BTreeSet<usize> = self
            .named
            .iter()
            .filter_map(|label| is_named(label))
            .collect();
        let mut unnamed: Vec<(Range<usize>, &str)> = definitions
            .iter()
            .filter(|(_, definition)| !named.contains(&definition.span.start))
            .map(|(label, definition)| (definition.span.clone(), label))
            .collect();
        unnamed.sort_by_key(|(span, _)| span.start);
        for (span, label) in unnamed {
            let label = escape::terminal(&placeholder::without_marks(&unmask(label)));
            let message =
                format!("no link names this definition: the line of `[{label}]` is not shown");
            let finding = Finding::warning("unshown-text", message)
                .at(self.place(span))
                .hint(format!(
                    "write `[words][{label}]`, or a backslash before the first bracket"
                ));
            self.findings.push(finding);
        }
    }

    /// A title is shown by a mouse at most, and in no text part.
    fn title(&mut self, title: &str, span: &Range<usize>) {
        if !title.is_empty() {
            let title = escape::terminal(&placeholder::without_marks(&unmask(title)));
            let message = format!("the title `{title}` of this link is not shown");
            let finding = Finding::warning("unshown-text", message)
                .at(self.place(span.clone()))
                .hint("write it into the text".to_owned());
            self.findings.push(finding);
        }
    }

    /// Reports a short line of hyphens, or a single `=`, that makes a heading of the words above it, which is more often the sign
    /// before a signature, or a rule without an empty line.
    fn underline(&mut self, span: &Range<usize>) {
        let heading = self.marked.text[span.clone()].trim_end();
        let line = heading.rfind('\n').map_or(heading, |at| &heading[at + 1..]);
        let hyphens = line.trim_start_matches([' ', '\t', '>']);
        if !heading.contains('\n') || !matches!(hyphens, "-" | "--" | "---" | "=") {
            return;
        }
        let end = span.start + heading.len();
        let place = self.place(end - hyphens.len()..end);
        let message = format!("the line `{hyphens}` makes a heading of the text above it");
        let hint = "write an empty line before it, or `## Heading`";
        self.findings.push(
            Finding::warning("literal-markdown", message)
                .at(place)
                .hint(hint.to_owned()),
        );
    }

    /// Reports a fence that no other closes: everything after it is shown as code (CommonMark 0.31.2 section 4.5).
    fn fence(&mut self, span: &Range<usize>) {
        let block = self.marked.text[span.clone()].trim_end();
        let mark = block.chars().next().unwrap_or('`');
        let length = block.chars().take_while(|c| *c == mark).count();
        let fence = &block[..length];
        let last = block.rfind('\n').map_or("", |at| &block[at + 1..]);
        let last = last.trim_start_matches([' ', '\t', '>']);
        if last.starts_with(fence) && last.chars().all(|c| c == mark) {
            return;
        }
        let message = format!("this fence is not closed: `{fence}`");
        let place = self.place(span.start..span.start + length);
        self.findings.push(
            Finding::warning("unintended-markdown", message)
                .at(place)
                .hint(format!("write `{fence}` in a line of its own after the code, or a backslash before the first mark")),
        );
    }

    fn report_literal(&mut self, what: &str, hint: &str, span: Range<usize>) {
        let finding = literal::finding(what, self.written(&span), hint, self.place(span));
        self.findings.push(finding);
    }

    /// Reports what Franking does not render.
    fn refuse_extension(&mut self, what: &str, hint: &str, span: Range<usize>) -> Kind {
        let place = self.place(span);
        let message = format!("{what} cannot be mailed: it is not rendered");
        self.findings.push(
            Finding::error("unsupported-markdown", message)
                .at(place)
                .hint(hint.to_owned()),
        );
        self.refused()
    }

    /// Leaves out a block that was reported; an empty paragraph keeps its text from being called empty.
    fn refused(&mut self) -> Kind {
        self.block(Block::Paragraph(Vec::new()));
        Kind::Dropped
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

    /// The bytes `span` of the marked text as the editor wrote them.
    fn written(&self, span: &Range<usize>) -> &str {
        self.text.part(self.marked.original(span.clone()))
    }

    fn place(&self, span: Range<usize>) -> Place {
        self.text.place_of(self.marked.original(span))
    }
}

/// The first character of a leftover.
fn first(block: &MappedText, leftover: &Leftover) -> char {
    block.text()[leftover.at.start..]
        .chars()
        .next()
        .unwrap_or(GAP)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Source;

    fn read(markdown: &str) -> (Prose, Vec<String>) {
        let source = Source::new("a.toml", format!("'''{markdown}'''"));
        let spanned = toml::Spanned::new(0..markdown.len() + 6, markdown.to_owned());
        let mut slots = Placeholders::default();
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
