//! A mailbox with a display name: `The Network News <news@network.example>`.

use serde::{Deserialize, Serialize};

use crate::subscriber::{Address, AddressError};
use crate::util::escape;

/// A display name and an address (RFC 5322 section 3.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// The display name.
    pub name: Option<String>,
    /// The address.
    pub address: Address,
}

/// Why a string is not one mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailboxError {
    /// The address is invalid.
    Address(AddressError),
    /// The value contains several mailboxes.
    Several,
    /// A quote or an angle bracket is not closed.
    Unclosed(char),
    /// There is text after the address.
    Rest,
}

impl std::fmt::Display for MailboxError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Address(why) => return why.fmt(f),
            Self::Several => "write one mailbox: receivers reject messages with several",
            Self::Unclosed(c) => return write!(f, "this `{c}` is not closed"),
            Self::Rest => "unexpected text after `>`: write `Name <name@host.example>`",
        })
    }
}

impl std::error::Error for MailboxError {}

impl Mailbox {
    /// Parses `Name <address>`, `"Name" <address>` or a bare address. In quotes, a backslash escapes a quote or a
    /// backslash (RFC 5322 section 3.2.4).
    ///
    /// # Errors
    /// The reason why `text` is not a mailbox.
    pub fn parse(text: &str) -> Result<Self, MailboxError> {
        let (name, Some(rest)) = display_name(text)? else {
            return Self::without_name(text);
        };
        let (address, after) = rest.split_once('>').ok_or(MailboxError::Unclosed('<'))?;
        match after.trim() {
            "" => {}
            more if more.contains('@') => return Err(MailboxError::Several),
            _ => return Err(MailboxError::Rest),
        }
        if names_another(&name) {
            return Err(MailboxError::Several);
        }
        let name = escape::line(&name).trim().to_owned();
        Ok(Self {
            name: (!name.is_empty()).then_some(name),
            address: Address::parse(address).map_err(MailboxError::Address)?,
        })
    }

    fn without_name(text: &str) -> Result<Self, MailboxError> {
        let address = Address::parse(text).map_err(without_brackets)?;
        Ok(Self {
            name: None,
            address,
        })
    }
}

/// The error about a text without angle brackets: several addresses are several mailboxes.
fn without_brackets(error: AddressError) -> MailboxError {
    match error {
        AddressError::Several => MailboxError::Several,
        why => MailboxError::Address(why),
    }
}

/// Whether `name` contains an address followed by a comma or semicolon.
fn names_another(name: &str) -> bool {
    let mut parts = name.split([',', ';']);
    parts.next_back();
    parts.any(|part| Address::parse(part).is_ok())
}

/// The unquoted text before `<`, and the rest after it; `None` if there is no `<`.
fn display_name(text: &str) -> Result<(String, Option<&str>), MailboxError> {
    let mut name = String::new();
    let mut is_quoted = false;
    let mut rest = text.char_indices();
    while let Some((at, c)) = rest.next() {
        match c {
            '"' => is_quoted = !is_quoted,
            '\\' if is_quoted => name.extend(rest.next().map(|(_, c)| c)),
            '<' if !is_quoted => return Ok((name, Some(&text[at + 1..]))),
            _ => name.push(c),
        }
    }
    match is_quoted {
        true => Err(MailboxError::Unclosed('"')),
        false => Ok((name, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_out_of_its_quotes() {
        for (text, name) in [
            ("Heron <post@heron.example>", Some("Heron")),
            ("\"Heron\" <post@heron.example>", Some("Heron")),
            (
                r#""The \"Heron\" Post" <post@heron.example>"#,
                Some(r#"The "Heron" Post"#),
            ),
            (r#""a \\ b" <post@heron.example>"#, Some(r"a \ b")),
            (
                "\"Heron <old@heron.example>\" <post@heron.example>",
                Some("Heron <old@heron.example>"),
            ),
            (
                "Heron, the post <post@heron.example>",
                Some("Heron, the post"),
            ),
            ("<post@heron.example>", None),
            ("post@heron.example", None),
        ] {
            let mailbox = Mailbox::parse(text).unwrap();
            assert_eq!(mailbox.name.as_deref(), name, "{text}");
            assert_eq!(mailbox.address.as_str(), "post@heron.example");
        }
        let quoted = Mailbox::parse("\"the post\"@heron.example").unwrap();
        assert_eq!(quoted.address.as_str(), "\"the post\"@heron.example");
    }

    #[test]
    fn other_values_than_one_mailbox_are_rejected() {
        for (text, why) in [
            (
                "Heron <post@heron.example>, Egret <egret@heron.example>",
                MailboxError::Several,
            ),
            (
                "Heron <post@heron.example> Egret <egret@heron.example>",
                MailboxError::Several,
            ),
            (
                "post@heron.example, egret@heron.example",
                MailboxError::Several,
            ),
            (
                "post@heron.example, Egret <egret@heron.example>",
                MailboxError::Several,
            ),
            ("\"Heron <post@heron.example>", MailboxError::Unclosed('"')),
            ("Heron <post@heron.example", MailboxError::Unclosed('<')),
            ("Heron <post@heron.example> Ltd.", MailboxError::Rest),
            ("Heron", MailboxError::Address(AddressError::NoAt)),
        ] {
            assert_eq!(Mailbox::parse(text), Err(why), "{text}");
        }
    }
}
