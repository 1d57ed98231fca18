//! A mailbox with a name: `The Network Letter <letter@network.example>`.

use serde::{Deserialize, Serialize};

use crate::escape;
use crate::reader::{Address, AddressError};

/// A name and an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// The name that readers see.
    pub name: Option<String>,
    /// The address.
    pub address: Address,
}

impl Mailbox {
    /// Reads `Name <address>`, `"Name" <address>` or an address alone.
    ///
    /// # Errors
    /// What is wrong with the address.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let Some((name, rest)) = text.rsplit_once('<') else {
            return Ok(Self {
                name: None,
                address: Address::parse(text)?,
            });
        };
        let address = rest.trim().strip_suffix('>').ok_or(AddressError::NoAt)?;
        let name = escape::line(name.trim().trim_matches('"'))
            .trim()
            .to_owned();
        Ok(Self {
            name: (!name.is_empty()).then_some(name),
            address: Address::parse(address)?,
        })
    }
}
