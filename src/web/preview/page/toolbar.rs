//! In what condition the letter is shown, and to whom.

use maud::{Markup, html};

use super::super::readers::{self, ODD};
use super::super::view::{Choice, Condition, Shade, Tab, View, Width};
use super::address;
use super::issue::Scene;
use crate::message::Sizes;
use crate::subscriber::Subscriber;

/// The widths, and their keys.
const WIDTHS: [(Width, &str, &str); 4] = [
    (Width::Phone, "320", "1"),
    (Width::LargePhone, "375", "2"),
    (Width::Tablet, "600", "3"),
    (Width::Full, "full", "4"),
];

pub(super) fn toolbar(scene: &Scene<'_>) -> Markup {
    let view = scene.view;
    html! {
        div.toolbar #toolbar role="group" aria-label="How the letter is shown" {
            ul.choices aria-label="Width" {
                @for (width, label, key) in WIDTHS {
                    li { (choice(scene, &view.with(|v| v.width = width), view.width == width, label, key)) }
                }
                li.free {
                    label for="free" { "free" }
                    input #free type="range" min=(Width::FREE.start()) max=(Width::FREE.end()) step="1"
                        value=(view.width.pixels().unwrap_or(900)) data-key="5" hidden;
                }
            }
            ul.choices aria-label=(Shade::LABEL) {
                @for (light, _, label, key) in Shade::ALL {
                    li { (choice(scene, &view.with(|v| v.light = *light), view.light == *light, label, key)) }
                }
            }
            ul.choices aria-label="Conditions" {
                @for (condition, _, _, label, key) in Condition::ALL {
                    li { (choice(scene, &view.turned(condition), view.has(condition), label, key)) }
                }
            }
            (reader(scene))
        }
    }
}

/// A link to the same page in another view.
fn choice(scene: &Scene<'_>, to: &View, is_chosen: bool, label: &str, key: &str) -> Markup {
    html! {
        a href=(address(scene.base, &scene.sheet.name, to)) aria-current=[is_chosen.then_some("true")]
            data-key=(key) title={ "Key " (key) } { (label) }
    }
}

/// Whose letter it is.
fn reader(scene: &Scene<'_>) -> Markup {
    let view = scene.view;
    let label = scene.letter.as_ref().map(|(_, chosen)| &chosen.label);
    let listed = scene.sheet.folder.list.read();
    html! {
        form.reader #as action=(address(scene.base, &scene.sheet.name, &View::default())) {
            label for="reader" { "Read as" }
            input #reader name="reader" list="readers" value=(view.reader) data-key="r" autocomplete="off"
                spellcheck="false" placeholder="name or address" title="Key r";
            datalist #readers {
                @for (word, label) in ODD { option value=(word) { (label) } }
                (suggestions(&listed.take(12).collect::<Vec<_>>()))
            }
            (kept(view))
            button type="submit" { "Show" }
            @if let Some(label) = label { span.whose { (label) } }
        }
    }
}

/// What a form that names a reader leaves as it is.
fn kept(view: &View) -> Markup {
    html! {
        @if view.width != Width::default() { input type="hidden" name="width" value=(view.width.word()); }
        @if view.light != Shade::default() { input type="hidden" name=(Shade::NAME) value=(view.light.word()); }
        @for (condition, name, word, ..) in Condition::ALL {
            @if view.has(condition) { input type="hidden" name=(name) value=(word); }
        }
        @if view.tab != Tab::default() { input type="hidden" name=(Tab::NAME) value=(view.tab.word()); }
    }
}

/// Readers to choose from, as a list of suggestions has them.
pub(in super::super) fn suggestions(readers: &[Subscriber]) -> Markup {
    html! {
        @for reader in readers { option value=(reader.address.as_str()) { (readers::named(reader)) } }
    }
}

/// The most letters that stand side by side.
const MOST: usize = 6;

/// The letters that differ by more than a name, small and side by side.
pub(super) fn variants(scene: &Scene<'_>) -> Markup {
    let Some((good, chosen)) = &scene.letter else {
        return html! { div #variants {} };
    };
    let edition = &good.compiled.edition;
    let variants = if edition.rules.is_empty() {
        Vec::new()
    } else {
        readers::variants(edition, good.readers())
    };
    let shown = Sizes::of(edition, &chosen.reader).sections;
    let is_shown = |reader: &Subscriber| Sizes::of(edition, reader).sections == shown;
    html! {
        div #variants {
            @if variants.len() > 1 {
                ul.variants aria-label="Letters that differ" {
                    @for variant in variants.iter().take(MOST) {
                        @let reader = variant.reader.address.as_str().to_owned();
                        @let view = scene.view.with(|v| v.reader = reader.clone());
                        li {
                            a href=(address(scene.base, &scene.sheet.name, &view))
                                aria-current=[is_shown(&variant.reader).then_some("true")] {
                                span.thumb inert {
                                    iframe sandbox="" tabindex="-1" loading="lazy" title={ "The letter of " (reader) }
                                        width="600" height="800" src=(thumbnail(scene, &reader)) {}
                                }
                                span {
                                    (readers::named(&variant.reader))
                                    @if variant.count > 1 { span.quiet { " and " (variant.count - 1) " more" } }
                                }
                            }
                        }
                    }
                }
                @if variants.len() > MOST { p.quiet { (variants.len() - MOST) " more letters differ." } }
            }
        }
    }
}

fn thumbnail(scene: &Scene<'_>, reader: &str) -> String {
    let view = View {
        reader: reader.to_owned(),
        ..View::default()
    };
    let name = crate::util::escape::url_segment(&scene.sheet.name);
    let version = scene.sheet.version;
    format!(
        "{}/mail/{name}{}&version={version}",
        scene.base,
        view.query()
    )
}

/// What every key does, for who asks with `?`.
pub(super) fn keys() -> Markup {
    let widths = WIDTHS
        .iter()
        .map(|(_, label, key)| (*key, format!("{label} wide")));
    let lights = Shade::ALL.iter().map(|light| (light.3, light.2.to_owned()));
    let conditions = Condition::ALL.iter().map(|c| (c.4, c.3.to_owned()));
    let tabs = Tab::ALL.iter().map(|tab| (tab.3, tab.2.to_owned()));
    let others = [
        ("5", "draw the width"),
        ("r", "read as somebody"),
        ("n", "next section"),
        ("?", "these keys"),
    ];
    let others = others.iter().map(|(key, what)| (*key, (*what).to_owned()));
    let all: Vec<(&str, String)> = widths
        .chain(lights)
        .chain(conditions)
        .chain(tabs)
        .chain(others)
        .collect();
    html! {
        dialog #help aria-labelledby="help-title" {
            h2 #help-title { "Keys" }
            dl { @for (key, what) in &all { div { dt { kbd { (key) } } dd { (what) } } } }
            form method="dialog" { button { "Close" } }
        }
    }
}
