//! CommonMark as HTML.

use maud::{Markup, html};

use crate::issue::{Block, Inline, Prose};

/// The blocks of a text. Its highest headings become `h{top}`, whichever level the editor gave them: nobody
/// who writes a section should have to know how deep it stands, and a skipped level loses who listens.
pub(super) fn blocks(prose: &Prose, top: u8) -> Markup {
    let levels = prose.0.iter().filter_map(|block| match block {
        Block::Heading(level, _) => Some(*level),
        _ => None,
    });
    let highest = levels.min().unwrap_or(1);
    all(&prose.0, (top + 1).saturating_sub(highest))
}

fn all(blocks: &[Block], top: u8) -> Markup {
    html! { @for block in blocks { (one(block, top)) } }
}

fn one(block: &Block, top: u8) -> Markup {
    match block {
        Block::Paragraph(words) => html! { p { (inlines(words)) } },
        Block::Heading(level, words) => heading((top + level).saturating_sub(1), &inlines(words)),
        Block::List { start: None, items } => html! { ul { (list_items(items, top)) } },
        Block::List {
            start: Some(1),
            items,
        } => html! { ol { (list_items(items, top)) } },
        Block::List {
            start: Some(start),
            items,
        } => {
            html! { ol start=(start) { (list_items(items, top)) } }
        }
        Block::Quote(quoted) => html! { blockquote { (all(quoted, top)) } },
        Block::Code(code) => html! { pre { (code) } },
        Block::Rule => html! { hr class="rule"; },
    }
}

fn heading(level: u8, words: &Markup) -> Markup {
    match level {
        0..=2 => html! { h2 { (words) } },
        3 => html! { h3 { (words) } },
        4 => html! { h4 { (words) } },
        5 => html! { h5 { (words) } },
        _ => html! { h6 { (words) } },
    }
}

/// An item of one paragraph needs no `p`: several clients set it apart as if it were a text of its own.
fn list_items(items: &[Vec<Block>], top: u8) -> Markup {
    html! {
        @for item in items {
            li {
                @match item.as_slice() {
                    [Block::Paragraph(words)] => (inlines(words)),
                    blocks => (all(blocks, top)),
                }
            }
        }
    }
}

fn inlines(words: &[Inline]) -> Markup {
    html! {
        @for inline in words {
            @match inline {
                Inline::Text(text) => (text),
                Inline::Emphasis(inner) => em { (inlines(inner)) },
                Inline::Strong(inner) => strong { (inlines(inner)) },
                Inline::Code(code) => code { (code) },
                Inline::Link(url, inner) => a href=(url) { (inlines(inner)) },
                Inline::Break => br;,
            }
        }
    }
}
