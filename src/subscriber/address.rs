//! Email addresses: parsed once, compared by mailbox.

use serde::{Deserialize, Serialize};

use crate::util::characters;

/// The longest local part, in octets (RFC 5321 section 4.5.3.1.1).
const LONGEST_LOCAL_PART: usize = 64;
/// The longest address, in octets: a path of 256 without its brackets (RFC 5321 section 4.5.3.1.3).
const LONGEST_ADDRESS: usize = 254;
const SCHEME: &str = "mailto:";
/// The longest label of a domain, in octets (RFC 1035 section 2.3.4).
const LONGEST_LABEL: usize = 63;

/// An email address such as `chiara@basic.example`: a local part, an `@` and a domain with a dot.
///
/// The local part is a dot-atom or a quoted string (RFC 5321 section 4.1.2). Address literals are refused, and so are
/// characters in quoted strings that some software treats as the end of the address: both have been used to inject a
/// command or another domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(String);

/// The reason why a string is not an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressError {
    /// It is empty.
    Empty,
    /// It has a control or invisible character.
    Invisible(char),
    /// It begins with `mailto:`.
    Scheme,
    /// It is in angle brackets, perhaps after a name.
    Brackets,
    /// There is no `@`, or nothing on one side of it.
    NoAt,
    /// There is a full-width `＠` where `@` should be.
    WideAt,
    /// There is more than one `@`.
    SecondAt,
    /// There are several addresses.
    Several,
    /// It contains unquoted spaces.
    Blank,
    /// The local part begins or ends with a dot, or has two in a row.
    Dots,
    /// The local part has a character that is not allowed outside quotes.
    LocalCharacter(char),
    /// The local part has a character in quotes that is not supported there.
    QuotedCharacter(char),
    /// The local part begins with a quote, and is not a quoted string.
    Quotes,
    /// The local part is longer than 64 octets.
    LongLocalPart,
    /// The domain is an address literal or a number.
    Literal,
    /// The domain has no dot.
    NoDot,
    /// The domain begins or ends with a dot, or has two in a row.
    DomainDots,
    /// The domain has an invalid character.
    DomainCharacter(char),
    /// A label of the domain begins or ends with a hyphen.
    Hyphen,
    /// A label of the domain is longer than 63 octets.
    LongLabel,
    /// The domain is not a valid internationalized name.
    Idn,
    /// The whole is longer than 254 octets.
    TooLong,
}

impl std::fmt::Display for AddressError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Empty => "write an address, such as `name@host.example`",
            Self::Invisible(c) => {
                return write!(f, "remove the invisible character U+{:04X}", u32::from(*c));
            }
            Self::Scheme => "write the address alone, without `mailto:`",
            Self::Brackets => "write the address alone, without a name and angle brackets",
            Self::NoAt => "an address has one `@`, with something on both sides",
            Self::WideAt => "write `@` instead of the full-width `＠`",
            Self::SecondAt => "an address has only one `@`",
            Self::Several => "write one address; each subscriber has an entry of its own",
            Self::Blank => "an address has no spaces",
            Self::Dots => "the part before the `@` begins or ends with a dot, or has two in a row",
            Self::LocalCharacter(c) => {
                return write!(f, "the part before the `@` cannot contain `{c}`");
            }
            Self::QuotedCharacter(c) => {
                return write!(f, "`{c}` in a quoted part before the `@` is not supported");
            }
            Self::Quotes => "the quotes in the part before the `@` do not enclose it",
            Self::LongLocalPart => "the part before the `@` is longer than 64 octets",
            Self::Literal => "the part after the `@` is an IP address or a number; write a domain",
            Self::NoDot => "the domain after the `@` has no dot",
            Self::DomainDots => {
                "the domain after the `@` begins or ends with a dot, or has two in a row"
            }
            Self::DomainCharacter(c) => {
                return write!(f, "the domain after the `@` cannot contain `{c}`");
            }
            Self::Hyphen => "a label of the domain begins or ends with a hyphen",
            Self::LongLabel => "a label of the domain is longer than 63 octets",
            Self::Idn => "the domain after the `@` is not a valid internationalized domain name",
            Self::TooLong => "an address has at most 254 octets",
        })
    }
}

impl std::error::Error for AddressError {}

