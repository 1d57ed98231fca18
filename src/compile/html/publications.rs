//! Publications, as a bibliography: title, authors, series, publisher, date.

use maud::{Markup, html};

use super::lang_attrs::LangAttrs;
use super::{heading_of, prose};
use crate::compile::context::RenderContext;
use crate::newsletter::issue::{Reference, Section};

/// The section.
pub(super) fn section(
    context: &RenderContext<'_>,
    section: &Section,
    items: &[Reference],
) -> Markup {
    html! {
        (heading_of(section))
        ul class="bibliography" {
            @for item in items { li { (entry(context, item)) (prose::blocks(&item.summary, prose::below(section))) } }
        }
    }
}

/// The title, and on the next line the authors and the place of publication.
fn entry(context: &RenderContext<'_>, item: &Reference) -> Markup {
    let facts = facts(context, item);
    html! {
        @let LangAttrs { lang, dir } = LangAttrs::of(context, item.language.as_ref());
        @match &item.url {
            Some(url) => a class="publication" href=(url) lang=[lang] dir=[dir] { (item.title) },
            None => strong class="publication" lang=[lang] dir=[dir] { (item.title) },
        }
        @for (index, fact) in facts.iter().enumerate() {
            @if index == 0 { br; } @else { " " }
            (fact) @if !fact.0.ends_with('.') { "." }
        }
    }
}

/// The authors, the series (`Series, No. 27`), the publisher and the date, as far as known. Each ends with a full stop:
/// a separator could end up at the end of a line on a phone.
fn facts(context: &RenderContext<'_>, item: &Reference) -> Vec<Markup> {
    let series = item.series.as_ref().map(|series| html! { em { (series) } });
    let number = item.number.as_ref().map(|number| context.numbered(number));
    let series = match (series, number) {
        (Some(series), Some(number)) => Some(html! { (series) ", " (number) }),
        (series, number) => series.or(number.map(|number| html! { (number) })),
    };
    let authors =
        (!item.authors.is_empty()).then(|| html! { (context.enumeration(&item.authors)) });
    let publisher = item.publisher.as_ref().map(|name| html! { (name) });
    let date = item.date.map(|date| html! { (context.partial_date(date)) });
    [authors, series, publisher, date]
        .into_iter()
        .flatten()
        .collect()
}
