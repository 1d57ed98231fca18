//! What only our own export has: everything that the store knows of a mailbox beside its subscriber.

use serde::{Deserialize, Serialize};

use crate::subscriber::{MailboxHash, Status};
use crate::util::timestamp;

/// What a row of our own export has beside the values that every format may have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnRow {
    /// The status of the list alone; `None` if the person is not on the list.
    pub listed: Option<Status>,
    /// What shows the reason of the suppression.
    pub evidence: Option<String>,
    /// The evidence of consent, the earliest first.
    pub consents: Vec<RecordedConsent>,
    /// The mailbox, if only its hash is known. The address of the contact is a stand-in then.
    pub mailbox: Option<HashedMailbox>,
}

/// A mailbox whose address was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HashedMailbox {
    /// The hash.
    pub hash: MailboxHash,
    /// The check value of the key of the hash.
    pub check_value: String,
}

impl HashedMailbox {
    /// Parses the check value and the hash, with a colon between them.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (check_value, hash) = text.split_once(':')?;
        Some(Self {
            hash: MailboxHash::parse(hash)?,
            check_value: MailboxHash::parse(check_value)?.to_string(),
        })
    }
}

/// What shows that a person agreed to get mail, as the store has it. A row is never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedConsent {
    /// When the person agreed: a date or a time, as it was given.
    pub at: Option<String>,
    /// The IP address from which the person agreed.
    pub ip: Option<String>,
    /// When the person confirmed.
    pub confirmed_at: Option<String>,
    /// The IP address from which the person confirmed.
    pub confirmed_ip: Option<String>,
    /// Times without a time zone, as the columns of the file have them: JSON.
    pub columns: Option<String>,
    /// Where and how the person agreed.
    pub source: Option<String>,
    /// The file from which the row was imported; `None` also after a person whose name it contains was forgotten.
    pub file: Option<String>,
    /// The SHA-256 digest of the file, in hexadecimal digits.
    pub sha256: Option<String>,
    /// The line of the row in the file.
    pub line: Option<i64>,
    /// When the evidence was stored, in Unix seconds.
    #[serde(
        serialize_with = "timestamp::serialize",
        deserialize_with = "timestamp::deserialize"
    )]
    pub recorded_at: i64,
    /// The format of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The version of the form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form_version: Option<String>,
    /// The digest of the text that the form showed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_digest: Option<String>,
}
