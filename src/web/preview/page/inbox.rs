//! The message in an inbox: sender, subject and preheader at three widths.

use maud::{Markup, html};
use scraper::{Html, Selector};

use super::scene::Scene;
use crate::message::MergeValues;
use crate::placeholder::Pattern;

/// The characters of subject and preheader that fit on a watch or in a narrow pane, on a phone, and in a wide window.
const WIDTHS: [usize; 3] = [35, 60, 100];

/// The length of the opening to read, in octets.
const OPENING: usize = 400;

pub(super) fn inbox(scene: &Scene<'_>) -> Markup {
    html! {
        section.inbox #inbox aria-label="In the inbox" {
            @if let Some((good, chosen)) = &scene.message {
                @let edition = &good.compiled.edition;
                @let parts = good.parts(&chosen.subscriber);
                @let key = good.options().token_key;
                @let personal = MergeValues::new(edition, &chosen.subscriber, &key);
                @let preheader = good.compiled.issue.preheader.as_deref();
                @let preheader = preheader.map(|words| Pattern::line(words).fill(&personal));
                @let opening = opening(&parts.html);
                @let row = InboxRow::new(&parts.subject, preheader.as_deref().unwrap_or(""), &opening);
                @for width in WIDTHS {
                    div.row data-characters=(width) {
                        span.sender { (edition.sender.name) }
                        (row.cut(width))
                    }
                }
            }
        }
    }
}

/// What an inbox shows after the sender.
struct InboxRow<'a> {
    subject: &'a str,
    preheader: &'a str,
    /// The text after the preheader, which an inbox shows if there is space.
    leak: String,
}

impl<'a> InboxRow<'a> {
    fn new(subject: &'a str, preheader: &'a str, opening: &str) -> Self {
        let after = opening.strip_prefix(preheader).unwrap_or(opening);
        Self {
            subject,
            preheader,
            leak: after.to_owned(),
        }
    }

    /// The row of an inbox that shows `width` characters.
    fn cut(&self, width: usize) -> Markup {
        let subject = first(self.subject, width);
        let left = width.saturating_sub(self.subject.chars().count() + 1);
        let preheader = first(self.preheader, left);
        let left = left.saturating_sub(self.preheader.chars().count());
        let leak = first(&self.leak, left);
        html! {
            span.words {
                strong { (subject) }
                @if !preheader.is_empty() { " " span.preheader { (preheader) } }
                @if !leak.trim().is_empty() {
                    " " span.leak { span.unseen { "followed by: " } (leak) }
                }
                @if self.is_cut(width) { span aria-hidden="true" { "…" } }
            }
            span.measure { (width) " characters" }
        }
    }

    fn is_cut(&self, width: usize) -> bool {
        let words = self.subject.chars().count() + 1 + self.preheader.chars().count();
        words > width
    }
}

/// The first characters of a text.
fn first(text: &str, characters: usize) -> &str {
    let end = text.char_indices().nth(characters);
    end.map_or(text, |(at, _)| &text[..at])
}

/// The first words of a message as an inbox reads them, hidden text included. The filler characters after a preheader
/// count as spaces.
fn opening(html: &str) -> String {
    let document = Html::parse_document(html);
    let body = Selector::parse("body").expect("a selector");
    let mut out = String::new();
    for text in document.select(&body).flat_map(|body| body.text()) {
        for c in text.chars().filter(|c| *c != '\u{34F}') {
            let c = if c == '\u{2007}' || c.is_ascii_whitespace() {
                ' '
            } else {
                c
            };
            // Whitespace between elements collapses to one space; the filler does not.
            if !(c == ' ' && text.trim_ascii().is_empty() && out.ends_with(' ')) {
                out.push(c);
            }
        }
        if out.len() > OPENING {
            break;
        }
    }
    out.trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(subject: &str, preheader: &str, html: &str, width: usize) -> String {
        let opening = opening(html);
        InboxRow::new(subject, preheader, &opening)
            .cut(width)
            .into_string()
    }

    #[test]
    fn text_after_a_preheader_without_filler_is_shown() {
        let html = "<body><div>Short.</div><p>View in browser</p></body>";
        let shown = row("Subject", "Short.", html, 35);
        assert!(
            shown.contains("followed by: </span>View in browser"),
            "{shown}"
        );
    }

    #[test]
    fn filler_hides_the_text_after_a_preheader() {
        let filler = "\u{2007}\u{34F}".repeat(120);
        let html = format!("<body><div>Short.{filler}</div><p>View in browser</p></body>");
        let shown = row("Subject", "Short.", &html, 100);
        assert!(!shown.contains("leak"), "{shown}");
    }

    #[test]
    fn a_long_subject_leaves_no_space_for_the_preheader() {
        let shown = row(&"a".repeat(40), "b", "<body>b", 35);
        assert!(
            shown.contains(&format!("<strong>{}</strong>", "a".repeat(35))),
            "{shown}"
        );
        assert!(
            shown.contains('…') && !shown.contains('b'.to_string().repeat(2).as_str()),
            "{shown}"
        );
    }
}
