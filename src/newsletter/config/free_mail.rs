//! Mailbox providers whose domains reject newsletters from other servers.

/// Mailbox providers that ask receivers by DMARC to reject or quarantine messages from their domains that were not sent
/// by their own servers (`p=reject`, `p=quarantine`), or that say so in their rules for senders, as Google does for
/// gmail.com.
const FREE_MAIL: [&str; 44] = [
    // Google
    "gmail.com",
    "googlemail.com",
    // Yahoo and AOL; their country domains are in the list of brands.
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

/// Whether `domain` belongs to a mailbox provider; the policy of a domain also applies to its subdomains.
pub(super) fn is_free_mail(domain: &str) -> bool {
    let below = |name: &str| {
        let rest = domain.strip_suffix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    let mut brands = FREE_MAIL_BRANDS.into_iter();
    FREE_MAIL.into_iter().any(below) || brands.any(|brand| is_of(domain, brand))
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
