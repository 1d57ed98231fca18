//! CommonMark as plain text: lists with hanging indents, links numbered and listed below.

use super::page::{Indent, Page};
use crate::issue::{Block, Inline, Prose, plain};

/// The links of one section, numbered in the order of their first mention.
#[derive(Default)]
pub(super) struct Links(Vec<String>);

impl Links {
    fn number(&mut self, url: &str) -> usize {
        let known = self.0.iter().position(|known| known == url);
        known.unwrap_or_else(|| {
            self.0.push(url.to_owned());
            self.0.len() - 1
        }) + 1
    }

    /// The list of the links, after a blank line.
    pub(super) fn list(&self, page: &mut Page, indent: &Indent) {
        if self.0.is_empty() {
            return;
        }
        page.blank();
        for (index, url) in self.0.iter().enumerate() {
            page.url(&indent.hanging(&format!("[{}] ", index + 1)), url);
        }
    }
}

/// A whole text with the list of its links.
pub(super) fn section(page: &mut Page, indent: &Indent, prose: &Prose) {
    let mut links = Links::default();
    blocks(page, indent, &prose.0, &mut links);
    links.list(page, indent);
}

/// The blocks of a text, a blank line between them.
pub(super) fn blocks(page: &mut Page, indent: &Indent, blocks: &[Block], links: &mut Links) {
    let mut indent = indent.clone();
    for (index, block) in blocks.iter().enumerate() {
        if index > 0 {
            page.blank();
        }
        one(page, &indent, block, links);
        indent = indent.continued();
    }
}

fn one(page: &mut Page, indent: &Indent, block: &Block, links: &mut Links) {
    match block {
        Block::Paragraph(inlines) => page.paragraph(indent, &words(inlines, links)),
        Block::Heading(_, inlines) => {
            page.paragraph(indent, &format!("*{}*", words(inlines, links)));
        }
        Block::List { start, items } => list(page, indent, *start, items, links),
        Block::Quote(quoted) => blocks(page, &indent.prefixed("> "), quoted, links),
        Block::Code(code) => page.preformatted(&indent.prefixed("    "), code),
        Block::Rule => page.paragraph(indent, "* * *"),
    }
}

fn list(
    page: &mut Page,
    indent: &Indent,
    start: Option<u64>,
    items: &[Vec<Block>],
    links: &mut Links,
) {
    let is_loose = items.iter().any(|item| item.len() > 1);
    for (index, item) in items.iter().enumerate() {
        if index > 0 && is_loose {
            page.blank();
        }
        let marker = match start {
            Some(start) => format!("{}. ", start + index as u64),
            None => "* ".to_owned(),
        };
        blocks(page, &indent.hanging(&marker), item, links);
    }
}

/// Running text: `_emphasis_`, `*strong*`, a link's words with its number behind them.
pub(super) fn words(inlines: &[Inline], links: &mut Links) -> String {
    let mut out = String::new();
    for inline in inlines {
        match inline {
            Inline::Text(text) | Inline::Code(text) => out.push_str(text),
            Inline::Emphasis(inner) => out.push_str(&format!("_{}_", words(inner, links))),
            Inline::Strong(inner) => out.push_str(&format!("*{}*", words(inner, links))),
            Inline::Link(url, inner) if plain(inner) == *url => out.push_str(url),
            Inline::Link(url, inner) => {
                let inner = words(inner, links);
                out.push_str(&format!("{inner} [{}]", links.number(url)));
            }
            Inline::Break => out.push('\u{2028}'),
        }
    }
    out
}
