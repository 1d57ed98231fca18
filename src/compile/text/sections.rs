//! The sections of an issue as plain text, one function for each kind.

use super::page::{Indent, Page};
use super::prose::{self, Links};
use crate::compile::context::RenderContext;
use crate::newsletter::issue::*;

const FLUSH: &Indent = &Indent::NONE;

/// The marker of an item.
const BULLET: &str = "* ";

/// Adds a section after two empty lines, with its heading if it has one.
pub(super) fn section(page: &mut Page, context: &RenderContext<'_>, section: &Section) {
    page.blank();
    page.blank();
    let own = own_heading(context, &section.content);
    if let Some(kicker) = context.kicker(section) {
        page.paragraph(FLUSH, kicker);
    }
    if let Some(heading) = section.heading.as_deref().or(own) {
        page.heading(heading, '-');
        page.blank();
    }
    content(page, context, section);
}

fn content(page: &mut Page, context: &RenderContext<'_>, section: &Section) {
    match &section.content {
        Content::Text(body) => prose::section(page, FLUSH, body),
        Content::Interview(interview) => self::interview(page, interview),
        Content::Article(article) => self::article(page, context, article, section),
        Content::Publications(items) => publications(page, context, items),
        Content::Calls(items) => {
            separated(page, items, |page, call| self::call(page, context, call));
        }
        Content::News(items) => {
            separated(page, items, |page, news| self::news(page, context, news));
        }
        Content::Events(items) => {
            separated(page, items, |page, event| self::event(page, context, event));
        }
        Content::Image(picture) => self::picture(page, FLUSH, context, picture),
        Content::Button(link) => button(page, context, link),
        Content::Quote(quote) => self::quote(page, quote),
        Content::Divider => page.paragraph(FLUSH, "* * *"),
        Content::Contents => contents(page, context),
    }
}

/// The default heading of a section: only the table of contents has one.
fn own_heading<'a>(context: &'a RenderContext<'_>, content: &Content) -> Option<&'a str> {
    matches!(content, Content::Contents).then_some(context.labels.contents.as_str())
}

/// Adds the items with empty lines between them.
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
        // In most European languages, a dash marks a change of speaker.
        page.paragraph(&FLUSH.hanging("— "), &exchange.question);
        page.blank();
        prose::section(page, FLUSH, &exchange.answer);
    }
}

