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
pub fn page(material: &RenderContext<'_>) -> Page {
    let mut page = Page::new(material.publication.text);
    masthead(&mut page, material);
    content(&mut page, material);
    footer(&mut page, material);
    page
}

/// The introduction and the sections alone, with placeholders as the editor wrote them: the same in whatever form the
/// text part is mailed.
pub fn body(material: &RenderContext<'_>) -> String {
    let mut page = Page::new(TextForm::Wrapped);
    content(&mut page, material);
    page.fill(&Written(&material.issue.slots))
}

fn content(page: &mut Page, material: &RenderContext<'_>) {
    intro(page, &material.issue.intro);
    for section in &material.issue.sections {
        page.begin(section.when);
        sections::section(page, material, section);
        page.end(section.when);
    }
}

fn masthead(page: &mut Page, material: &RenderContext<'_>) {
    let publication = material.publication;
    page.heading(&publication.name, '=');
    if let Some(tagline) = &publication.tagline {
        page.paragraph(&Indent::NONE, tagline);
    }
    page.paragraph(&Indent::NONE, &material.issue_line());
}

fn intro(page: &mut Page, intro: &Prose) {
    if !intro.is_empty() {
        page.blank();
        prose::section(page, &Indent::NONE, intro);
    }
}

fn footer(page: &mut Page, material: &RenderContext<'_>) {
    let labels = &material.labels;
    page.blank();
    page.rule();
    page.paragraph(&Indent::NONE, &material.publication.name);
    if let Some(address) = &material.publication.address {
        page.paragraph(&Indent::NONE, address);
    }
    page.paragraph(
        &Indent::NONE,
        &Labels::with(&labels.sent_to, &material.email),
    );
    page.blank();
    if let Some(url) = &material.web_url {
        page.link(&Indent::NONE, &labels.view_online, url);
    }
    page.link(
        &Indent::NONE,
        &labels.unsubscribe,
        &material.unsubscribe_url,
    );
    if let Some(url) = &material.publication.privacy_url {
        page.link(&Indent::NONE, &labels.privacy, url.as_str());
    }
}
