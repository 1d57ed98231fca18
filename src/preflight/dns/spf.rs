//! SPF (RFC 7208): whether a domain's record can be read to its end, and whether it names an address.
//!
//! A host judges the address from which the letter comes to it, which need not be the one that the relay is
//! reached at. So this does not say pass or fail. Macros depend on the letter, and are not followed.

use std::net::IpAddr;

use super::{MailExchange, NotAnswered, Resolver};

/// The most terms that ask the DNS (section 4.6.4).
pub const MOST_LOOKUPS: usize = 10;

/// What a record says, with those that it leads to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spf {
    /// How many of its terms ask the DNS.
    pub lookups: usize,
    /// Whether one of the addresses may send.
    pub is_named: bool,
    /// What is said of all others: `-`, `~`, `?` or `+`; `None` where nothing is said.
    pub others: Option<char>,
    /// Whether there are terms that only a letter can decide.
    pub is_open: bool,
}

/// Why a record says nothing: hosts take it as an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpfFault {
    /// There is none at the domain, which another's record may have named.
    Missing(String),
    /// There are several at the domain.
    Several(String),
    /// A term that is none, and the domain in whose record it stands.
    Term(String, String),
    /// More than ten terms ask the DNS.
    TooMany,
}

impl std::fmt::Display for SpfFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(domain) => write!(f, "there is none at {domain}"),
            Self::Several(domain) => {
                write!(
                    f,
                    "there are several at {domain}, and hosts take none of them"
                )
            }
            Self::Term(term, domain) => write!(f, "`{term}` in the record of {domain} is no term"),
            Self::TooMany => write!(
                f,
                "it takes more than {MOST_LOOKUPS} lookups, and hosts give up there"
            ),
        }
    }
}

impl std::error::Error for SpfFault {}

/// Why a walk ends early.
enum Break {
    Fault(SpfFault),
    NotAnswered(NotAnswered),
}

impl From<NotAnswered> for Break {
    fn from(error: NotAnswered) -> Self {
        Self::NotAnswered(error)
    }
}

/// Reads the record of `domain` and all that it leads to, with `addresses` in mind.
///
/// # Errors
/// When a question is not answered.
pub fn examine(
    resolver: &Resolver,
    domain: &str,
    addresses: &[IpAddr],
) -> Result<Result<Spf, SpfFault>, NotAnswered> {
    let mut walk = Walk {
        resolver,
        addresses,
        found: Spf::default(),
    };
    match walk.domain(domain, true) {
        Ok(is_named) => Ok(Ok(Spf {
            is_named,
            ..walk.found
        })),
        Err(Break::Fault(fault)) => Ok(Err(fault)),
        Err(Break::NotAnswered(error)) => Err(error),
    }
}

struct Walk<'a> {
    resolver: &'a Resolver,
    addresses: &'a [IpAddr],
    found: Spf,
}

