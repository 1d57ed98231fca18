//! What the operator knows about a file and the file does not say.

use encoding_rs::Encoding;

use crate::subscriber::Status;

/// Facts about the files of one import.
#[derive(Debug, Clone, Default)]
pub struct ImportOptions {
    /// The name of the format, if it is not recognised by the columns.
    pub format: Option<String>,
    /// The columns of a CSV file of no known system, with their fields.
    pub map: Vec<(String, Field)>,
    /// The status of every row of a file that has no status.
    pub status: Option<Status>,
    /// The encoding, if it is not recognised.
    pub encoding: Option<&'static Encoding>,
    /// The operator knows that the file cannot show who left.
    pub without_opt_outs: bool,
    /// Where and how the people agreed, for files without evidence of consent.
    pub consent_source: Option<String>,
    /// When they agreed.
    pub consent_at: Option<String>,
}

impl ImportOptions {
    /// Whether the operator has said that the file cannot show who left.
    pub(super) fn knows_of_missing_opt_outs(&self) -> bool {
        self.without_opt_outs || self.status.is_some() || self.consent_source.is_some()
    }
}

/// The meaning of a column in `--map COLUMN=FIELD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// The address.
    Email,
    /// The full name.
    Name,
    /// The first name.
    FirstName,
    /// The last name.
    LastName,
    /// The language.
    Language,
    /// Tags, separated by commas or semicolons.
    Tags,
    /// The status, in the words of `subscribers.toml`.
    Status,
    /// When the person agreed.
    ConsentAt,
    /// The IP address from which the person agreed.
    ConsentIp,
    /// An attribute with this name.
    Attribute(String),
}

impl Field {
    /// The names of the fields, as help and errors show them.
    pub const NAMES: [&'static str; 10] = [
        "email",
        "name",
        "first_name",
        "last_name",
        "language",
        "tags",
        "status",
        "consent.at",
        "consent.ip",
        "attr.NAME",
    ];
}

impl std::str::FromStr for Field {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Ok(match word {
            "email" => Self::Email,
            "name" => Self::Name,
            "first_name" => Self::FirstName,
            "last_name" => Self::LastName,
            "language" => Self::Language,
            "tags" => Self::Tags,
            "status" => Self::Status,
            "consent.at" => Self::ConsentAt,
            "consent.ip" => Self::ConsentIp,
            other => match other.strip_prefix("attr.") {
                Some(name) if !name.is_empty() => Self::Attribute(name.to_owned()),
                _ => {
                    return Err(format!(
                        "unknown field `{other}` (expected one of {})",
                        Self::NAMES.join(", ")
                    ));
                }
            },
        })
    }
}
