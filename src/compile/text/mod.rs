//! The plain text part: the same issue as a letter that one would want to read in a terminal.
//!
//! It is written from the model, section by section, as HTML is; nothing is stripped. Lines have at most
//! [`WIDTH`] columns for every reader: a paragraph with a slot in it is wrapped after the slot is filled.

mod breaks;
mod page;
mod prose;
mod sections;

pub use page::{Page, WIDTH};

use crate::compile::context::RenderContext;
use crate::language::Labels;
use crate::newsletter::config::TextForm;
use crate::newsletter::issue::Prose;
use crate::placeholder::Written;
use page::Indent;

/// The text part of an issue, with slots.
pub fn page(context: &RenderContext<'_>) -> Page {
    let mut page = Page::new(context.publication.text);
    masthead(&mut page, context);
    content(&mut page, context);
    footer(&mut page, context);
    page
}

/// The introduction and the sections alone, with placeholders as the editor wrote them: the same in whatever form the
/// text part is mailed.
pub fn body(context: &RenderContext<'_>) -> String {
    let mut page = Page::new(TextForm::Wrapped);
    content(&mut page, context);
    page.fill(&Written(&context.issue.placeholders))
}

fn content(page: &mut Page, context: &RenderContext<'_>) {
    intro(page, &context.issue.intro);
    for section in &context.issue.sections {
        page.begin(section.when);
        sections::section(page, context, section);
        page.end(section.when);
    }
}

fn masthead(page: &mut Page, context: &RenderContext<'_>) {
    let publication = context.publication;
    page.heading(&publication.name, '=');
    if let Some(tagline) = &publication.tagline {
        page.paragraph(&Indent::NONE, tagline);
    }
    page.paragraph(&Indent::NONE, &context.issue_line());
}

fn intro(page: &mut Page, intro: &Prose) {
    if !intro.is_empty() {
        page.blank();
        prose::section(page, &Indent::NONE, intro);
    }
}

fn footer(page: &mut Page, context: &RenderContext<'_>) {
    let labels = &context.labels;
    page.blank();
    page.rule();
    page.paragraph(&Indent::NONE, &context.publication.name);
    if let Some(address) = &context.publication.address {
        page.paragraph(&Indent::NONE, address);
    }
    page.paragraph(
        &Indent::NONE,
        &Labels::with(&labels.sent_to, &context.email),
    );
    page.blank();
    if let Some(url) = &context.web_url {
        page.link(&Indent::NONE, &labels.view_online, url);
    }
    page.link(&Indent::NONE, &labels.unsubscribe, &context.unsubscribe_url);
    if let Some(url) = &context.publication.privacy_url {
        page.link(&Indent::NONE, &labels.privacy, url.as_str());
    }
}