impl Walk<'_> {
    /// Whether the record of `domain` lets one of the addresses send. `is_own`: what it says of all others counts.
    fn domain(&mut self, domain: &str, is_own: bool) -> Result<bool, Break> {
        let record = self.record(domain)?;
        let mut is_named = false;
        let mut redirect = None;
        let mut others = None;
        for term in record.split_ascii_whitespace().skip(1) {
            let term = term.to_ascii_lowercase();
            if let Some(target) = term.strip_prefix("redirect=") {
                redirect = Some(target.to_owned());
                continue;
            }
            let (qualifier, mechanism) = qualified(&term);
            if mechanism == "all" {
                others = Some(qualifier);
                break;
            }
            let matches = self.mechanism(mechanism, domain)?;
            is_named |= matches && qualifier == '+';
        }
        if is_own {
            self.found.others = others;
        }
        match redirect {
            Some(target) if others.is_none() => {
                self.count()?;
                Ok(self.domain(&target, is_own)? || is_named)
            }
            _ => Ok(is_named),
        }
    }

    fn record(&self, domain: &str) -> Result<String, Break> {
        let mut records = self.resolver.texts(domain)?;
        records.retain(|text| {
            let first = text.split(' ').next().unwrap_or_default();
            first.eq_ignore_ascii_case("v=spf1")
        });
        match (records.pop(), records.is_empty()) {
            (Some(record), true) => Ok(record),
            (Some(_), false) => Err(Break::Fault(SpfFault::Several(domain.to_owned()))),
            (None, _) => Err(Break::Fault(SpfFault::Missing(domain.to_owned()))),
        }
    }

    fn mechanism(&mut self, mechanism: &str, domain: &str) -> Result<bool, Break> {
        let wrong = || Break::Fault(SpfFault::Term(mechanism.to_owned(), domain.to_owned()));
        let (name, rest) = split(mechanism);
        let is_macro = rest.contains('%');
        match name {
            "ip4" | "ip6" => {
                let network = rest.strip_prefix(':').and_then(network).ok_or_else(wrong)?;
                let (network, prefix) = network;
                Ok(self
                    .addresses
                    .iter()
                    .any(|address| holds(network, prefix, *address)))
            }
            "include" | "a" | "mx" | "exists" | "ptr" => {
                self.count()?;
                if is_macro || matches!(name, "exists" | "ptr") {
                    self.found.is_open = true;
                    return Ok(false);
                }
                let (target, prefix) = target(rest, domain).ok_or_else(wrong)?;
                match name {
                    "include" => self.domain(&target, false),
                    "a" => Ok(self.is_at(&target, prefix)?),
                    _ => self.is_exchange(&target, prefix),
                }
            }
            // A modifier that nobody knows is passed over (section 6).
            _ if rest.starts_with('=') => Ok(false),
            _ => Err(wrong()),
        }
    }

    fn is_exchange(&self, domain: &str, prefix: Option<u8>) -> Result<bool, Break> {
        let MailExchange::Hosts(hosts) = self.resolver.exchange(domain)? else {
            return Ok(false);
        };
        for host in hosts.iter().take(MOST_LOOKUPS) {
            if self.is_at(host, prefix)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_at(&self, host: &str, prefix: Option<u8>) -> Result<bool, NotAnswered> {
        if self.addresses.is_empty() {
            return Ok(false);
        }
        Ok(self.is_in(&self.resolver.addresses(host)?, prefix))
    }

    /// `prefix` is for IPv4; of an IPv6 address all has to match.
    fn is_in(&self, networks: &[IpAddr], prefix: Option<u8>) -> bool {
        let prefix_of = |network: &IpAddr| match network {
            IpAddr::V4(_) => prefix.unwrap_or(32),
            IpAddr::V6(_) => 128,
        };
        let holds = |address: &IpAddr| {
            let mut networks = networks.iter();
            networks.any(|network| holds(*network, prefix_of(network), *address))
        };
        self.addresses.iter().any(holds)
    }

    fn count(&mut self) -> Result<(), Break> {
        self.found.lookups += 1;
        match self.found.lookups > MOST_LOOKUPS {
            true => Err(Break::Fault(SpfFault::TooMany)),
            false => Ok(()),
        }
    }
}

/// `~all` is `all` with `~`; without a qualifier it is `+` (section 4.6.2).
fn qualified(term: &str) -> (char, &str) {
    match term.chars().next() {
        Some(qualifier @ ('+' | '-' | '~' | '?')) => (qualifier, &term[1..]),
        _ => ('+', term),
    }
}

/// `a:mail.example/24` is `a` and the rest from the colon on.
fn split(mechanism: &str) -> (&str, &str) {
    let end = mechanism.find([':', '/', '=']).unwrap_or(mechanism.len());
    mechanism.split_at(end)
}

/// `:mail.example/24` or nothing, which is `domain`. Where there are two prefixes the first is for IPv4; that for
/// IPv6 is not read.
fn target(rest: &str, domain: &str) -> Option<(String, Option<u8>)> {
    let (name, prefix) = match rest.split_once('/') {
        Some((name, prefix)) => (name, prefix.split('/').next().unwrap_or_default()),
        None => (rest, ""),
    };
    let prefix = match prefix {
        "" => None,
        digits => Some(digits.parse().ok().filter(|prefix| *prefix <= 32)?),
    };
    match name.strip_prefix(':') {
        Some("") => None,
        Some(name) => Some((name.trim_end_matches('.').to_owned(), prefix)),
        None if name.is_empty() => Some((domain.to_owned(), prefix)),
        None => None,
    }
}

/// `192.0.2.0/24`
fn network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let prefix = match prefix {
        Some(digits) => digits.parse().ok().filter(|prefix| *prefix <= most)?,
        None => most,
    };
    Some((address, prefix))
}

fn holds(network: IpAddr, prefix: u8, address: IpAddr) -> bool {
    let alike = match (network, address) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
        _ => return false,
    };
    alike >= u32::from(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_its_network_and_in_no_other() {
        let holds = |text: &str, address: &str| {
            let (network, prefix) = network(text).expect("a network");
            holds(network, prefix, address.parse().expect("an address"))
        };
        assert!(holds("192.0.2.0/24", "192.0.2.255"));
        assert!(!holds("192.0.2.0/24", "192.0.3.0"));
        assert!(holds("192.0.2.1", "192.0.2.1"));
        assert!(!holds("192.0.2.1", "192.0.2.0"));
        assert!(holds("0.0.0.0/0", "203.0.113.9"));
        assert!(holds("2001:db8::/32", "2001:db8:1::1"));
        assert!(!holds("2001:db8::/33", "2001:db8:8000::1"));
        assert!(!holds("::/0", "192.0.2.1"));
        for wrong in ["192.0.2.0/33", "192.0.2", "2001:db8::/129", "", "x"] {
            assert_eq!(network(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_target_of_a_term_is_its_own_domain_unless_it_names_one() {
        let target = |rest| target(rest, "own.example");
        let of = |name: &str, prefix| Some((name.to_owned(), prefix));
        assert_eq!(target(""), of("own.example", None));
        assert_eq!(target("/24"), of("own.example", Some(24)));
        assert_eq!(target(":mail.example."), of("mail.example", None));
        assert_eq!(target(":mail.example/24//64"), of("mail.example", Some(24)));
        for wrong in [":", "/33", "=x", ":mail.example/x"] {
            assert_eq!(target(wrong), None, "{wrong}");
        }
    }
}
