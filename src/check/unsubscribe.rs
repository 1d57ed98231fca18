//! Every letter says how to leave, in both parts, and no link is lost from one to the other.

use std::collections::{BTreeSet, HashSet};

use scraper::{Html, Node};

use super::Subject;
use crate::diag::{Finding, Findings};
use crate::message::{self, MessageOptions};
use crate::subscriber::Subscriber;

pub(super) fn check(subject: &Subject<'_>, reader: &Subscriber, findings: &mut Findings) {
    let stamp = MessageOptions::specimen(jiff::Timestamp::UNIX_EPOCH);
    let parts = message::fill(subject.edition, reader, &stamp);
    let leave = message::unsubscribe_url(subject.edition, reader, &stamp.key);
    let links = destinations(&parts.html);
    for (part, says) in [
        ("HTML", links.contains(&leave)),
        ("plain text", parts.text.contains(&leave)),
    ] {
        if !says {
            let message = format!("the {part} part does not say how to leave");
            findings.push(Finding::error("no-way-to-leave", message));
        }
    }
    let shown = Shown::of(&parts.text);
    for link in links.iter().filter(|link| !shown.contains(link)) {
        let mention = subject
            .issue
            .source_map
            .links
            .iter()
            .find(|m| m.url == *link);
        let message = format!("the plain text part lacks the link to {link}");
        findings.push(
            Finding::error("lost-link", message).at(mention.map(|mention| mention.place.clone())),
        );
    }
}

/// The plain text part with its words, for looking up thousands of links.
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

    /// Whether `link` can be read in the text, an address without its scheme.
    fn contains(&self, link: &str) -> bool {
        let link = link.strip_prefix("mailto:").unwrap_or(link);
        self.words.contains(link) || self.text.contains(link)
    }
}

/// Where the links of a document lead. A place within a page is not told from the page: the plain text has
/// contents of its own.
fn destinations(html: &str) -> BTreeSet<String> {
    let document = Html::parse_document(html);
    let elements = document.tree.values().filter_map(Node::as_element);
    let urls = elements.filter_map(|element| element.attr("href"));
    urls.map(|url| url.split('#').next().unwrap_or_default().to_owned())
        .collect()
}
