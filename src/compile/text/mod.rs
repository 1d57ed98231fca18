//! The plain text part of a message.
//!
//! It is rendered from the model, section by section like the HTML, instead of stripping tags from the HTML. Lines have
//! at most [`WIDTH`] columns for every recipient: a paragraph with a placeholder is wrapped after filling.

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

/// The text part of an issue, with placeholders.
pub fn page(context: &RenderContext<'_>) -> Page {
    let mut page = Page::new(context.newsletter.text);
    masthead(&mut page, context);
    content(&mut page, context);
    footer(&mut page, context);
    page
}

/// The introduction and the sections only, with placeholders as the editor wrote them. Independent of the newsletter's
/// text form.
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
    let newsletter = context.newsletter;
    page.heading(&newsletter.name, '=');
    if let Some(tagline) = &newsletter.tagline {
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
    page.paragraph(&Indent::NONE, &context.newsletter.name);
    if let Some(address) = &context.newsletter.address {
        page.paragraph(&Indent::NONE, address);
    }
    page.paragraph(
        &Indent::NONE,
        &Labels::with(&labels.sent_to, &context.email),
    );
    page.blank();
    if let Some(url) = &context.web_url {
        page.link(&Indent::NONE, &context.labelled(&labels.view_online), url);
    }
    let unsubscribe = context.labelled(&labels.unsubscribe);
    page.link(&Indent::NONE, &unsubscribe, &context.unsubscribe_url);
    if let Some(url) = &context.newsletter.privacy_url {
        page.link(
            &Indent::NONE,
            &context.labelled(&labels.privacy),
            url.as_str(),
        );
    }
}
