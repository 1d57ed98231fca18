//! The sections of an issue as plain text, one function a kind.

use super::page::{Indent, Page};
use super::prose::{self, Links};
use crate::issue::*;
use crate::material::Material;

const FLUSH: &Indent = &Indent::NONE;

/// A section with a blank line above it and its heading, if it has one.
pub(super) fn section(page: &mut Page, material: &Material<'_>, section: &Section) {
    page.blank();
    if let Content::Article(Article {
        kicker: Some(kicker),
        ..
    }) = &section.content
    {
        page.paragraph(FLUSH, kicker);
    }
    if let Some(heading) = section
        .heading
        .as_deref()
        .or(own_heading(material, &section.content))
    {
        page.heading(heading, '-');
        page.blank();
    }
    match &section.content {
        Content::Text(body) => prose::section(page, FLUSH, body),
        Content::Interview(interview) => self::interview(page, interview),
        Content::Article(article) => self::article(page, material, article, section),
        Content::Publications(items) => publications(page, material, items),
        Content::Calls(items) => {
            separated(page, items, |page, call| self::call(page, material, call))
        }
        Content::News(items) => {
            separated(page, items, |page, news| self::news(page, material, news))
        }
        Content::Events(items) => {
            separated(page, items, |page, event| {
                self::event(page, material, event)
            });
        }
        Content::Image(picture) => self::picture(page, material, picture),
        Content::Button(link) => button(page, link),
        Content::Quote(quote) => self::quote(page, quote),
        Content::Divider => page.paragraph(FLUSH, "* * *"),
        Content::Contents => contents(page, material.issue),
    }
}

/// The contents have a heading even where the file gives them none.
fn own_heading<'a>(material: &'a Material<'_>, content: &Content) -> Option<&'a str> {
    matches!(content, Content::Contents).then_some(material.labels.contents.as_str())
}

/// Each item, a blank line between two.
fn separated<T>(page: &mut Page, items: &[T], mut item: impl FnMut(&mut Page, &T)) {
    for (index, one) in items.iter().enumerate() {
        if index > 0 {
            page.blank();
        }
        item(page, one);
    }
}

fn interview(page: &mut Page, interview: &Interview) {
    let guest = &interview.guest;
    page.paragraph(
        FLUSH,
        &described(&guest.name, &guest.role, &guest.organisation),
    );
    for prose in [&guest.bio, &interview.intro] {
        if !prose.is_empty() {
            page.blank();
            prose::section(page, FLUSH, prose);
        }
    }
    for exchange in &interview.exchanges {
        page.blank();
        // A dash begins a speaker's words in the print of most European languages.
        page.paragraph(&FLUSH.hanging("— "), &exchange.question);
        page.blank();
        prose::section(page, FLUSH, &exchange.answer);
    }
}

fn described(name: &str, role: &Option<String>, organisation: &Option<String>) -> String {
    let parts = [Some(name), role.as_deref(), organisation.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn article(page: &mut Page, material: &Material<'_>, article: &Article, section: &Section) {
    if let Some(image) = &article.image {
        self::picture(page, material, image);
        page.blank();
    }
    prose::section(page, FLUSH, &article.body);
    if !article.authors.is_empty() {
        page.blank();
    }
    for author in &article.authors {
        page.paragraph(
            FLUSH,
            &described(&author.name, &author.role, &author.organisation),
        );
    }
    if let Some(link) = &article.link {
        let title = section.heading.as_deref().unwrap_or(material.title());
        page.blank();
        page.link(
            FLUSH,
            &material.link_words(link.text.as_deref(), title),
            &link.url,
        );
    }
}

fn publications(page: &mut Page, material: &Material<'_>, items: &[Publication]) {
    separated(page, items, |page, item| {
        let indent = FLUSH.hanging("* ");
        page.paragraph(&indent, &citation(material, item));
        if !item.summary.is_empty() {
            prose::section(page, &indent.continued(), &item.summary);
        }
        if let Some(url) = &item.url {
            page.url(&indent.continued(), url);
        }
    });
}

/// `Title. A. Author and B. Author. Series, No. 98. Publisher. May 2025.`
fn citation(material: &Material<'_>, item: &Publication) -> String {
    let number = item
        .number
        .as_ref()
        .map(|n| format!("{} {n}", material.labels.number));
    let series = match (&item.series, number) {
        (Some(series), Some(number)) => Some(format!("{series}, {number}")),
        (series, number) => series.clone().or(number),
    };
    let parts = [
        Some(item.title.clone()),
        (!item.authors.is_empty()).then(|| material.enumeration(&item.authors)),
        series,
        item.publisher.clone(),
        item.date.map(|date| material.partial_date(date)),
    ];
    let mut out = String::new();
    for part in parts.into_iter().flatten() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&part);
        if !part.ends_with(['.', '?', '!', '…']) {
            out.push('.');
        }
    }
    out
}

