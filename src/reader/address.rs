//! A mailbox: checked once, compared by what it means.

use serde::{Deserialize, Serialize};

/// The longest local part, in octets (RFC 5321 section 4.5.3.1.1).
const LONGEST_LOCAL_PART: usize = 64;
/// The longest address, in octets: a path of 256 less its brackets (RFC 5321 section 4.5.3.1.3).
const LONGEST_ADDRESS: usize = 254;

/// An address such as `chiara@basic.example`: a dot-atom, an at sign and a domain with a dot in it.
///
/// Quoted local parts and address literals, which RFC 5321 allows and nobody has, are refused: each has
/// been a way to smuggle a command or another domain through some program on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(String);

/// Why a string is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressError {
    /// There is no `@`, or nothing on one side of it.
    NoAt,
    /// The part before the `@` is no dot-atom of at most 64 octets.
    LocalPart,
    /// The part behind the `@` is no domain name.
    Domain,
    /// The whole is longer than 254 octets.
    TooLong,
}

impl std::fmt::Display for AddressError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NoAt => "an address has one `@`, with something on both sides",
            Self::LocalPart => "the part before the `@` has a character that no mailbox has",
            Self::Domain => "the part behind the `@` is no domain name",
            Self::TooLong => "an address has at most 254 octets",
        })
    }
}

impl std::error::Error for AddressError {}

impl Address {
    /// Checks an address; white space around it does not count.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::NoAt)?;
        if local.is_empty() || domain.is_empty() {
            return Err(AddressError::NoAt);
        }
        if !is_dot_atom(local) || local.len() > LONGEST_LOCAL_PART {
            return Err(AddressError::LocalPart);
        }
        let ascii = ascii_domain(domain).ok_or(AddressError::Domain)?;
        if local.len() + 1 + ascii.len() > LONGEST_ADDRESS {
            return Err(AddressError::TooLong);
        }
        Ok(Self(text.to_owned()))
    }

    /// The address as its owner writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// The domain in its ASCII form, in small letters.
    pub fn domain(&self) -> String {
        let domain = self.0.rsplit_once('@').map_or("", |(_, domain)| domain);
        // Most are their own ASCII form, and a letter asks for it many times.
        let is_small =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
        if domain.bytes().all(is_small) && !domain.contains("--") {
            return domain.to_owned();
        }
        ascii_domain(domain).unwrap_or_default()
    }

    /// The address as SMTP says it: the local part as written, the domain in ASCII.
    pub fn for_envelope(&self) -> String {
        format!("{}@{}", self.local_part(), self.domain())
    }

    /// What two spellings of one mailbox have in common: small letters, the domain in ASCII.
    ///
    /// RFC 5321 lets a host tell `Ana` from `ana`; no host is known to, and a list with both is a list
    /// with a mistake.
    pub fn key(&self) -> String {
        format!("{}@{}", self.local_part().to_lowercase(), self.domain())
    }

    /// Whether the local part needs SMTPUTF8 (RFC 6531), which few relays offer.
    pub fn needs_smtputf8(&self) -> bool {
        !self.local_part().is_ascii()
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_dot_atom(local: &str) -> bool {
    let is_atom_character = |c: char| {
        c.is_ascii_alphanumeric()
            || "!#$%&'*+-/=?^_`{|}~".contains(c)
            || (!c.is_ascii() && c.is_alphanumeric())
    };
    local
        .split('.')
        .all(|atom| !atom.is_empty() && atom.chars().all(is_atom_character))
}

fn ascii_domain(domain: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii_strict(domain).ok()?;
    let labels_are_names = ascii.split('.').all(|label| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    });
    let is_name = ascii.contains('.')
        && !ascii
            .rsplit('.')
            .next()?
            .bytes()
            .all(|b| b.is_ascii_digit());
    (labels_are_names && is_name).then_some(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_mailbox_share_a_key() {
        let key = |text| Address::parse(text).unwrap().key();
        assert_eq!(key("Ana@BÜCHER.example"), key("ana@xn--bcher-kva.example"));
        assert_ne!(key("ana+news@a.example"), key("ana@a.example"));
        assert_eq!(
            Address::parse("ana@bücher.example").unwrap().for_envelope(),
            "ana@xn--bcher-kva.example"
        );
    }

    #[test]
    fn what_is_no_mailbox_is_refused() {
        for (text, why) in [
            ("chiara", AddressError::NoAt),
            ("@a.example", AddressError::NoAt),
            ("a b@a.example", AddressError::LocalPart),
            ("a\r\nRCPT TO:<x>@a.example", AddressError::LocalPart),
            ("\"a@evil x\"@a.example", AddressError::LocalPart),
            ("a..b@a.example", AddressError::LocalPart),
            ("a@localhost", AddressError::Domain),
            ("a@b_c.example", AddressError::Domain),
            ("a@-b.example", AddressError::Domain),
            ("a@[127.0.0.1]", AddressError::Domain),
            ("a@127.0.0.1", AddressError::Domain),
            ("a@b.example>", AddressError::Domain),
        ] {
            assert_eq!(Address::parse(text), Err(why), "{text}");
        }
    }
}
