//! Findings about a text: content that is not supported, not shown or not intended.

use std::collections::BTreeSet;
use std::ops::Range;

use pulldown_cmark::RefDefs;

use super::Block;
use super::containers::ContainerKind;
use super::reader::ProseReader;
use crate::diag::Finding;
use crate::newsletter::issue::literal_markdown;
use crate::newsletter::issue::mask::unmask;
use crate::placeholder;
use crate::util::escape;

impl ProseReader<'_> {
    /// Reports what is known only at the end of the text.
    pub(super) fn report(&mut self, broken: &BTreeSet<(usize, usize)>, definitions: &RefDefs<'_>) {
        self.merge_fields();
        for unintended in std::mem::take(&mut self.unintended_blocks).finish() {
            let at = unintended.at.clone();
            let finding = unintended.finding(self.written(&at), self.place(at));
            self.findings.push(finding);
        }
        // Consecutive numbers in brackets are bibliographic references.
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

    /// Reports merge fields of other programs, and literal marks that are not part of one.
    pub(super) fn merge_fields(&mut self) {
        let fields = placeholder::merge_fields(&self.marked.text, &self.code);
        for (mark, span) in std::mem::take(&mut self.literal_marks) {
            let earlier = fields.partition_point(|field| field.at.start < span.end);
            let is_part = fields[..earlier]
                .last()
                .is_some_and(|field| field.at.end > span.start);
            let is_footnote = mark.is_emphasis() && self.footnotes.is_footnote(span.start);
            if !is_part && !is_footnote {
                let finding = mark.finding(self.written(&span), self.place(span));
                self.findings.push(finding);
            }
        }
        for field in fields {
            let written = self.written(&field.at);
            let finding = field.finding(written, self.place(field.at.clone()));
            self.findings.push(finding);
        }
    }

    /// Reports stars inside a word that may have been intended as emphasis.
    pub(super) fn inner_emphasis(&mut self, doubtful: Vec<Range<usize>>) {
        let hint = "emphasise whole words, or write a backslash before each literal star";
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

    /// Reports unused link definitions, whose lines are not shown.
    pub(super) fn definitions(&mut self, definitions: &RefDefs<'_>) {
        for (span, label) in self.unused(definitions) {
            let label = escape::terminal(&placeholder::without_marks(&unmask(label)));
            let message =
                format!("no link uses this definition: the line of `[{label}]` is not shown");
            let finding = Finding::warning("unshown-text", message)
                .at(self.place(span))
                .hint(format!(
                    "write `[words][{label}]`, or a backslash before the first bracket"
                ));
            self.findings.push(finding);
        }
    }

    /// The unused link definitions with their labels, in the order of the text.
    fn unused<'d>(&self, definitions: &'d RefDefs<'_>) -> Vec<(Range<usize>, &'d str)> {
        let start_of = |label: &String| definitions.get(label).map(|found| found.span.start);
        let used: BTreeSet<usize> = self.named.iter().filter_map(start_of).collect();
        let mut unused: Vec<(Range<usize>, &str)> = definitions
            .iter()
            .filter(|(_, definition)| !used.contains(&definition.span.start))
            .map(|(label, definition)| (definition.span.clone(), label))
            .collect();
        unused.sort_by_key(|(span, _)| span.start);
        unused
    }

    /// Reports a link title: few clients show it, and plain text has none.
    pub(super) fn title(&mut self, title: &str, span: &Range<usize>) {
        if !title.is_empty() {
            let title = escape::terminal(&placeholder::without_marks(&unmask(title)));
            let message = format!("the title `{title}` of this link is not shown");
            let finding = Finding::warning("unshown-text", message).at(self.place(span.clone()));
            self.findings.push(finding.hint("write it in the text"));
        }
    }

    /// Reports a short line of hyphens, or a single `=`, that turns the text above it into a heading. More often it is
    /// a signature separator, or a rule without an empty line.
    pub(super) fn underline(&mut self, span: &Range<usize>) {
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
                .hint(hint),
        );
    }

    /// Reports an unclosed fence, which turns everything after it into code (CommonMark 0.31.2 section 4.5).
    pub(super) fn fence(&mut self, span: &Range<usize>) {
        let block = self.marked.text[span.clone()].trim_end();
        let mark = block.chars().next().unwrap_or('`');
        let length = block.chars().take_while(|c| *c == mark).count();
        let fence = &block[..length];
        let last = block.rfind('\n').map_or("", |at| &block[at + 1..]);
        let last = last.trim_start_matches([' ', '\t', '>']);
        if last.starts_with(fence) && last.chars().all(|c| c == mark) {
            return;
        }
        let message = format!("unclosed code fence `{fence}`");
        let place = self.place(span.start..span.start + length);
        self.findings.push(
            Finding::warning("unintended-markdown", message)
                .at(place)
                .hint(format!("write `{fence}` in a line of its own after the code, or a backslash before the first mark")),
        );
    }

    pub(super) fn report_literal(&mut self, what: &str, hint: &str, span: Range<usize>) {
        let finding = literal_markdown::finding(what, self.written(&span), hint, self.place(span));
        self.findings.push(finding);
    }

    /// Reports Markdown that Franking does not support.
    pub(super) fn refuse_extension(
        &mut self,
        what: &str,
        hint: &str,
        span: Range<usize>,
    ) -> ContainerKind {
        let place = self.place(span);
        let message = format!("{what} are not supported");
        let finding = Finding::error("unsupported-markdown", message).at(place);
        self.findings.push(finding.hint(hint));
        self.refused()
    }

    /// Drops a block that was reported; an empty paragraph keeps the text from being reported as empty.
    pub(super) fn refused(&mut self) -> ContainerKind {
        self.block(Block::Paragraph(Vec::new()));
        ContainerKind::Dropped
    }

    pub(super) fn refuse_html(&mut self, span: Range<usize>) {
        let raw = self.marked.text[span.clone()].trim().to_owned();
        if raw.starts_with("<!--") || raw.starts_with('<') {
            let place = self.place(span);
            self.findings.push(
                Finding::error("raw-html", "raw HTML is not allowed")
                    .at(place)
                    .hint("write Markdown, or `\\<` for a literal `<`"),
            );
        }
    }

    pub(super) fn refuse_picture(&mut self, span: Range<usize>) {
        let place = self.place(span);
        self.findings.push(
            Finding::error(
                "picture-in-prose",
                "a picture is not allowed in running text",
            )
            .at(place)
            .hint("use a section of `kind = \"image\"`"),
        );
    }
}