impl Address {
    /// Parses an address; white space around it is ignored.
    ///
    /// # Errors
    /// The first rule that `text` breaks.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        check_whole(text)?;
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::NoAt)?;
        if local.is_empty() || domain.is_empty() {
            return Err(AddressError::NoAt);
        }
        check_local_part(local)?;
        let ascii = check_domain(domain)?;
        if local.len() + 1 + ascii.len() > LONGEST_ADDRESS {
            return Err(AddressError::TooLong);
        }
        Ok(Self(text.to_owned()))
    }

    /// The address as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// The domain in lower-case ASCII.
    pub fn domain(&self) -> String {
        let domain = self.0.rsplit_once('@').map_or("", |(_, domain)| domain);
        // Most domains are in lower-case ASCII already, and a send calls this several times for each message.
        let is_small =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
        if domain.bytes().all(is_small) && !domain.contains("--") {
            return domain.to_owned();
        }
        ascii_domain(domain).unwrap_or_default()
    }

    /// The address for the SMTP envelope: the local part as written, the domain in ASCII.
    pub fn for_envelope(&self) -> String {
        format!("{}@{}", self.local_part(), self.domain())
    }

    /// The identity of the mailbox: in lower case, the domain in ASCII.
    ///
    /// RFC 5321 allows hosts to distinguish `Ana` from `ana`, but no known host does, and in a list with both one is an
    /// error.
    pub fn key(&self) -> String {
        let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"@.-_".contains(&b);
        if self.0.bytes().all(is_plain) && !self.0.contains("--") {
            return self.0.clone();
        }
        let local = self.local_part().to_lowercase();
        format!("{}@{}", without_unnecessary_quotes(&local), self.domain())
    }

    /// Like [`Address::key`], with the domain in Unicode.
    pub fn unicode_key(&self) -> String {
        let key = self.key();
        let (local, domain) = key.rsplit_once('@').unwrap_or_default();
        format!("{local}@{}", unicode_domain(domain))
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

/// Checks what concerns the whole address, not one of its parts.
fn check_whole(text: &str) -> Result<(), AddressError> {
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    let unwanted = characters::unwanted(text).map(|(_, c, _)| c).next();
    if let Some(c) = unwanted.or_else(|| text.chars().find(|c| is_ignored(*c))) {
        return Err(AddressError::Invisible(c));
    }
    let scheme = text.get(..SCHEME.len());
    if scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME)) {
        return Err(AddressError::Scheme);
    }
    if text.ends_with('>') {
        return Err(AddressError::Brackets);
    }
    if !text.contains('@') && text.contains('＠') {
        return Err(AddressError::WideAt);
    }
    Ok(())
}

/// Whether IDNA silently drops `c` from a domain: soft hyphens, joiners, direction marks, variation selectors.
fn is_ignored(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{200C}'..='\u{200F}' | '\u{FE00}'..='\u{FE0F}')
}

fn check_local_part(local: &str) -> Result<(), AddressError> {
    match local.starts_with('"') {
        true => check_quoted(local)?,
        false => check_dot_atom(local)?,
    }
    match local.len() > LONGEST_LOCAL_PART {
        true => Err(AddressError::LongLocalPart),
        false => Ok(()),
    }
}

fn check_dot_atom(local: &str) -> Result<(), AddressError> {
    if local.contains('@') {
        return Err(match local.contains([',', ';', ' ']) {
            true => AddressError::Several,
            false => AddressError::SecondAt,
        });
    }
    if local.contains(char::is_whitespace) {
        return Err(AddressError::Blank);
    }
    if let Some(c) = local.chars().find(|c| *c != '.' && !is_atom_character(*c)) {
        return Err(AddressError::LocalCharacter(c));
    }
    match local.split('.').any(str::is_empty) {
        true => Err(AddressError::Dots),
        false => Ok(()),
    }
}

/// Checks a quoted string of ASCII (RFC 5321 section 4.1.2). It must not contain characters that some software treats as
/// the end of the address.
fn check_quoted(local: &str) -> Result<(), AddressError> {
    let inside = local
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let inside = inside.filter(|inside| !inside.is_empty() && !inside.contains('"'));
    let inside = inside.ok_or(AddressError::Quotes)?;
    let is_supported = |c: char| matches!(c, ' '..='~') && !"\\<>@".contains(c);
    match inside.chars().find(|c| !is_supported(*c)) {
        Some(c) => Err(AddressError::QuotedCharacter(c)),
        None => Ok(()),
    }
}

/// The local part without unnecessary quotes: `"ada"` is the mailbox `ada`.
fn without_unnecessary_quotes(local: &str) -> &str {
    let inside = local
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inside.filter(|inside| is_dot_atom(inside)).unwrap_or(local)
}

fn is_dot_atom(local: &str) -> bool {
    let is_atom = |atom: &str| !atom.is_empty() && atom.chars().all(is_atom_character);
    local.split('.').all(is_atom)
}

fn is_atom_character(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || "!#$%&'*+-/=?^_`{|}~".contains(c)
        || (!c.is_ascii() && c.is_alphanumeric())
}

/// Checks a domain; returns it in ASCII.
fn check_domain(domain: &str) -> Result<String, AddressError> {
    if domain.starts_with('[') {
        return Err(AddressError::Literal);
    }
    if domain.contains(char::is_whitespace) {
        return Err(AddressError::Blank);
    }
    let is_character = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.' || !c.is_ascii();
    if let Some(c) = domain.chars().find(|c| !is_character(*c)) {
        return Err(AddressError::DomainCharacter(c));
    }
    check_labels(domain)?;
    ascii_domain(domain).ok_or(match domain.len() > LONGEST_ADDRESS {
        true => AddressError::TooLong,
        false => AddressError::Idn,
    })
}

