//! What the large mail hosts ask of a sender's address.

use crate::diag::{Finding, Severity};
use crate::reader::Address;

/// Providers of mailboxes that ask all others, by DMARC, to reject or to quarantine mail under their name that has not
/// come through their own servers (`p=reject`, `p=quarantine`), or that say so in their rules for senders, as Google does
/// for gmail.com. A newsletter from such an address fails at every host that follows them.
const FREE_MAIL: [&str; 44] = [
    // Google
    "gmail.com",
    "googlemail.com",
    // Yahoo and AOL; each of their countries is a brand below.
    "ymail.com",
    "rocketmail.com",
    "myyahoo.com",
    "aim.com",
    "verizon.net",
    // Microsoft
    "msn.com",
    "passport.com",
    "windowslive.com",
    // Apple
    "icloud.com",
    "me.com",
    "mac.com",
    // Proton and Tuta
    "proton.me",
    "protonmail.com",
    "protonmail.ch",
    "pm.me",
    "tuta.com",
    "tuta.io",
    "tutanota.com",
    "tutanota.de",
    "tutamail.com",
    // United Internet
    "web.de",
    "email.de",
    "mail.com",
    // VK
    "mail.ru",
    "bk.ru",
    "inbox.ru",
    "list.ru",
    "internet.ru",
    // Yandex
    "yandex.ru",
    "yandex.com",
    "ya.ru",
    // Others
    "fastmail.com",
    "fastmail.fm",
    "hushmail.com",
    "zoho.com",
    "zohomail.com",
    "zohomail.eu",
    "qq.com",
    "foxmail.com",
    "comcast.net",
    "freenet.de",
    "seznam.cz",
];

/// Providers with a domain for each country: `yahoo.co.uk`, `hotmail.fr`, `gmx.at`.
const FREE_MAIL_BRANDS: [&str; 6] = ["aol", "gmx", "hotmail", "live", "outlook", "yahoo"];

/// Whether `domain` belongs to a provider of mailboxes; the policy of a domain is also that of the names below it.
fn is_free_mail(domain: &str) -> bool {
    let below = |name: &str| {
        let rest = domain.strip_suffix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    FREE_MAIL.into_iter().any(below)
        || FREE_MAIL_BRANDS
            .into_iter()
            .any(|brand| is_of(domain, brand))
}

/// `BRAND.com`, `BRAND.net`, `BRAND.de`, `BRAND.co.uk` or `BRAND.com.au`
fn is_of(domain: &str, brand: &str) -> bool {
    let rest = domain
        .strip_prefix(brand)
        .and_then(|rest| rest.strip_prefix('.'));
    let labels: Vec<&str> = rest.unwrap_or_default().split('.').collect();
    match labels.as_slice() {
        [last] => last.len() == 2 || ["com", "net"].contains(last),
        ["co" | "com", country] => country.len() == 2,
        _ => false,
    }
}

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
    if is_free_mail(&domain) {
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
        "one-click unsubscribe needs `web_url`",
    )
    .hint("Google and Yahoo require it from about 5,000 messages a day".to_owned())
}

#[cfg(test)]
mod tests {
    use super::is_free_mail;

    #[test]
    fn a_provider_is_known_by_each_of_its_domains() {
        for domain in [
            "gmail.com",
            "yahoo.co.uk",
            "yahoo.com.br",
            "hotmail.fr",
            "gmx.net",
            "live.nl",
            "web.de",
            "mail.icloud.com",
        ] {
            assert!(is_free_mail(domain), "{domain}");
        }
        for domain in [
            "notgmail.com",
            "yahoo.press.example",
            "live.example",
            "gmx.heron.org",
            "heron.example",
        ] {
            assert!(!is_free_mail(domain), "{domain}");
        }
    }
}
