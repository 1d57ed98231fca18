//! The terms of an SPF record (RFC 7208 section 4.6.1).

use std::net::IpAddr;

/// A parsed record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Record {
    pub(super) directives: Vec<Directive>,
    pub(super) redirect: Option<Target>,
}

/// A mechanism with its qualifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Directive {
    pub(super) qualifier: char,
    pub(super) mechanism: Mechanism,
}

/// A mechanism (section 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mechanism {
    All,
    Network(IpAddr, u8),
    Include(Target),
    A(Target, Prefixes),
    Mx(Target, Prefixes),
    Exists(Target),
    Ptr(Target),
}

/// The domain of a term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A domain; empty for that of the record.
    Domain(String),
    /// A name with a macro.
    Macro,
}

impl Target {
    /// The domain, which is `own` if the term names none; `None` for a macro.
    pub(super) fn name(&self, own: &str) -> Option<String> {
        match self {
            Self::Domain(name) if name.is_empty() => Some(own.to_owned()),
            Self::Domain(name) => Some(name.clone()),
            Self::Macro => None,
        }
    }

    fn parse(name: &str) -> Self {
        match name.contains('%') {
            true => Self::Macro,
            false => Self::Domain(name.trim_end_matches('.').to_owned()),
        }
    }
}

/// The prefix lengths of `a` and `mx`, for IPv4 and for IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prefixes(u8, u8);

impl Prefixes {
    pub(super) fn of(self, address: IpAddr) -> u8 {
        if address.is_ipv4() { self.0 } else { self.1 }
    }

    /// Parses `/24//64`, `/24`, `//64` or nothing.
    fn parse(text: &str) -> Option<Self> {
        let (four, six) = match text.split_once("//") {
            Some((four, six)) => (four, Some(six)),
            None => (text, None),
        };
        let four = match four {
            "" => 32,
            text => length(text.strip_prefix('/')?, 32)?,
        };
        let six = six.map_or(Some(128), |six| length(six, 128))?;
        Some(Self(four, six))
    }
}

fn length(digits: &str, most: u8) -> Option<u8> {
    digits.parse().ok().filter(|length| *length <= most)
}

impl Record {
    /// Parses a record. The error is the first invalid term: one makes the whole record invalid (section 4.6).
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut record = Self::default();
        for term in text.split_ascii_whitespace().skip(1) {
            let term = term.to_ascii_lowercase();
            record.push(&term).ok_or(term)?;
        }
        // `redirect` is ignored if there is an `all` anywhere (section 6.1).
        if record
            .directives
            .iter()
            .any(|directive| directive.mechanism == Mechanism::All)
        {
            record.redirect = None;
        }
        Ok(record)
    }

    fn push(&mut self, term: &str) -> Option<()> {
        if let Some(target) = term.strip_prefix("redirect=") {
            let is_first = self.redirect.is_none() && !target.is_empty();
            self.redirect = Some(Target::parse(target));
            return is_first.then_some(());
        }
        let (qualifier, text) = qualified(term);
        let (name, rest) = split(text);
        if rest.starts_with('=') {
            // An unknown modifier is ignored (section 6).
            return (qualifier == '+' && !name.is_empty()).then_some(());
        }
        let mechanism = mechanism(name, rest)?;
        self.directives.push(Directive {
            qualifier,
            mechanism,
        });
        Some(())
    }
}

fn mechanism(name: &str, rest: &str) -> Option<Mechanism> {
    let named = || {
        rest.strip_prefix(':')
            .filter(|name| !name.is_empty())
            .map(Target::parse)
    };
    match name {
        "all" => rest.is_empty().then_some(Mechanism::All),
        "ip4" | "ip6" => {
            let (network, prefix) = network(rest.strip_prefix(':')?)?;
            (network.is_ipv4() == (name == "ip4")).then_some(Mechanism::Network(network, prefix))
        }
        "include" => named().map(Mechanism::Include),
        "exists" => named().map(Mechanism::Exists),
        "ptr" if rest.is_empty() => Some(Mechanism::Ptr(Target::parse(""))),
        "ptr" => named().map(Mechanism::Ptr),
        "a" => target(rest).map(|(target, prefixes)| Mechanism::A(target, prefixes)),
        "mx" => target(rest).map(|(target, prefixes)| Mechanism::Mx(target, prefixes)),
        _ => None,
    }
}

/// `~all` is `all` with `~`; without a qualifier it is `+` (section 4.6.2).
fn qualified(term: &str) -> (char, &str) {
    match term.chars().next() {
        Some(qualifier @ ('+' | '-' | '~' | '?')) => (qualifier, &term[1..]),
        _ => ('+', term),
    }
}

/// `a:mail.example/24` is `a` and the text from the colon on.
fn split(mechanism: &str) -> (&str, &str) {
    let end = mechanism.find([':', '/', '=']).unwrap_or(mechanism.len());
    mechanism.split_at(end)
}

/// Parses `:mail.example/24//64`; the name and the prefix lengths are optional.
fn target(rest: &str) -> Option<(Target, Prefixes)> {
    // A macro such as `%{d/}` contains a slash as a delimiter.
    if rest.contains('%') {
        return Some((Target::Macro, Prefixes(32, 128)));
    }
    let (name, prefixes) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let prefixes = Prefixes::parse(prefixes)?;
    match name.strip_prefix(':') {
        Some("") => None,
        Some(name) => Some((Target::parse(name), prefixes)),
        None => name.is_empty().then(|| (Target::parse(""), prefixes)),
    }
}

/// `192.0.2.0/24`
fn network(text: &str) -> Option<(IpAddr, u8)> {
    let parts = text.split_once('/');
    let prefix = parts.map(|(_, prefix)| prefix);
    let address: IpAddr = parts.map_or(text, |(address, _)| address).parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.map_or(Some(most), |digits| length(digits, most))?;
    Some((address, prefix))
}

/// Whether `address` is in the network.
pub(super) fn contains(network: IpAddr, prefix: u8, address: IpAddr) -> bool {
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
            contains(network, prefix, address.parse().expect("an address"))
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
        let of =
            |name: &str, four, six| Some((Target::Domain(name.to_owned()), Prefixes(four, six)));
        assert_eq!(target(""), of("", 32, 128));
        assert_eq!(target("/24"), of("", 24, 128));
        assert_eq!(target("//64"), of("", 32, 64));
        assert_eq!(target(":mail.example."), of("mail.example", 32, 128));
        assert_eq!(target(":mail.example/24//64"), of("mail.example", 24, 64));
        for wrong in [":", "/33", "//129", "/24/64", "=x", ":mail.example/x"] {
            assert_eq!(target(wrong), None, "{wrong}");
        }
        assert_eq!(
            Target::parse("").name("own.example").as_deref(),
            Some("own.example")
        );
    }

    #[test]
    fn one_invalid_term_makes_the_record_invalid() {
        for term in [
            "all:x",
            "ip4:2001:db8::1",
            "include",
            "exists:",
            "b",
            "-all=",
            "redirect=",
        ] {
            let record = Record::parse(&format!("v=spf1 +all {term}"));
            assert_eq!(record, Err(term.to_owned()));
        }
        let record = Record::parse("v=spf1 redirect=a.example unknown=x ~ALL");
        assert_eq!(record.map(|record| record.redirect), Ok(None));
    }
}
