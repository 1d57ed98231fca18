//! CommonMark as plain text: lists with hanging indents, links numbered and listed below.

use std::collections::HashMap;

use super::page::{Indent, Page};
use crate::newsletter::issue::{Block, Inline, Prose, plain};

/// The links of one section, numbered in the order of their first occurrence.
#[derive(Default)]
pub(super) struct Links {
    urls: Vec<String>,
    numbers: HashMap<String, usize>,
}

impl Links {
    fn number(&mut self, url: &str) -> usize {
        if let Some(number) = self.numbers.get(url) {
            return *number;
        }
        self.urls.push(url.to_owned());
        self.numbers.insert(url.to_owned(), self.urls.len());
        self.urls.len()
    }

    /// Adds the list of links after an empty line.
    pub(super) fn list(&self, page: &mut Page, indent: &Indent) {
        if !self.urls.is_empty() {
            page.blank();
        }
        for (number, url) in (1..).zip(&self.urls) {
            page.url(&indent.hanging(&format!("[{number}] ")), url);
        }
    }
}

/// Adds a whole text with the list of its links.
pub(super) fn section(page: &mut Page, indent: &Indent, prose: &Prose) {
    let mut links = Links::default();
    blocks(page, indent, &prose.0, &mut links);
    links.list(page, indent);
}

/// Adds the blocks of a text with empty lines between them.
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

/// Running text: `_emphasis_`, `*strong*`, `~struck~`, `[x]` for a checkbox, and the number of each link after its text.
pub(super) fn words(inlines: &[Inline], links: &mut Links) -> String {
    let mut out = String::new();
    for inline in inlines {
        match inline {
            Inline::Text(text) | Inline::Code(text) => out.push_str(text),
            Inline::Emphasis(inner) => out.push_str(&format!("_{}_", words(inner, links))),
            Inline::Strong(inner) => out.push_str(&format!("*{}*", words(inner, links))),
            Inline::Strikethrough(inner) => out.push_str(&format!("~{}~", words(inner, links))),
            Inline::Task(is_done) => out.push_str(if *is_done { "[x] " } else { "[ ] " }),
            // The text of a bare URL or address is the link.
            Inline::Link(url, inner) if shown(url) == plain(inner) => out.push_str(shown(url)),
            Inline::Link(url, inner) => {
                let inner = words(inner, links);
                out.push_str(&format!("{inner} [{}]", links.number(url)));
            }
            Inline::Break => out.push('\u{2028}'),
        }
    }
    out
}

/// A destination as shown: an address without `mailto:`.
fn shown(url: &str) -> &str {
    url.strip_prefix("mailto:").unwrap_or(url)
}
