//! What the large mail hosts ask of a sender's address.

use crate::diag::{Finding, Severity};
use crate::reader::Address;

/// Hosts whose own policy (DMARC) refuses mail under their name from anybody else.
const FREE_MAIL: [&str; 14] = [
    "aol.com",
    "gmail.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.ru",
    "outlook.com",
    "proton.me",
    "web.de",
    "yahoo.com",
    "ymail.com",
];

const NO_REPLY: [&str; 5] = [
    "noreply",
    "no-reply",
    "no_reply",
    "donotreply",
    "do-not-reply",
];

/// What is wrong with sending from `address`.
pub(super) fn sender(address: &Address) -> Option<Finding> {
    let domain = address.domain();
    if FREE_MAIL.contains(&domain.as_str()) {
        let message = format!("{domain} refuses newsletters that others send under its name");
        let hint = "send from a domain of your own";
        return Some(Finding::error("free-mail-sender", message).hint(hint.to_owned()));
    }
    answered(address)
}

/// What is wrong with having answers sent to `address`.
pub(super) fn answered(address: &Address) -> Option<Finding> {
    let local = address.local_part().to_lowercase();
    NO_REPLY
        .iter()
        .any(|word| local.starts_with(word))
        .then(|| {
            Finding::warning(
                "no-reply",
                format!("nobody reads what is sent to `{address}`"),
            )
            .hint("readers answer letters, and hosts take an answer for a good sign".to_owned())
        })
}

/// Google and Yahoo ask bulk senders for leaving by one click, which needs https (RFC 8058).
pub(super) fn one_click() -> Finding {
    Finding::of(
        Severity::Note,
        "no-one-click",
        "without `web_url` nobody can leave by one click",
    )
    .hint("Google and Yahoo ask for it from about 5,000 letters a day on".to_owned())
}
