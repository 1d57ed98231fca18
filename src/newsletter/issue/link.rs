//! Link destinations: web pages, mailboxes, telephone numbers.

use url::Url;

use crate::diag::{Finding, Findings, Place};
use crate::placeholder::{self, Placeholders};
use crate::util::escape;

const SCHEMES: [&str; 4] = ["https", "http", "mailto", "tel"];

/// The destination if it may be mailed; otherwise a finding, and `None`.
///
/// A URL parser reads the scheme, because it knows spellings (`jAvA\tscript:`) that a string comparison misses. A
/// placeholder may be a whole URL that the program creates, or follow the host name: a subscriber's value never decides
/// the host of a link.
pub(super) fn check(
    url: &str,
    placeholders: &Placeholders,
    place: &Place,
    findings: &mut Findings,
) -> Option<String> {
    match problem(url.trim(), placeholders) {
        None => Some(url.trim().to_owned()),
        Some((code, message, hint)) => {
            findings.push(Finding::error(code, message).at(place.clone()).hint(hint));
            None
        }
    }
}

type LinkProblem = (&'static str, String, Option<String>);

fn problem(url: &str, placeholders: &Placeholders) -> Option<LinkProblem> {
    if let Some(placeholder) = placeholders.at_head(url) {
        let is_url = placeholder::URLS.contains(&placeholder.name.as_str());
        return (!is_url).then(|| {
            let message = format!("`{{{{ {} }}}}` is not a URL", placeholder.name);
            let hint = format!(
                "a link can only start with {}",
                placeholder::URLS
                    .map(|u| format!("`{{{{ {u} }}}}`"))
                    .join(" or ")
            );
            ("bad-link", message, Some(hint))
        });
    }
    if url.is_empty() {
        return Some(("bad-link", "this link has no destination".to_owned(), None));
    }
    let shown = escape::terminal(&placeholder::without_marks(url));
    if url.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Some((
            "bad-link",
            format!("`{shown}` contains a space"),
            Some("write `%20` for a space".to_owned()),
        ));
    }
    match Url::parse(url) {
        Err(_) if !url.contains(':') => Some((
            "bad-link",
            format!("`{shown}` has no scheme"),
            Some("write the whole URL, with `https://`: relative links do not work in mail".to_owned()),
        )),
        Err(why) => Some(("bad-link", format!("`{shown}` is not a valid URL: {why}"), None)),
        Ok(parsed) if !SCHEMES.contains(&parsed.scheme()) => Some((
            "bad-link",
            format!("links with the scheme `{}:` are not allowed", parsed.scheme()),
            Some("use https, mailto or tel".to_owned()),
        )),
        Ok(parsed) if placeholder::has_mark(url) && !placeholders_follow_the_host(url, &parsed) => Some((
            "bad-link",
            "a placeholder cannot be part of a link's host".to_owned(),
            Some("write it after the host name, as in `https://news.example/?country={{ country }}`".to_owned()),
        )),
        Ok(_) => None,
    }
}

fn placeholders_follow_the_host(url: &str, parsed: &Url) -> bool {
    let Some((_, rest)) = url.split_once("//") else {
        // mailto: and tel: have no host; the mailbox itself must not contain a placeholder.
        return url
            .split_once('?')
            .is_some_and(|(before, _)| !placeholder::has_mark(before));
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !placeholder::has_mark(host) && parsed.has_host()
}
