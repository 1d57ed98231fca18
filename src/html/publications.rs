//! Publications, as a bibliography: title, authors, series, publisher, date.

use maud::{Markup, html};

use super::{heading_of, prose};
use crate::issue::Publication;
use crate::material::Material;

/// The section.
pub(super) fn section(
    material: &Material<'_>,
    heading: Option<&str>,
    items: &[Publication],
) -> Markup {
    html! {
        (heading_of(heading))
        ul class="bibliography" {
            @for item in items {
                li { (entry(material, item)) (prose::blocks(&item.summary, 4)) }
            }
        }
    }
}

fn entry(material: &Material<'_>, item: &Publication) -> Markup {
    html! {
        strong {
            @match &item.url {
                Some(url) => a href=(url) { (item.title) },
                None => (item.title),
            }
        }
        (stop(&item.title))
        @if !item.authors.is_empty() {
            @let authors = material.enumeration(&item.authors);
            " " (authors) (stop(&authors))
        }
        @if let Some(series) = &item.series { " " em { (series) } }
        @if let Some(number) = &item.number {
            @if item.series.is_some() { "," }
            " " (material.labels.number) " " (number)
        }
        @if item.series.is_some() || item.number.is_some() { "." }
        @if let Some(publisher) = &item.publisher { " " (publisher) (stop(publisher)) }
        @if let Some(date) = item.date { " " (material.partial_date(date)) "." }
    }
}

/// A full stop, unless the words end in one or in something stronger.
fn stop(words: &str) -> &'static str {
    if words.ends_with(['.', '?', '!', '…']) {
        ""
    } else {
        "."
    }
}
