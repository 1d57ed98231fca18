//! Why a row is not imported.

use serde::Serialize;

/// The reason for which a row is rejected. The other rows of the file are not affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RejectionCode {
    /// The row has no address.
    NoAddress,
    /// The address is not valid, or the column has more than an address.
    BadAddress,
    /// The row has more or fewer values than the header.
    Columns,
    /// A word that does not say whether the person may be mailed.
    UnknownStatus,
    /// Attributes that are not JSON, or not a Python dictionary.
    BadAttributes,
    /// A line that is not JSON, or not an object of our own export.
    BadJson,
    /// Not a date or a time, where the store must know one.
    BadDate,
    /// Not the hash of a mailbox with the check value of its key.
    BadHash,
    /// Not a BCP 47 language tag.
    BadLanguage,
    /// A control character in a value that would be imported.
    ControlCharacter,
    /// Nothing shows that the person agreed to be mailed.
    NoConsent,
    /// The other system had deleted the person.
    Deleted,
    /// The other system has a hash instead of the address.
    Erased,
}

impl RejectionCode {
    /// Every code.
    pub const ALL: [Self; 13] = [
        Self::NoAddress,
        Self::BadAddress,
        Self::Columns,
        Self::UnknownStatus,
        Self::BadAttributes,
        Self::BadJson,
        Self::BadDate,
        Self::BadHash,
        Self::BadLanguage,
        Self::ControlCharacter,
        Self::NoConsent,
        Self::Deleted,
        Self::Erased,
    ];

    /// The code in reports and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoAddress => "no-address",
            Self::BadAddress => "bad-address",
            Self::Columns => "columns",
            Self::UnknownStatus => "unknown-status",
            Self::BadAttributes => "bad-attributes",
            Self::BadJson => "bad-json",
            Self::BadDate => "bad-date",
            Self::BadHash => "bad-hash",
            Self::BadLanguage => "bad-language",
            Self::ControlCharacter => "control-character",
            Self::NoConsent => "no-consent",
            Self::Deleted => "deleted",
            Self::Erased => "erased",
        }
    }

    /// Whether the row could not be read. The others were read, and their people did not agree or were erased in the other
    /// system.
    pub fn is_unread(self) -> bool {
        !matches!(self, Self::NoConsent | Self::Deleted | Self::Erased)
    }
}

impl std::fmt::Display for RejectionCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
