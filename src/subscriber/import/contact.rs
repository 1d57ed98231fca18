//! A person as another system's export describes them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::own::OwnRow;
use super::rejection::RejectionCode;
use crate::subscriber::{Address, Attribute, Status, Subscriber, null_values};
use crate::util::escape;

/// One row of an export that could be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    /// The address, in the spelling that identifies the mailbox.
    pub address: Address,
    /// Whether the person may be mailed.
    pub standing: Standing,
    /// The full name.
    pub name: Option<String>,
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
    /// The language, a BCP 47 tag.
    pub language: Option<String>,
    /// The tags, in the order of the file, none twice.
    pub tags: Vec<String>,
    /// Fields that people filled in themselves.
    pub attributes: BTreeMap<String, Attribute>,
    /// The evidence of consent that the file has.
    pub consent: Consent,
    /// What only our own export has.
    pub own: Option<Box<OwnRow>>,
    /// The first value that cannot be read. Only a contact who must not be mailed is kept without it.
    pub problem: Option<RejectionCode>,
}

impl Contact {
    /// An active contact without any data but the address.
    pub(super) fn at(address: Address) -> Self {
        Self {
            address,
            standing: Standing::Active,
            name: None,
            first_name: None,
            last_name: None,
            language: None,
            tags: Vec::new(),
            attributes: BTreeMap::new(),
            consent: Consent::default(),
            own: None,
            problem: None,
        }
    }

    /// The value, or an empty one if it cannot be read. The reading goes on: a later column may show that the person has left.
    pub(super) fn noted<T: Default>(&mut self, read: Result<T, RejectionCode>) -> T {
        read.unwrap_or_else(|code| {
            self.problem.get_or_insert(code);
            T::default()
        })
    }

    /// The subscriber as the list has it: names that are not usable are left out, and parts of a name are completed as in
    /// `subscribers.toml`, unless our own export has them. A contact who must not be mailed has the status `unsubscribed`.
    pub fn subscriber(&self) -> Subscriber {
        let name = |text: &Option<String>, is_family_name| {
            let cleaned = escape::line(text.as_deref()?);
            let is_damaged = cleaned.contains(char::REPLACEMENT_CHARACTER);
            let problem = null_values::name_problem(&cleaned, is_family_name);
            (problem.is_none() && !is_damaged).then_some(cleaned)
        };
        let subscriber = Subscriber {
            address: self.address.clone(),
            name: name(&self.name, false),
            first_name: name(&self.first_name, false),
            last_name: name(&self.last_name, true),
            language: self.language.clone(),
            tags: self.tags.iter().cloned().collect(),
            status: match (self.listed(), &self.standing) {
                (Some(status), _) => status,
                (None, Standing::Active) => Status::Active,
                (None, Standing::Pending) => Status::Pending,
                (None, Standing::Suppressed(_)) => Status::Unsubscribed,
            },
            attributes: self.attributes.clone(),
        };
        match self.own {
            Some(_) => subscriber,
            None => subscriber.with_parts_of_name(),
        }
    }

    /// The status of the list alone in our own export, if the person is on the list.
    pub fn listed(&self) -> Option<Status> {
        self.own.as_ref()?.listed
    }

    /// About how many bytes its values have.
    pub(super) fn size(&self) -> usize {
        let texts = [&self.name, &self.first_name, &self.last_name];
        let texts = texts.into_iter().flatten().map(String::len);
        let tags = self.tags.iter().map(String::len);
        let attributes = self
            .attributes
            .iter()
            .map(|(name, value)| name.len() + value.size());
        texts.chain(tags).chain(attributes).sum()
    }

    /// Adds a tag unless it is blank or there.
    pub(super) fn tag(&mut self, tag: &str) {
        let tag = tag.trim();
        if !tag.is_empty() && !self.tags.iter().any(|known| known == tag) {
            self.tags.push(tag.to_owned());
        }
    }
}

/// Whether a contact may be mailed, from the least strict to the strictest.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Standing {
    /// Gets mail.
    #[default]
    Active,
    /// Has not confirmed yet.
    Pending,
    /// Must not be mailed.
    Suppressed(Suppression),
}

impl Standing {
    /// The rank of strictness: of several rows of one mailbox, the strictest counts.
    pub fn strictness(&self) -> u8 {
        match self {
            Self::Active => 0,
            Self::Pending => 1,
            Self::Suppressed(suppression) => 2 + suppression.reason as u8,
        }
    }

    /// Whether it is a suppression.
    pub fn is_suppressed(&self) -> bool {
        matches!(self, Self::Suppressed(_))
    }
}

impl From<Status> for Standing {
    fn from(status: Status) -> Self {
        let reason = match status {
            Status::Active => return Self::Active,
            Status::Pending => return Self::Pending,
            Status::Unsubscribed => SuppressionReason::Unsubscribed,
            Status::Bounced => SuppressionReason::Bounced,
            Status::Complained => SuppressionReason::Complained,
        };
        Self::Suppressed(reason.into())
    }
}

/// An address that must not be mailed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suppression {
    /// Why.
    pub reason: SuppressionReason,
    /// Since when, if the file says so: RFC 3339 in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The word of the other system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Suppression {
    /// A suppression with the word of the other system.
    pub(super) fn with_detail(reason: SuppressionReason, detail: &str) -> Self {
        Self {
            detail: Some(detail.to_owned()),
            ..reason.into()
        }
    }
}

impl From<SuppressionReason> for Suppression {
    fn from(reason: SuppressionReason) -> Self {
        Self {
            reason,
            at: None,
            detail: None,
        }
    }
}

/// Why an address must not be mailed, from the least strict to the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SuppressionReason {
    /// The person has left.
    Unsubscribed,
    /// The other system does not mail the address, and does not say why.
    Blocked,
    /// The address does not accept mail.
    Bounced,
    /// The person has reported a message as spam.
    Complained,
}

impl SuppressionReason {
    /// Every reason, from the least strict to the strictest.
    pub const ALL: [Self; 4] = [
        Self::Unsubscribed,
        Self::Blocked,
        Self::Bounced,
        Self::Complained,
    ];

    /// The value in the store and in exports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unsubscribed => "unsubscribed",
            Self::Blocked => "blocked",
            Self::Bounced => "bounced",
            Self::Complained => "complained",
        }
    }
}

/// The evidence of consent in a row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Consent {
    /// When the person subscribed: RFC 3339 in UTC, or a date of `--consent-at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Where the person subscribed, if the file says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The IP address of the subscription.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    /// When the person confirmed: RFC 3339 in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<String>,
    /// The IP address of the confirmation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_ip: Option<String>,
    /// Times without a time zone, as the columns have them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
}

impl Consent {
    /// Whether the row has no evidence.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
