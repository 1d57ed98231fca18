//! Subscribers: their data, audience rules that select them, and the list: in a file, or in the store.

mod address;
mod audience;
mod census;
mod duplicates;
mod entry;
mod examined;
pub mod import;
mod list;
mod list_file;
mod mailbox_hash;
pub mod mention;
mod name_order;
mod null_values;
mod stored;
mod tags;
mod terms;
mod unsubscribe_token;
mod unusable_names;

pub use address::{Address, AddressError, ascii_domain};
pub use audience::{Rule, RuleError, Test, address_patterns};
pub use census::Census;
pub use duplicates::Duplicates;
pub use list::{Changed, List, ListReader, ListStamp};
pub use list_file::FILE;
pub use mailbox_hash::{MailboxHash, SuppressionKey};
pub use stored::{AudienceQuestion, StoredList};
pub use tags::problem as tag_problem;
pub use terms::{attribute_term, tag_term, value_term};
pub use unsubscribe_token::{TokenDigest, TokenKey, TokenKeys, UnsubscribeToken};

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// One subscriber of the list.
///
/// # Examples
///
/// ```
/// use franking::Subscriber;
/// use franking::subscriber::{Address, Status};
///
/// let ada = Subscriber::at(Address::parse("ada@rivers.example").expect("an address"));
/// assert_eq!(ada.status, Status::Active);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Subscriber {
    /// The email address.
    pub address: Address,
    /// The full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The first name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// The last name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// The preferred language, a BCP 47 tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The tags, which audience rules select.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub tags: BTreeSet<String>,
    /// The subscription status.
    #[serde(skip_serializing_if = "Status::is_active", default)]
    pub status: Status,
    /// Further values of the list, for placeholders and audience rules.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub attributes: BTreeMap<String, Attribute>,
}

/// The status of a subscription, from the least strict to the strictest: the strictest of a mailbox's entries applies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Gets mail.
    #[default]
    Active,
    /// The subscriber has not confirmed yet.
    Pending,
    /// The subscriber has left.
    Unsubscribed,
    /// The address does not accept mail.
    Bounced,
    /// The subscriber has reported a message as spam.
    Complained,
}

impl Status {
    /// Every status, from the least strict to the strictest.
    pub const ALL: [Self; 5] = [
        Self::Active,
        Self::Pending,
        Self::Unsubscribed,
        Self::Bounced,
        Self::Complained,
    ];

    /// The value in the list and the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Unsubscribed => "unsubscribed",
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::Pending => "pending",
        }
    }

    /// The status of a suppressed subscriber. An address that another system had blocked gets no mail for a reason that is
    /// not known, as if its owner had left.
    pub fn of_suppression(reason: &str) -> Self {
        match reason {
            "bounced" => Self::Bounced,
            "complained" => Self::Complained,
            _ => Self::Unsubscribed,
        }
    }

    fn is_active(&self) -> bool {
        *self == Self::Active
    }
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Attribute {
    /// `true` or `false`.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A number with a fraction.
    Number(f64),
    /// A string.
    Text(String),
}

impl Attribute {
    /// How many bytes it needs in memory.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Text(value) => size_of::<Self>() + value.len(),
            Self::Boolean(_) | Self::Integer(_) | Self::Number(_) => size_of::<Self>(),
        }
    }
}

impl std::fmt::Display for Attribute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Boolean(value) => value.fmt(f),
            Self::Integer(value) => value.fmt(f),
            Self::Number(value) => value.fmt(f),
            Self::Text(value) => f.write_str(value),
        }
    }
}

impl Subscriber {
    /// An active subscriber with this address and no other data.
    pub fn at(address: Address) -> Self {
        Self {
            address,
            name: None,
            first_name: None,
            last_name: None,
            language: None,
            tags: BTreeSet::new(),
            status: Status::Active,
            attributes: BTreeMap::new(),
        }
    }

    /// Adds the first and last name from a full name in the form "Last, First" if they are missing. In other forms it is
    /// unknown which part is the first name.
    #[must_use]
    fn with_parts_of_name(mut self) -> Self {
        let parts = self.name.as_deref().and_then(name_order::parts);
        let Some((last, first)) = parts.map(|(last, first)| (last.to_owned(), first.to_owned()))
        else {
            return self;
        };
        // If another key contradicts it, the comma does not separate last and first name.
        let is_other_last = self.last_name.as_ref().is_some_and(|known| *known != last);
        let is_other_first = self.first_name.as_ref().is_some_and(|known| *known == last);
        if !is_other_last && !is_other_first {
            self.first_name.get_or_insert(first);
            self.last_name.get_or_insert(last);
        }
        self
    }

    /// The full name: as given, or composed of first and last name.
    pub fn full_name(&self) -> Option<Cow<'_, str>> {
        if let Some(name) = &self.name {
            return Some(Cow::Borrowed(name));
        }
        match (&self.first_name, &self.last_name) {
            (Some(first), Some(last)) => Some(Cow::Owned(format!("{first} {last}"))),
            (Some(one), None) | (None, Some(one)) => Some(Cow::Borrowed(one)),
            (None, None) => None,
        }
    }

    /// The subscriber's value for the placeholder `name`, unless it is blank.
    pub fn value(&self, name: &str) -> Option<Cow<'_, str>> {
        let value = match name {
            "email" => Some(Cow::Borrowed(self.address.as_str())),
            "name" => self.full_name(),
            "first_name" => self.first_name.as_deref().map(Cow::Borrowed),
            "last_name" => self.last_name.as_deref().map(Cow::Borrowed),
            "language" => self.language.as_deref().map(Cow::Borrowed),
            other => match self.attributes.get(other)? {
                Attribute::Text(text) if null_values::is_null_value(text) => None,
                value => Some(Cow::Owned(value.to_string())),
            },
        };
        value.filter(|value| !value.trim().is_empty())
    }
}