fn described(name: &str, role: &Option<String>, organisation: &Option<String>) -> String {
    let parts = [Some(name), role.as_deref(), organisation.as_deref()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn article(page: &mut Page, context: &RenderContext<'_>, article: &Article, section: &Section) {
    if let Some(image) = &article.image {
        self::picture(page, FLUSH, context, image);
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
        let title = section.heading.as_deref().unwrap_or(context.title());
        page.blank();
        let words = context.link_words(link.text.as_deref(), title);
        page.link(FLUSH, &context.labelled(&words), &link.url);
    }
}

fn publications(page: &mut Page, context: &RenderContext<'_>, items: &[Reference]) {
    separated(page, items, |page, item| {
        let indent = FLUSH.hanging(BULLET);
        page.paragraph(&indent, &citation(context, item));
        if !item.summary.is_empty() {
            prose::section(page, &indent.continued(), &item.summary);
        }
        if let Some(url) = &item.url {
            page.url(&indent.continued(), url);
        }
    });
}

/// `Title. A. Author and B. Author. Series, No. 98. Publisher. May 2025.`
fn citation(context: &RenderContext<'_>, item: &Reference) -> String {
    let number = item.number.as_ref();
    let number = number.map(|number| context.numbered(number));
    let series = match (&item.series, number) {
        (Some(series), Some(number)) => Some(format!("{series}, {number}")),
        (series, number) => series.clone().or(number),
    };
    sentences([
        Some(item.title.clone()),
        (!item.authors.is_empty()).then(|| context.enumeration(&item.authors)),
        series,
        item.publisher.clone(),
        item.date.map(|date| context.partial_date(date)),
    ])
}

/// The parts, each ended by a full stop.
fn sentences<const N: usize>(parts: [Option<String>; N]) -> String {
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

fn call(page: &mut Page, context: &RenderContext<'_>, call: &Call) {
    let labels = &context.labels;
    let inside = item(page, &call.title);
    if let Some(deadline) = &call.deadline {
        let words = format!(
            "*{} {}*",
            context.labelled(&labels.deadline),
            context.timepoint(deadline)
        );
        page.paragraph(&inside, &words);
    }
    body(page, &inside, &call.body);
    let facts = [
        (labels.organiser.as_str(), &call.organiser),
        (labels.place.as_str(), &call.place),
    ];
    let known = facts
        .into_iter()
        .filter_map(|(label, value)| Some((context.labelled(label), value.clone()?)));
    let known: Vec<(String, String)> = known.collect();
    if !known.is_empty() {
        page.blank();
        page.pairs(&inside, &known);
    }
    item_link(page, &inside, context, call.link.as_ref(), &call.title);
}

fn news(page: &mut Page, context: &RenderContext<'_>, news: &News) {
    let inside = item(page, &news.title);
    item_picture(page, &inside, context, news.image.as_ref());
    body(page, &inside, &news.body);
    item_link(page, &inside, context, news.link.as_ref(), &news.title);
}

fn event(page: &mut Page, context: &RenderContext<'_>, event: &Event) {
    let inside = item(page, &event.title);
    let period = context.period(&event.start, event.end.as_ref());
    page.paragraph(&inside, &period);
    if let Some(place) = &event.place {
        page.paragraph(&inside, place);
    }
    body(page, &inside, &event.body);
    item_link(page, &inside, context, event.link.as_ref(), &event.title);
}

/// Adds the title of an item. Returns the indent of its other lines.
fn item(page: &mut Page, title: &str) -> Indent {
    let indent = FLUSH.hanging(BULLET);
    page.paragraph(&indent, title);
    indent.continued()
}

fn body(page: &mut Page, indent: &Indent, body: &Prose) {
    if !body.is_empty() {
        page.blank();
        prose::section(page, indent, body);
    }
}

fn item_picture(
    page: &mut Page,
    indent: &Indent,
    context: &RenderContext<'_>,
    image: Option<&Picture>,
) {
    if let Some(image) = image {
        page.blank();
        picture(page, indent, context, image);
    }
}

fn item_link(
    page: &mut Page,
    indent: &Indent,
    context: &RenderContext<'_>,
    link: Option<&Link>,
    title: &str,
) {
    if let Some(link) = link {
        page.blank();
        let words = context.link_words(link.text.as_deref(), title);
        page.link(indent, &context.labelled(&words), &link.url);
    }
}

/// Adds the caption and the credit of a picture, each on its own line. The `alt` is used only if there is no caption.
fn picture(page: &mut Page, indent: &Indent, context: &RenderContext<'_>, picture: &Picture) {
    let credit = context.credit(picture);
    let caption = picture.caption.clone().or_else(|| {
        (!picture.alt.is_empty()).then(|| {
            format!(
                "{} {}",
                context.labelled(&context.labels.picture),
                picture.alt
            )
        })
    });
    let line: Vec<String> = [caption, credit].into_iter().flatten().collect();
    if !line.is_empty() {
        page.paragraph(&indent.prefixed("| "), &line.join("\u{2028}"));
    }
    if let Some(url) = &picture.href {
        page.url(&indent.prefixed("| "), url);
    }
}

fn button(page: &mut Page, context: &RenderContext<'_>, link: &Link) {
    let words = link.text.as_deref().unwrap_or_default();
    page.link(FLUSH, &context.labelled(words), &link.url);
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

fn contents(page: &mut Page, context: &RenderContext<'_>) {
    for (section, heading) in context.listed() {
        let entry = match context.kicker(section) {
            Some(kicker) => format!("{} {heading}", context.labelled(kicker)),
            None => heading.to_owned(),
        };
        page.begin(section.when);
        page.paragraph(&FLUSH.hanging(BULLET), &entry);
        page.end(section.when);
    }
}