fn call(page: &mut Page, material: &Material<'_>, call: &Call) {
    let labels = &material.labels;
    let deadline = call
        .deadline
        .as_ref()
        .map(|deadline| material.timepoint(deadline));
    title_and_body(page, &call.title, &call.body);
    facts(
        page,
        &[
            (labels.deadline.as_str(), deadline),
            (labels.organiser.as_str(), call.organiser.clone()),
            (labels.place.as_str(), call.place.clone()),
        ],
    );
    item_link(page, material, call.link.as_ref(), &call.title);
}

fn news(page: &mut Page, material: &Material<'_>, news: &News) {
    title_and_body(page, &news.title, &news.body);
    if let Some(image) = &news.image {
        page.blank();
        self::picture(page, material, image);
    }
    item_link(page, material, news.link.as_ref(), &news.title);
}

fn event(page: &mut Page, material: &Material<'_>, event: &Event) {
    let labels = &material.labels;
    title_and_body(page, &event.title, &event.body);
    let period = material.period(&event.start, event.end.as_ref());
    facts(
        page,
        &[
            (labels.date.as_str(), Some(period)),
            (labels.place.as_str(), event.place.clone()),
        ],
    );
    item_link(page, material, event.link.as_ref(), &event.title);
}

fn title_and_body(page: &mut Page, title: &str, body: &Prose) {
    page.paragraph(FLUSH, title);
    if !body.is_empty() {
        page.blank();
        prose::section(page, FLUSH, body);
    }
}

fn facts(page: &mut Page, facts: &[(&str, Option<String>)]) {
    let known: Vec<(&str, String)> = facts
        .iter()
        .filter_map(|(label, value)| Some((*label, value.clone()?)))
        .collect();
    if !known.is_empty() {
        page.blank();
        page.pairs(&known);
    }
}

fn item_link(page: &mut Page, material: &Material<'_>, link: Option<&Link>, title: &str) {
    if let Some(link) = link {
        page.blank();
        page.link(
            FLUSH,
            &material.link_words(link.text.as_deref(), title),
            &link.url,
        );
    }
}

/// What stands under a picture. The `alt` is for who expects a picture; here it would be noise, unless
/// the picture is a link or has nothing else to say.
fn picture(page: &mut Page, material: &Material<'_>, picture: &Picture) {
    let credit = picture
        .credit
        .as_ref()
        .map(|credit| format!("{} {credit}", material.labels.credit));
    let caption = picture.caption.clone().or_else(|| {
        (!picture.alt.is_empty()).then(|| format!("{}: {}", material.labels.picture, picture.alt))
    });
    let line: Vec<String> = [caption, credit].into_iter().flatten().collect();
    if !line.is_empty() {
        page.paragraph(&FLUSH.hanging("| "), &line.join(" "));
    }
    if let Some(url) = &picture.href {
        page.url(&FLUSH.hanging("| "), url);
    }
}

fn button(page: &mut Page, link: &Link) {
    page.link(FLUSH, link.text.as_deref().unwrap_or_default(), &link.url);
}

fn quote(page: &mut Page, quote: &Quote) {
    let indent = FLUSH.prefixed("    ");
    let mut links = Links::default();
    prose::blocks(page, &indent, &quote.body.0, &mut links);
    if let Some(by) = &quote.by {
        page.blank();
        page.paragraph(&indent.hanging("— "), by);
    }
    links.list(page, FLUSH);
}

fn contents(page: &mut Page, issue: &Issue) {
    for (heading, when) in issue.headings() {
        page.begin(when);
        page.paragraph(&FLUSH.hanging("* "), heading);
        page.end(when);
    }
}
