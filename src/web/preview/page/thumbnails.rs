//! Thumbnails of the messages that differ in their sections.

use maud::{Markup, html};

use super::super::subscribers;
use super::super::view::View;
use super::address;
use super::scene::Scene;
use crate::message::Sizes;
use crate::subscriber::Subscriber;
use crate::util::escape;

/// The most thumbnails.
const MAX_THUMBNAILS: usize = 6;

/// One thumbnail for each set of sections; none if all recipients get the same sections.
pub(super) fn thumbnails(scene: &Scene<'_>) -> Markup {
    let Some((good, chosen)) = &scene.message else {
        return html! { div #variants {} };
    };
    let edition = &good.compiled.edition;
    let variants = if edition.rules.is_empty() {
        Vec::new()
    } else {
        subscribers::variants(edition, good.recipients())
    };
    let shown = Sizes::of(edition, &chosen.subscriber).sections;
    let is_shown = |subscriber: &Subscriber| Sizes::of(edition, subscriber).sections == shown;
    html! {
        div #variants {
            @if variants.len() > 1 {
                ul.variants aria-label="Variants" {
                    @for variant in variants.iter().take(MAX_THUMBNAILS) {
                        @let subscriber = variant.subscriber.address.as_str().to_owned();
                        @let view = scene.view.with(|v| v.recipient = subscriber.clone());
                        li {
                            a href=(address(scene.base, &scene.issue.name, &view))
                                aria-current=[is_shown(&variant.subscriber).then_some("true")] {
                                span.thumb inert {
                                    iframe sandbox="" tabindex="-1" loading="lazy" title={ "Message for " (subscriber) }
                                        width="600" height="800" src=(thumbnail(scene, &subscriber)) {}
                                }
                                span {
                                    (subscribers::named(&variant.subscriber))
                                    @if variant.count > 1 { span.quiet { " and " (variant.count - 1) " more" } }
                                }
                            }
                        }
                    }
                }
                @if variants.len() > MAX_THUMBNAILS { p.quiet { (variants.len() - MAX_THUMBNAILS) " more variants." } }
            }
        }
    }
}

fn thumbnail(scene: &Scene<'_>, subscriber: &str) -> String {
    let view = View {
        recipient: subscriber.to_owned(),
        ..View::default()
    };
    let name = escape::url_segment(&scene.issue.name);
    let version = scene.issue.version;
    format!(
        "{}/mail/{name}{}&version={version}",
        scene.base,
        view.query()
    )
}
