//! In what condition the letter is shown, and to whom.

use maud::{Markup, html};

use super::super::subscribers::{self, SPECIMENS};
use super::super::view::{Choice, Condition, Shade, Tab, View, Width};
use super::address;
use super::scene::Scene;
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
        div.toolbar #toolbar role="group" aria-label="View" {
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
            (subscriber(scene))
        }
    }
}

/// A link to the same page in another view.
fn choice(scene: &Scene<'_>, to: &View, is_chosen: bool, label: &str, key: &str) -> Markup {
    html! {
        a href=(address(scene.base, &scene.issue.name, to)) aria-current=[is_chosen.then_some("true")]
            data-key=(key) title={ "Key " (key) } { (label) }
    }
}

/// Whose letter it is.
fn subscriber(scene: &Scene<'_>) -> Markup {
    let view = scene.view;
    let label = scene.message.as_ref().map(|(_, chosen)| &chosen.label);
    let listed = scene.issue.folder.list.read();
    html! {
        form.subscriber #as action=(address(scene.base, &scene.issue.name, &View::default())) {
            label for="recipient" { "Recipient" }
            input #recipient name="recipient" list="recipients" value=(view.recipient) data-key="r" autocomplete="off"
                spellcheck="false" placeholder="name or address" title="Key r";
            datalist #recipients {
                @for (word, label) in SPECIMENS { option value=(word) { (label) } }
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
pub(in super::super) fn suggestions(subscribers: &[Subscriber]) -> Markup {
    html! {
        @for subscriber in subscribers { option value=(subscriber.address.as_str()) { (subscribers::named(subscriber)) } }
    }
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
