//! Link destinations: web pages, mailboxes, telephone numbers.

use url::{ParseError, Url};

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
        Some((message, hint)) => {
            findings.push(
                Finding::error("bad-link", message)
                    .at(place.clone())
                    .hint(hint),
            );
            None
        }
    }
}

/// A message and a hint.
type LinkProblem = (String, Option<String>);

fn problem(url: &str, placeholders: &Placeholders) -> Option<LinkProblem> {
    if let Some(placeholder) = placeholders.at_head(url) {
        return placeholder_problem(&placeholder.name);
    }
    if url.is_empty() {
        return Some(("this link has no destination".to_owned(), None));
    }
    let shown = escape::terminal(&placeholder::without_marks(url));
    let inner = url.trim_matches(QUOTES);
    if inner != url {
        let inner = escape::terminal(&placeholder::without_marks(inner));
        let hint = format!("write `{inner}`");
        let message = format!("`{shown}` has quotation marks around the URL");
        return Some((message, Some(hint)));
    }
    if url.contains(|c: char| c.is_whitespace() || c.is_control()) {
        let hint = telephone(url).unwrap_or_else(|| "write `%20` for a space".to_owned());
        return Some((format!("`{shown}` contains a space"), Some(hint)));
    }
    match Url::parse(url) {
        Err(_) if !url.contains(':') => {
            Some((format!("`{shown}` has no scheme"), Some(with_scheme(url))))
        }
        Err(ParseError::RelativeUrlWithoutBase) => {
            let hint = "write the whole URL, with `https://`".to_owned();
            Some((format!("`{shown}` is not a valid URL"), Some(hint)))
        }
        Err(why) => {
            let hint = "write it as in the address bar of a browser".to_owned();
            Some((format!("`{shown}` is not a valid URL: {why}"), Some(hint)))
        }
        Ok(parsed) => parsed_problem(url, &parsed),
    }
}

/// Quotation marks that an editor or a copy puts around a URL. The straight apostrophe may end a URL.
const QUOTES: [char; 11] = ['"', '“', '”', '„', '‟', '«', '»', '‹', '›', '‘', '‚'];

/// The hint about a destination without a scheme: an address, a telephone number, a host name, or a relative link.
fn with_scheme(url: &str) -> String {
    if let Some(number) = telephone(url) {
        return number;
    }
    let is_address = url
        .split_once('@')
        .is_some_and(|(local, host)| !local.contains('/') && host.contains('.'));
    if is_address && !placeholder::has_mark(url) {
        return format!("write `mailto:{url}`");
    }
    "write the whole URL, with `https://`: relative links do not work in mail".to_owned()
}

/// The hint about a telephone number with spaces or without a scheme; `None` if `url` is something else.
fn telephone(url: &str) -> Option<String> {
    let number = url.strip_prefix("tel:").unwrap_or(url);
    let is_part = |c: char| c.is_ascii_digit() || " +-.()/".contains(c);
    let is_dialled = |c: &char| c.is_ascii_digit() || *c == '+';
    let digits: String = number.chars().filter(is_dialled).collect();
    let is_number = digits.len() >= 6 && number.chars().all(is_part);
    is_number.then(|| format!("write `tel:{digits}`"))
}

/// The problem of a link that starts with the placeholder `name`.
fn placeholder_problem(name: &str) -> Option<LinkProblem> {
    (!placeholder::URLS.contains(&name)).then(|| {
        let urls = placeholder::URLS.map(|url| format!("`{{{{ {url} }}}}`"));
        let hint = format!("a link can only start with {}", urls.join(" or "));
        (format!("`{{{{ {name} }}}}` is not a URL"), Some(hint))
    })
}

/// The problem of a valid URL: its scheme, or a placeholder in its host.
fn parsed_problem(url: &str, parsed: &Url) -> Option<LinkProblem> {
    if !SCHEMES.contains(&parsed.scheme()) {
        let scheme = parsed.scheme();
        let message = format!("links with the scheme `{scheme}:` are not allowed");
        return Some((message, Some("use https, mailto or tel".to_owned())));
    }
    let is_valid = !placeholder::has_mark(url) || placeholders_follow_the_host(url, parsed);
    (!is_valid).then(|| {
        let message = "a placeholder cannot be part of a link's host".to_owned();
        let hint =
            "write it after the host name, as in `https://news.example/?country={{ country }}`";
        (message, Some(hint.to_owned()))
    })
}

fn placeholders_follow_the_host(url: &str, parsed: &Url) -> bool {
    let Some((_, rest)) = url.split_once("//") else {
        return placeholders_follow_the_mailbox(url);
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !placeholder::has_mark(host) && parsed.has_host()
}

/// mailto: and tel: have no host; the mailbox itself must not contain a placeholder.
fn placeholders_follow_the_mailbox(url: &str) -> bool {
    let mailbox = url.split_once('?').map(|(mailbox, _)| mailbox);
    mailbox.is_some_and(|mailbox| !placeholder::has_mark(mailbox))
}
