//! Addresses and host names of the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is public: in none of the ranges that IANA reserves.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match embedded_v4(address) {
            Some(inner) => is_public_v4(inner),
            None => is_public_v6(address),
        },
    }
}

/// Domains of a machine or local network (RFC 6761, RFC 6762, RFC 8375).
const PRIVATE: [&str; 8] = [
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home.arpa",
    "test",
    "invalid",
];

/// Whether a host name can be resolved on the public internet.
pub fn is_public_name(name: &str) -> bool {
    name.contains('.') && !PRIVATE.iter().any(|domain| is_below(name, domain))
}

/// Whether `name` is `domain` or a subdomain of it.
pub fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain)
        .is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// Top-level domains that are common in texts. Words after a full stop without a space are none of them.
const ENDINGS: [&str; 62] = [
    "app", "at", "be", "biz", "br", "buzz", "cc", "cf", "ch", "click", "club", "cn", "co", "com",
    "de", "dev", "es", "eu", "example", "fr", "fun", "ga", "gg", "gl", "icu", "info", "io", "it",
    "jp", "link", "live", "loan", "ly", "me", "ml", "net", "nl", "online", "org", "page", "pl",
    "pro", "pw", "ru", "shop", "site", "space", "store", "su", "tech", "tk", "to", "top", "tv",
    "ua", "uk", "us", "vip", "win", "work", "xyz", "рф",
];

/// Whether a word of running text is a host name: `heron.example` is, `J.De` and `v1.2` are not.
pub fn is_host_name(word: &str) -> bool {
    let Some((name, ending)) = word.rsplit_once('.') else {
        return false;
    };
    let is_one_case = ending.chars().all(char::is_lowercase) || !word.contains(char::is_lowercase);

    let is_ending = ENDINGS.contains(&ending.to_lowercase().as_str());
    is_one_case && is_ending && name.split('.').all(is_label)
}

fn is_label(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '-')
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        // Carrier-grade NAT (RFC 6598), protocol assignments (RFC 6890), benchmarks (RFC 2544).
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b));
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // 2000::/3 is the assigned range; in it, 2001:db8::/32 is for documentation, 2001::/23 for protocols.
    let [first, second, ..] = address.segments();
    let is_given_out = first & 0xe000 == 0x2000;
    let is_special = first == 0x2001 && (second == 0x0db8 || second < 0x0200);
    is_given_out && !is_special
}

/// The IPv4 address in an IPv4-mapped, translated (RFC 6052) or 6to4 (RFC 3056) address.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let from = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(from(high, low))
        }
        [0x2002, high, low, ..] => Some(from(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_open_internet_is_public() {
        let is_public = |text: &str| is_public(text.parse().expect("an address"));
        for text in [
            "93.184.216.34",
            "2606:2800:220:1::1",
            "::ffff:93.184.216.34",
        ] {
            assert!(is_public(text), "{text}");
        }
        let inside = [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
        ];
        for text in inside {
            assert!(!is_public(text), "{text}");
        }
    }
}
