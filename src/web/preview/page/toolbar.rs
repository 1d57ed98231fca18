//! The toolbar: width, colours, conditions and recipient.

use maud::{Markup, html};

use super::super::subscribers::{self, SPECIMENS};
use super::super::view::{Choice, Condition, Shade, Tab, View, Width};
use super::address;
use super::scene::Scene;
use crate::subscriber::Subscriber;

/// The widths with their labels, keys and descriptions.
const WIDTHS: [(Width, &str, &str, &str); 4] = [
    (Width::Phone, "320", "1", "A small phone, 320 pixels wide."),
    (Width::LargePhone, "375", "2", "A phone, 375 pixels wide."),
    (
        Width::Tablet,
        "600",
        "3",
        "A tablet or a narrow window, 600 pixels wide.",
    ),
    (Width::Full, "full", "4", "A wide window."),
];

pub(super) fn toolbar(scene: &Scene<'_>) -> Markup {
    let view = scene.view;
    html! {
        div.toolbar #toolbar role="group" aria-label="View" {
            ul.choices aria-label="Width" {
                @for (width, label, key, what) in WIDTHS {
                    li { (choice(scene, &view.with(|v| v.width = width), view.width == width, label, (key, what))) }
                }
                li.free {
                    label for="free" { "free" }
                    input #free type="range" min=(Width::FREE.start()) max=(Width::FREE.end()) step="1"
                        value=(view.width.pixels().unwrap_or(900)) data-key="5" hidden;
                }
            }
            ul.choices aria-label=(Shade::LABEL) {
                @for (light, _, label, key) in Shade::ALL {
                    li { (choice(scene, &view.with(|v| v.light = *light), view.light == *light, label, (key, light.description()))) }
                }
            }
            ul.choices aria-label="Conditions" {
                @for (condition, _, _, label, key) in Condition::ALL {
                    li { (choice(scene, &view.toggled(condition), view.has(condition), label, (key, condition.description()))) }
                }
            }
            (subscriber(scene))
        }
    }
}

/// A link to the same page with another option; the description is its title.
fn choice(
    scene: &Scene<'_>,
    to: &View,
    is_chosen: bool,
    label: &str,
    (key, description): (&str, &str),
) -> Markup {
    html! {
        a href=(address(scene.base, &scene.issue.name, to)) aria-current=[is_chosen.then_some("true")]
            data-key=(key) title={ (description) " Key " (key) } { (label) }
    }
}

/// The form that chooses the recipient.
fn subscriber(scene: &Scene<'_>) -> Markup {
    let view = scene.view;
    let label = scene.message.as_ref().map(|(_, chosen)| &chosen.label);
    let listed = scene.issue.sources.list.read();
    html! {
        form.subscriber #as action=(address(scene.base, &scene.issue.name, &View::default())) {
            label for="recipient" { "Recipient" }
            input #recipient name="recipient" list="recipients" value=(view.recipient) data-key="r" autocomplete="off"
                spellcheck="false" placeholder="name or address" title="Key r";
            datalist #recipients {
                @for (word, label) in SPECIMENS { option value=(word) { (label) } }
                (suggestions(&listed.take(12).collect::<Vec<_>>()))
            }
            (hidden_options(view))
            button type="submit" { "Show" }
            @if let Some(label) = label { span.chosen { (label) } }
        }
    }
}

/// The other options, which the form keeps.
fn hidden_options(view: &View) -> Markup {
    html! {
        @if view.width != Width::default() { input type="hidden" name="width" value=(view.width.word()); }
        @if view.light != Shade::default() { input type="hidden" name=(Shade::NAME) value=(view.light.word()); }
        @for (condition, name, word, ..) in Condition::ALL {
            @if view.has(condition) { input type="hidden" name=(name) value=(word); }
        }
        @if view.tab != Tab::default() { input type="hidden" name=(Tab::NAME) value=(view.tab.word()); }
    }
}

/// Subscribers as the options of a list of suggestions.
pub(in super::super) fn suggestions(subscribers: &[Subscriber]) -> Markup {
    html! {
        @for subscriber in subscribers { option value=(subscriber.address.as_str()) { (subscribers::named(subscriber)) } }
    }
}

/// The dialog that lists the keys.
pub(super) fn keys() -> Markup {
    html! {
        dialog #help aria-labelledby="help-title" {
            h2 #help-title { "Keys" }
            dl { @for (key, what) in key_list() { div { dt { kbd { (key) } } dd { (what) } } } }
            form method="dialog" { button { "Close" } }
        }
    }
}

/// Each key with what it does.
fn key_list() -> Vec<(&'static str, String)> {
    let widths = WIDTHS
        .iter()
        .map(|(_, label, key, _)| (*key, format!("width {label}")));
    let lights = Shade::ALL.iter().map(|light| (light.3, light.2.to_owned()));
    let conditions = Condition::ALL.iter().map(|c| (c.4, c.3.to_owned()));
    let tabs = Tab::ALL.iter().map(|tab| (tab.3, tab.2.to_owned()));
    let others = [
        ("5", "width slider"),
        ("r", "recipient"),
        ("n", "next section"),
        ("?", "this list"),
    ];
    let others = others.iter().map(|(key, what)| (*key, (*what).to_owned()));
    let views = widths.chain(lights).chain(conditions);
    views.chain(tabs).chain(others).collect()
}
