//! Where a link may lead: to the web, to a mailbox, to a telephone.

use url::Url;

use crate::diag::{Finding, Findings, Place};
use crate::placeholder::{self, Placeholders};
use crate::util::escape;

const SCHEMES: [&str; 4] = ["https", "http", "mailto", "tel"];

/// The destination if a letter may carry it; otherwise a finding, and `None`.
///
/// The scheme is read by a URL parser, which knows the spellings (`jAvA\tscript:`) that a comparison of
/// strings does not. A slot may be a whole URL that the program makes, or stand behind the host name: a
/// reader's value never decides which host a link leads to.
pub(super) fn check(
    url: &str,
    slots: &Placeholders,
    place: &Place,
    findings: &mut Findings,
) -> Option<String> {
    match fault(url.trim(), slots) {
        None => Some(url.trim().to_owned()),
        Some((code, message, hint)) => {
            findings.push(Finding::error(code, message).at(place.clone()).hint(hint));
            None
        }
    }
}

type Fault = (&'static str, String, Option<String>);

fn fault(url: &str, slots: &Placeholders) -> Option<Fault> {
    if let Some(slot) = slots.at_head(url) {
        let is_url = placeholder::URLS.contains(&slot.name.as_str());
        return (!is_url).then(|| {
            let message = format!("`{{{{ {} }}}}` is no URL", slot.name);
            let hint = format!(
                "a link may begin with {}",
                placeholder::URLS
                    .map(|u| format!("`{{{{ {u} }}}}`"))
                    .join(" or ")
            );
            ("bad-link", message, Some(hint))
        });
    }
    if url.is_empty() {
        return Some(("bad-link", "this link leads nowhere".to_owned(), None));
    }
    let shown = escape::terminal(&placeholder::without_marks(url));
    if url.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Some((
            "bad-link",
            format!("there is a space in `{shown}`"),
            Some("a URL has none; `%20` stands for one".to_owned()),
        ));
    }
    match Url::parse(url) {
        Err(_) if !url.contains(':') => Some((
            "bad-link",
            format!("`{shown}` has no scheme"),
            Some("a mail has no address of its own: write the whole URL, with `https://`".to_owned()),
        )),
        Err(why) => Some(("bad-link", format!("`{shown}` is no URL: {why}"), None)),
        Ok(parsed) if !SCHEMES.contains(&parsed.scheme()) => Some((
            "bad-link",
            format!("a link with the scheme `{}:` cannot be mailed", parsed.scheme()),
            Some("use https, mailto or tel".to_owned()),
        )),
        Ok(parsed) if placeholder::has_mark(url) && !slots_stand_behind_the_host(url, &parsed) => Some((
            "bad-link",
            "a placeholder cannot decide which host a link leads to".to_owned(),
            Some("put it behind the host name, as in `https://letter.example/?country={{ country }}`".to_owned()),
        )),
        Ok(_) => None,
    }
}

fn slots_stand_behind_the_host(url: &str, parsed: &Url) -> bool {
    let Some((_, rest)) = url.split_once("//") else {
        // mailto: and tel: have no host; the mailbox itself must still be the editor's.
        return url
            .split_once('?')
            .is_some_and(|(before, _)| !placeholder::has_mark(before));
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !placeholder::has_mark(host) && parsed.has_host()
}
