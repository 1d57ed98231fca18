//! Running text between two marks, in which bare URLs become links.

use std::ops::Range;

use super::Inline;
use super::containers::ContainerKind;
use super::reader::ProseReader;
use crate::diag::Finding;
use crate::newsletter::issue::literal_markdown::{self, LiteralMark};
use crate::newsletter::issue::mapped_text::{GAP, LINK, MappedText};
use crate::newsletter::issue::mask::unmask;
use crate::newsletter::issue::source_map::LinkSource;
use crate::newsletter::issue::{autolink, link, url_end};
use crate::util::escape;

impl ProseReader<'_> {
    /// Adds the text since the last mark to the tree. A bare URL in it becomes a link, unless it is in a link already.
    pub(super) fn finish_run(&mut self) {
        if self.run.is_empty() {
            return;
        }
        let run = std::mem::take(&mut self.run);
        let is_linked = self
            .open
            .iter()
            .any(|open| matches!(open.kind, ContainerKind::Link(_)));
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

    pub(super) fn words(&mut self, run: &MappedText, part: Range<usize>) {
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

    pub(super) fn bare_link(&mut self, run: &MappedText, bare: autolink::Autolink) {
        let span = run.sources(bare.at.clone());
        self.block.stand_in(LINK, span.start);
        self.doubtful_end(&run.text()[bare.at.end..], &bare.url, span.end);
        let words = unmask(&run.text()[bare.at]).into_owned();
        let place = self.place(span);
        match link::check(&unmask(&bare.url), self.placeholders, &place, self.findings) {
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

    /// Reports a bare URL that ends before a character of another script, if that may belong to the URL.
    pub(super) fn doubtful_end(&mut self, after: &str, url: &str, end: usize) {
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
            .hint("write a space after the URL, or the whole URL as `<https://…>`");
        self.findings.push(finding);
    }

    pub(super) fn gap(&mut self, at: usize) {
        self.block.stand_in(GAP, at);
    }

    /// Searches the finished block for literal marks.
    pub(super) fn finish_block(&mut self) {
        let block = std::mem::take(&mut self.block);
        self.footnotes.read(&block);
        for mark in literal_markdown::of_block(&block) {
            let span = block.sources(mark.at.clone());
            // A character that was written as an entity is intended.
            let from = self.marked.text.get(span.start..).unwrap_or_default();
            if from.starts_with(first(&block, &mark)) {
                self.literal_marks.push((mark, span));
            }
        }
    }
}

/// The first character of a mark.
fn first(block: &MappedText, mark: &LiteralMark) -> char {
    block.text()[mark.at.start..].chars().next().unwrap_or(GAP)
}