fn check_labels(domain: &str) -> Result<(), AddressError> {
    let labels = || domain.split(['.', '。']);
    if labels().any(str::is_empty) {
        return Err(AddressError::DomainDots);
    }
    if labels().any(|label| label.starts_with('-') || label.ends_with('-')) {
        return Err(AddressError::Hyphen);
    }
    if labels().any(|label| label.is_ascii() && label.len() > LONGEST_LABEL) {
        return Err(AddressError::LongLabel);
    }
    if labels().count() == 1 {
        return Err(AddressError::NoDot);
    }
    match labels().next_back() {
        Some(last) if is_number(last) => Err(AddressError::Literal),
        _ => Ok(()),
    }
}

fn is_number(label: &str) -> bool {
    label.bytes().all(|b| b.is_ascii_digit())
}

/// A domain, or a label of one, in lower-case Unicode.
pub(super) fn unicode_domain(domain: &str) -> String {
    idna::domain_to_unicode(domain).0
}

/// The domain of a mailbox in lower-case ASCII; `None` if it is not a domain.
pub fn ascii_domain(domain: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii_strict(domain).ok()?;
    let (_, top_level) = ascii.rsplit_once('.')?;
    let is_domain = ascii.split('.').all(is_label) && !is_number(top_level);
    is_domain.then_some(ascii)
}

fn is_label(label: &str) -> bool {
    let is_character = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    !label.is_empty() && label.bytes().all(is_character)
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
    fn quotes_that_are_not_needed_are_not_part_of_a_mailbox() {
        let key = |text| Address::parse(text).unwrap().key();
        assert_eq!(key("\"Ada\"@a.example"), key("ada@A.example"));
        assert_eq!(key("\"Ada Reed\"@a.example"), "\"ada reed\"@a.example");
        assert_ne!(key("\"a..b\"@a.example"), key("\"a.b\"@a.example"));
    }

    #[test]
    fn an_invalid_address_is_refused_with_the_reason() {
        use AddressError::{
            Blank, Brackets, DomainCharacter, DomainDots, Dots, Empty, Hyphen, Idn, Invisible,
            Literal, LocalCharacter, LongLabel, LongLocalPart, NoAt, NoDot, QuotedCharacter,
            Quotes, Scheme, SecondAt, Several, TooLong, WideAt,
        };
        let long = "a".repeat(65);
        let labels = "abcdefghij.".repeat(23);
        for (text, why) in [
            ("  ", Empty),
            ("chiara", NoAt),
            ("@a.example", NoAt),
            ("a＠a.example", WideAt),
            ("a b@a.example", Blank),
            ("a@ a.example", Blank),
            ("a\u{a0}@a.example", Blank),
            ("a\r\nRCPT TO:<x>@a.example", Blank),
            ("a\u{200b}@a.example", Invisible('\u{200b}')),
            ("a@a.example\u{202c}", Invisible('\u{202c}')),
            ("a@a.exam\u{ad}ple", Invisible('\u{ad}')),
            ("\"a@evil x\"@a.example", QuotedCharacter('@')),
            ("\"a>b\"@a.example", QuotedCharacter('>')),
            ("\"a\\ b\"@a.example", QuotedCharacter('\\')),
            ("\"a\"b\"@a.example", Quotes),
            ("\"\"@a.example", Quotes),
            ("a..b@a.example", Dots),
            (".a@a.example", Dots),
            ("a.@a.example", Dots),
            ("a(b)@a.example", LocalCharacter('(')),
            (&format!("{long}@a.example"), LongLocalPart),
            ("a@@a.example", SecondAt),
            ("a@b.example, c@d.example", Several),
            ("a@b.example;c@d.example", Several),
            ("Ada <a@a.example>", Brackets),
            ("<a@a.example>", Brackets),
            ("mailto:a@a.example", Scheme),
            ("a@localhost", NoDot),
            ("a@b_c.example", DomainCharacter('_')),
            ("a@b,example", DomainCharacter(',')),
            ("a@b.example;", DomainCharacter(';')),
            ("a@-b.example", Hyphen),
            ("a@b.example.", DomainDots),
            ("a@b..example", DomainDots),
            (&format!("a@{}.example", &long[1..]), LongLabel),
            (&format!("a@{labels}example"), TooLong),
            ("a@[127.0.0.1]", Literal),
            ("a@127.0.0.1", Literal),
            ("a@123.456", Literal),
            ("a@xn--zzzzzz-.example", Hyphen),
            ("a@xn--zzzzzzzz.example", Idn),
        ] {
            assert_eq!(Address::parse(text), Err(why), "{text}");
        }
    }

    #[test]
    fn addresses_for_seven_bit_relays_are_accepted() {
        for text in [
            "\"ada reed\"@a.example",
            "\"a..b\"@a.example",
            "o'neil@a.example",
            "a/x=y@a.example",
            "%a@a.example",
            "-a@a.example",
            "a@faß.example",
            "a@مثال.example",
            "a@b。example",
        ] {
            assert!(
                Address::parse(text).unwrap().for_envelope().is_ascii(),
                "{text}"
            );
        }
    }
}
