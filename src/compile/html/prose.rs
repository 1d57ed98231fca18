//! CommonMark as HTML.

use maud::{Markup, html};

use super::lang_attrs::LangAttrs;
use crate::newsletter::issue::{Block, Inline, Prose, Section};
use crate::placeholder;

/// The highest level of headings inside a section: one below its own heading, or that level without one.
pub(super) fn below(section: &Section) -> u8 {
    if section.heading.is_some() { 3 } else { 2 }
}

/// The highest level of headings below the title of an item.
pub(super) fn below_item(section: &Section) -> u8 {
    below(section) + 1
}

/// A heading of a level from 2 to 6.
pub(super) fn heading(
    level: u8,
    class: Option<&str>,
    attrs: &LangAttrs<'_>,
    words: &Markup,
) -> Markup {
    let LangAttrs { lang, dir } = attrs;
    match level {
        0..=2 => html! { h2 class=[class] lang=[lang] dir=[dir] { (words) } },
        3 => html! { h3 class=[class] lang=[lang] dir=[dir] { (words) } },
        4 => html! { h4 class=[class] lang=[lang] dir=[dir] { (words) } },
        5 => html! { h5 class=[class] lang=[lang] dir=[dir] { (words) } },
        _ => html! { h6 class=[class] lang=[lang] dir=[dir] { (words) } },
    }
}

/// The blocks of a text; its highest headings are `h{top}`.
pub(super) fn blocks(prose: &Prose, top: u8) -> Markup {
    let mut outline = Outline {
        top,
        open: Vec::new(),
    };
    all(&prose.0, &mut outline)
}

/// The open headings of a text, outermost first.
///
/// Heading levels must not skip one, for screen readers. So the nesting of the headings counts, not the number of `#`.
struct Outline {
    top: u8,
    open: Vec<u8>,
}

impl Outline {
    fn level(&mut self, written: u8) -> u8 {
        self.open.retain(|open| *open < written);
        let depth = u8::try_from(self.open.len()).unwrap_or(6);
        self.open.push(written);
        self.top.saturating_add(depth)
    }
}

fn all(blocks: &[Block], outline: &mut Outline) -> Markup {
    html! { @for block in blocks { (one(block, outline)) } }
}

fn one(block: &Block, outline: &mut Outline) -> Markup {
    match block {
        Block::Paragraph(words) => html! { p { (inlines(words)) } },
        Block::Heading(written, words) => {
            let level = outline.level(*written);
            heading(level, None, &LangAttrs::default(), &inlines(words))
        }
        Block::List { start: None, items } => {
            // A checkbox replaces the bullet.
            let style = items
                .iter()
                .all(|item| is_task(item))
                .then_some("list-style:none");
            html! { ul style=[style] { (list_items(items, outline)) } }
        }
        Block::List { start, items } => {
            let start = start.filter(|start| *start != 1);
            html! { ol start=[start] { (list_items(items, outline)) } }
        }
        Block::Quote(quoted) => html! { blockquote { (all(quoted, outline)) } },
        Block::Code(code) => html! { pre { (code) } },
        Block::Rule => html! { hr class="rule"; },
    }
}

/// List items. One that is a single paragraph has no `p`, to which several clients add margins.
fn list_items(items: &[Vec<Block>], outline: &mut Outline) -> Markup {
    html! {
        @for item in items {
            li {
                @match item.as_slice() {
                    [Block::Paragraph(words)] => (inlines(words)),
                    blocks => (all(blocks, outline)),
                }
            }
        }
    }
}

fn is_task(item: &[Block]) -> bool {
    matches!(item.first(), Some(Block::Paragraph(words)) if matches!(words[..], [Inline::Task(_), ..]))
}

fn inlines(words: &[Inline]) -> Markup {
    html! {
        @for inline in words {
            @match inline {
                Inline::Text(text) => (isolated(text)),
                Inline::Emphasis(inner) => em { (inlines(inner)) },
                Inline::Strong(inner) => strong { (inlines(inner)) },
                // Word supports `s`, but shows `del` as a tracked change.
                Inline::Strikethrough(inner) => s { (inlines(inner)) },
                Inline::Task(is_done) => (if *is_done { "☑ " } else { "☐ " }),
                Inline::Code(code) => code { (code) },
                Inline::Link(url, inner) => a href=(url) { (inlines(inner)) },
                Inline::Break => br;,
            }
        }
    }
}

/// Text in which each placeholder has a direction of its own.
///
/// An Arabic name in an English sentence would otherwise move the number or comma after it to its other side (Unicode
/// Standard Annex 9, rules W2 and N1). `span` with `dir` is supported everywhere; support of `bdi` is unknown.
fn isolated(words: &str) -> Markup {
    html! {
        @for (run, is_placeholder) in placeholder::runs(words) {
            @if is_placeholder { span dir="auto" { (run) } } @else { (run) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_level_is_skipped() {
        let headings = [4, 2, 3, 6, 3, 2].map(|level| Block::Heading(level, Vec::new()));
        let written = blocks(&Prose(headings.to_vec()), 3).into_string();
        let levels = ["<h3>", "<h3>", "<h4>", "<h5>", "<h4>", "<h3>"];
        let found: Vec<&str> = written.split_inclusive('>').step_by(2).collect();
        assert_eq!(found, levels);
    }

    #[test]
    fn a_placeholder_has_a_direction_of_its_own() {
        let mark = placeholder::Placeholders::default().add_named("name");
        let text = Inline::Text(format!("Dear {mark}, 3 calls"));
        let written = inlines(&[text]).into_string();
        assert_eq!(
            written,
            format!("Dear <span dir=\"auto\">{mark}</span>, 3 calls")
        );
    }
}
