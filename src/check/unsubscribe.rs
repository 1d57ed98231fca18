//! Both parts of a message have the unsubscribe link, and every link of the HTML part is in the plain text part.

use std::collections::{BTreeSet, HashSet};

use scraper::{Html, Node};

use super::Subject;
use crate::diag::{Finding, Findings};
use crate::message::{self, MessageOptions};
use crate::subscriber::Subscriber;

pub(super) fn check(subject: &Subject<'_>, recipient: &Subscriber, findings: &mut Findings) {
    let options = MessageOptions::specimen(jiff::Timestamp::UNIX_EPOCH);
    let parts = message::fill(subject.edition, recipient, &options);
    let unsubscribe = message::unsubscribe_url(subject.edition, recipient, &options.token_key);
    let links = destinations(&parts.html);
    for (part, has_link) in [
        ("HTML", links.contains(&unsubscribe)),
        ("plain text", parts.text.contains(&unsubscribe)),
    ] {
        if !has_link {
            let message = format!("the {part} part has no unsubscribe link");
            findings.push(Finding::error("no-way-to-leave", message));
        }
    }
    let shown = Shown::of(&parts.text);
    for link in links.iter().filter(|link| !shown.contains(link)) {
        let source = subject
            .issue
            .source_map
            .links
            .iter()
            .find(|m| m.url == *link);
        let message = format!("the plain text part lacks the link to {link}");
        findings.push(
            Finding::error("lost-link", message).at(source.map(|source| source.place.clone())),
        );
    }
}

/// The plain text part and its words, for a fast search of links.
struct Shown<'a> {
    text: &'a str,
    words: HashSet<&'a str>,
}

impl<'a> Shown<'a> {
    fn of(text: &'a str) -> Self {
        let words = text.split_whitespace();
        let words = words.map(|word| word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')']));
        Self {
            text,
            words: words.collect(),
        }
    }

    /// Whether the text has `link`; addresses are written without `mailto:`.
    fn contains(&self, link: &str) -> bool {
        let link = link.strip_prefix("mailto:").unwrap_or(link);
        self.words.contains(link) || self.text.contains(link)
    }
}

/// The destinations of the links in a document, without fragments: the plain text part has a table of contents of its
/// own.
fn destinations(html: &str) -> BTreeSet<String> {
    let document = Html::parse_document(html);
    let elements = document.tree.values().filter_map(Node::as_element);
    let urls = elements.filter_map(|element| element.attr("href"));
    urls.map(|url| url.split('#').next().unwrap_or_default().to_owned())
        .collect()
}
