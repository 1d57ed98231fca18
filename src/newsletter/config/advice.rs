//! Advice about the sender's address and the newsletter's URLs, from the rules of large mailbox providers.

use url::{Host, Url};

use crate::diag::{Finding, Severity};
use crate::subscriber::Address;
use crate::util::escape;
use crate::util::network::{is_below, is_public, is_public_name};

use super::Mailbox;
use super::free_mail::is_free_mail;

const NO_REPLY: [&str; 5] = [
    "noreply",
    "no-reply",
    "no_reply",
    "donotreply",
    "do-not-reply",
];

/// The finding about `address` as a sender.
pub(super) fn sender(address: &Address) -> Option<Finding> {
    let domain = address.domain();
    if is_free_mail(&domain) {
        let message = format!(
            "{domain} asks receivers to reject newsletters that others send from its addresses"
        );
        let hint = "send from a domain of your own";
        return Some(Finding::error("free-mail-sender", message).hint(hint));
    }
    replies(address)
}

/// The finding about `address` as the destination of replies.
pub(super) fn replies(address: &Address) -> Option<Finding> {
    let local = address.local_part().to_lowercase();
    NO_REPLY
        .iter()
        .any(|word| local.starts_with(word))
        .then(|| {
            Finding::warning("no-reply", format!("`{address}` does not accept replies")).hint(
                "use an address that accepts replies: mailbox providers count them as a good sign",
            )
        })
}

/// The finding about a display name that contains an address or URL of another host. Mail clients that show only the
/// name show a wrong sender, and filters reject such messages.
pub(super) fn display_name(mailbox: &Mailbox) -> Option<Finding> {
    let own = mailbox.address.domain().to_lowercase();
    let name = mailbox.name.as_deref()?;
    let words =
        name.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '(' | ')' | ',' | ';'));
    let mut foreign = words.filter(|word| {
        let host = shown_host(word);
        host.is_some_and(|host| {
            let host = host.trim_start_matches("www.");
            let is_own = is_below(host, &own) || is_below(&own, host);
            !is_own || is_other_mailbox(word, mailbox)
        })
    });
    let word = escape::terminal(foreign.next()?);
    let message = format!(
        "the name contains `{word}`, but the address is `{}`",
        mailbox.address
    );
    let hint = "write the name of the newsletter, without an address";
    Some(Finding::warning("deceptive-sender", message).hint(hint))
}

/// The host in a word that is an address or a URL.
fn shown_host(word: &str) -> Option<String> {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '/');
    if word.contains("://") {
        return Some(Url::parse(word).ok()?.host_str()?.to_owned());
    }
    if word.to_lowercase().starts_with("www.") {
        return Some(word.to_lowercase());
    }
    Address::parse(word)
        .ok()
        .map(|address| address.domain().to_lowercase())
}

fn is_other_mailbox(word: &str, mailbox: &Mailbox) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    word.contains('@') && !word.eq_ignore_ascii_case(&mailbox.address.to_string())
}

/// The finding about a URL that recipients follow; `written` is its text in the file.
pub(super) fn url(url: &Url, written: &str) -> Option<Finding> {
    let host = url.host()?;
    if !url.username().is_empty() || url.password().is_some() {
        let message = format!("the part before the `@` is a user name: this URL leads to `{host}`");
        let hint = "remove the user name and the `@`";
        return Some(Finding::warning("deceptive-link", message).hint(hint));
    }
    if written.contains('\\') {
        let message = "this URL contains a backslash, which browsers read as `/`";
        return Some(Finding::warning("deceptive-link", message).hint("write `/`"));
    }
    (!is_public_host(&host)).then(|| {
        let message = format!("`{host}` is not on the internet: recipients cannot reach it");
        let hint = "write the public address of the page";
        Finding::warning("private-link", message).hint(hint)
    })
}

fn is_public_host(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => is_public_name(name.trim_end_matches('.')),
        Host::Ipv4(address) => is_public((*address).into()),
        Host::Ipv6(address) => is_public((*address).into()),
    }
}

/// Google and Yahoo require one-click unsubscribe of bulk senders, which needs https (RFC 8058).
pub(super) fn one_click() -> Finding {
    Finding::of(
        Severity::Note,
        "no-one-click",
        "one-click unsubscribe needs `web_url`",
    )
    .hint("Google and Yahoo require it from about 5,000 messages a day")
}
