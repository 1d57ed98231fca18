//! Links: descriptive text, encrypted destinations, no shorteners, no tracking.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use super::Subject;
use super::deceptive_links::{self, at};
use crate::diag::{Finding, Findings};
use crate::newsletter::issue::LinkSource;
use crate::placeholder::{Placeholders, URLS, without_marks};

static VAGUE: LazyLock<BTreeMap<String, Vec<String>>> =
    LazyLock::new(|| toml::from_str(include_str!("vague.toml")).expect("the list is tested"));

/// URL shorteners: they hide the destination and track clicks.
const SHORTENERS: [&str; 14] = [
    "bit.ly",
    "bl.ink",
    "buff.ly",
    "cutt.ly",
    "goo.gl",
    "is.gd",
    "lnkd.in",
    "ow.ly",
    "rb.gy",
    "rebrand.ly",
    "shorturl.at",
    "t.co",
    "tiny.cc",
    "tinyurl.com",
];

/// Placeholders that identify a subscriber.
const IDENTIFYING: [&str; 4] = ["email", "name", "first_name", "last_name"];

pub(super) fn check(subject: &Subject<'_>, findings: &mut Findings) {
    let issue = subject.issue;
    let vague = VAGUE.get(issue.language.primary());
    for link in &issue.source_map.links {
        destination(link, findings);
        deceptive_links::check(link, findings);
        personal(link, &issue.placeholders, findings);
        if let Some(words) = &link.words {
            let is_vague = vague.is_some_and(|list| list.contains(&folded(words)));
            own_words(link, words, is_vague, findings);
        }
    }
    same_words(&issue.source_map.links, findings);
}

fn folded(words: &str) -> String {
    let words = words
        .trim()
        .trim_end_matches(['.', ':', '…', '>', '»', '→', ' ']);
    words.to_lowercase().replace('’', "'")
}

fn destination(link: &LinkSource, findings: &mut Findings) {
    if link.url.starts_with("http://") {
        let finding = at(link, "http-link", "this link is not encrypted");
        let hint = "most sites have the same page under `https://`";
        findings.push(finding.hint(hint));
    }
    let host = url::Url::parse(&link.url).ok();
    let host = host
        .as_ref()
        .and_then(url::Url::host_str)
        .unwrap_or_default();
    if SHORTENERS.contains(&host.trim_start_matches("www.")) {
        let message = "a shortened link hides its destination and tracks clicks";
        let finding = at(link, "short-link", message);
        findings.push(finding.hint("write the destination itself"));
    }
}

fn personal(link: &LinkSource, placeholders: &Placeholders, findings: &mut Findings) {
    for placeholder in placeholders
        .in_text(&link.url)
        .filter(|placeholder| !URLS.contains(&placeholder.name.as_str()))
    {
        let message = format!(
            "`{{{{ {} }}}}` identifies the subscriber to the linked site",
            placeholder.name
        );
        let finding = if IDENTIFYING.contains(&placeholder.name.as_str()) {
            Finding::error("tracking-link", message)
                .hint("remove the placeholder: messages must not track subscribers")
        } else {
            Finding::warning("personal-link", message)
                .hint("harmless if many subscribers share the value")
        };
        findings.push(finding.at(link.place.clone()));
    }
}

fn own_words(link: &LinkSource, words: &str, is_vague: bool, findings: &mut Findings) {
    let place = link.words_place.as_ref().unwrap_or(&link.place);
    if words.trim().is_empty() {
        let message = "this link has no text";
        findings.push(Finding::error("silent-link", message).at(place.clone()));
    } else if is_vague {
        let message = format!("`{}` does not say where the link leads", words.trim());
        findings.push(
            Finding::warning("vague-link", message)
                .at(place.clone())
                .hint("a screen reader lists links without their sentences: name the target"),
        );
    }
}

/// Reports links with the same text and different destinations.
fn same_words(links: &[LinkSource], findings: &mut Findings) {
    let mut first: HashMap<String, &LinkSource> = HashMap::new();
    for link in links {
        let Some(words) = link
            .words
            .as_deref()
            .map(folded)
            .filter(|words| !words.is_empty())
        else {
            continue;
        };
        let earlier = *first.entry(words.clone()).or_insert(link);
        if earlier.url != link.url {
            let words = without_marks(&words);
            let message = format!("`{words}` links to another page above");
            findings.push(
                at(link, "ambiguous-link", message).related(earlier.place.clone(), "the same text"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_of_vague_words_are_folded() {
        for (language, words) in VAGUE.iter() {
            for word in words {
                assert_eq!(*word, folded(word), "{language}");
            }
        }
    }
}
