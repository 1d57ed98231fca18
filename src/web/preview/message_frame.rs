//! The message in its frame: the HTML that the recipient gets, changed as a mail client would change it.
//!
//! The frame runs no scripts and makes no requests: pictures are in the document as `data:` URLs, and its policy forbids
//! the rest.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::dark_mode;
use super::declarations;
use super::view::{Condition, Shade, View};
use crate::compile::edition::Edition;
use crate::message::{MergeValues, MessageOptions};
use crate::newsletter::template::{Kind, words};
use crate::placeholder::Sink;
use crate::subscriber::Subscriber;

/// The policy of the framed message. `allow-same-origin` lets our page restore the scroll position after a change; it
/// gives the message nothing, because the message runs no scripts.
pub(super) const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; \
     form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-same-origin";

/// The HTML document for the frame.
pub(super) fn framed(
    edition: &Edition,
    subscriber: &Subscriber,
    stamp: &MessageOptions,
    view: &View,
) -> String {
    let personal = MergeValues::new(edition, subscriber, &stamp.token_key);
    let mut marked = Marked(String::new());
    edition.html.fill_into(&personal, &mut marked);
    let mut html = marked.0;
    if view.has(Condition::StylesOff) {
        html = without_styles(&html);
    }
    html = match view.light {
        Shade::Dark => in_scheme(&html, "dark", "all"),
        light => {
            let html = in_scheme(&html, "light", "not all");
            match light {
                Shade::Partial | Shade::Inverted => dark_mode::recoloured(&html, light),
                _ => html,
            }
        }
    };
    if view.has(Condition::LargeText) {
        html = enlarged(&html);
    }
    if view.has(Condition::LinksShown) {
        html = html.replacen("</head>", LINKS_SHOWN, 1);
    }
    if view.has(Condition::PicturesOff) {
        // Their `cid:` URLs stay, which a browser cannot load.
        return html;
    }
    with_pictures(edition, html)
}

/// The message with an empty `template` element at the start of each section, by which the page scrolls to it.
struct Marked(String);

impl Sink for Marked {
    fn fixed(&mut self, _: usize, text: &str) {
        self.0.push_str(text);
    }

    fn own(&mut self, text: &str) {
        self.0.push_str(text);
    }

    fn section(&mut self, number: usize) {
        let marker = format!("<template data-section=\"{number}\"></template>");
        self.0.push_str(&marker);
    }
}

/// Replaces the URL of each picture by its bytes.
fn with_pictures(edition: &Edition, mut html: String) -> String {
    let embedded = edition.pictures.iter().map(|picture| {
        let address = format!("cid:{}", picture.content_id);
        (address, &picture.media_type, &picture.bytes)
    });
    let linked = edition.linked.iter();
    let linked = linked.map(|picture| (picture.url.clone(), &picture.media_type, &picture.bytes));
    for (address, media_type, bytes) in embedded.chain(linked) {
        let data = format!(
            "src=\"data:{media_type};base64,{}\"",
            STANDARD.encode(bytes)
        );
        html = html.replace(&format!("src=\"{address}\""), &data);
    }
    html
}

/// Removes the style sheets in the head, as some webmail does.
fn without_styles(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<style") {
        out.push_str(before);
        rest = after.split_once("</style>").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

/// Fixes the colour scheme, whatever the browser prefers, by replacing the media query with its answer.
fn in_scheme(html: &str, scheme: &str, answer: &str) -> String {
    let html = declarations::with_style_sheets(html, |css| {
        css.replace("(prefers-color-scheme:dark)", answer)
    });
    let canvas = format!("<style>:root{{color-scheme:{scheme}}}</style></head>");
    html.replacen("</head>", &canvas, 1)
}

const LINKS_SHOWN: &str = "<style>a[href]::after{content:\" \\27E8\" attr(href) \"\\27E9\";\
     font:12px/1.4 ui-monospace,monospace;overflow-wrap:anywhere;text-decoration:none}</style></head>";

/// Doubles the font sizes but not the layout, as the text size setting of a phone does.
fn enlarged(html: &str) -> String {
    let declared = declarations::changed(html, |name, value| {
        matches!(name, "font" | "font-size").then(|| doubled(value))
    });
    // For text without a declared size.
    let own = "<style>html{font-size:200%}</style></head>";
    declared.replacen("</head>", own, 1)
}

/// Doubles the first length in pixels of a `font` or `font-size` value.
fn doubled(value: &str) -> String {
    let words = words(value);
    let size = words
        .iter()
        .find(|word| matches!(&word.kind, Kind::Dimension(_, unit) if unit == "px"));
    let doubled = size.and_then(|word| {
        let number = &word.text[..word.text.len() - "px".len()];
        let size = 2.0 * number.parse::<f64>().ok()?;
        let (before, after) = (&value[..word.start], &value[word.start + number.len()..]);
        Some(format!("{before}{size}{after}"))
    });
    doubled.unwrap_or_else(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn font_sizes_are_doubled_and_margins_are_not() {
        let html = "<p style=\"font:bold 29px/1.2 Georgia,serif;margin:4px\"><i style=\"font-size:13.5px\">";
        assert_eq!(
            enlarged(html),
            "<p style=\"font:bold 58px/1.2 Georgia,serif;margin:4px\"><i style=\"font-size:27px\">"
        );
    }

    #[test]
    fn style_sheets_are_removed() {
        assert_eq!(
            without_styles("a<style>b</style>c<style x>d</style>e"),
            "ace"
        );
    }
}
